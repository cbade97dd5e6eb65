using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests.Http;

public sealed class CachingTests(CachingTests.ClockApi api) : IClassFixture<CachingTests.ClockApi>
{
    private const string Question = "/v1/indicators?groupBy=department";

    [Fact]
    public async Task Instances_give_the_same_tag_until_something_is_written_anywhere()
    {
        var other = api.Instance();
        var (_, _, first) = await api.Anonymous.Read(Question);
        var tag = first.Headers.ETag!.ToString();

        Assert.Equal(tag, (await other.Read(Question)).Answer.Headers.ETag!.ToString());
        Assert.Equal(304, (await other.Read(Question, ifNoneMatch: tag)).Status);
        Assert.Equal("Accept, Accept-Encoding, Accept-Language, Authorization", string.Join(", ", first.Headers.Vary));

        await api.Admin.Replace($"/v1/landlords/{await api.Given.Landlord()}", new { name = "Nouveau nom", family = "ESH" });
        Assert.Equal(200, (await api.Anonymous.Read(Question, ifNoneMatch: tag)).Status);
        Assert.Equal(200, (await other.Read(Question, ifNoneMatch: tag)).Status);
    }

    [Fact]
    public async Task A_tag_is_of_one_caller_s_rights_one_question_one_language_and_one_format()
    {
        var tags = new List<string>();
        foreach (var (client, path, accept, language) in new[]
        {
            (api.Anonymous, Question, "application/json", "en"), (api.Anonymous, Question, "application/json", "fr"),
                (api.Anonymous, Question, "text/csv", "en"),
            (api.Anonymous, Question + "&totals=true", "application/json", "en"), (api.Admin, Question, "application/json", "en"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
            request.Headers.AcceptLanguage.Add(StringWithQualityHeaderValue.Parse(language));
            tags.Add((await client.SendAsync(request, TestContext.Current.CancellationToken)).Headers.ETag!.ToString());
        }

        Assert.Equal(tags, tags.Distinct());
    }

    [Fact]
    public async Task What_is_not_modified_reads_no_figure()
    {
        var (_, _, first) = await api.Anonymous.Read(Question);
        await using var locked = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await locked.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand("lock table counted_figure, summed_figure, declaration, holding, expense_line, "
            + "qpv, landlord in access exclusive mode", locked);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal(304, (await api.Anonymous.Read(Question, ifNoneMatch: first.Headers.ETag!.ToString())).Status);
    }

    [Theory]
    [InlineData("/v1/indicators?from=2019&to=2020&groupBy=year,department&totals=true&limit=1")]
    [InlineData("/v1/landlords?limit=2")]
    [InlineData("/v1/qpvs?limit=1")]
    [InlineData("/v1/departments/59")]
    public async Task What_was_asked_is_answered_again_without_reading_a_row_the_same_to_the_byte(string question)
    {
        var first = await api.Anonymous.GetAsync(question, TestContext.Current.CancellationToken);
        await using var locked = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await locked.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand(
            "lock table counted_figure, summed_figure, qpv, landlord, department in access exclusive mode", locked);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var again = await api.Anonymous.GetAsync(question, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)again.StatusCode);
        Assert.Equal(
            await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        foreach (var name in new[] { "ETag", "Gusp-Revision", "Vary", "Content-Security-Policy", "X-Content-Type-Options" })
            Assert.Equal(first.Headers.GetValues(name), again.Headers.GetValues(name));
        Assert.NotEqual(first.Headers.GetValues("X-Request-Id"), again.Headers.GetValues("X-Request-Id"));
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
    }

    [Theory]
    [InlineData("groupBy=year,department", "groupBy=year&groupBy=department")]
    [InlineData("from=2019&to=2020", "from=2019%26to%3D2020")]
    [InlineData("from=2019&to=2021", "?from=2019&to=2021")]
    public async Task What_reads_like_a_question_that_was_answered_is_refused_all_the_same(string asked, string wrong)
    {
        var (status, _, answer) = await api.Anonymous.Read("/v1/indicators?" + asked);
        Assert.Equal(200, status);

        Assert.Equal(400, (await api.Anonymous.Read("/v1/indicators?" + wrong)).Status);
        Assert.Equal(400, (await api.Anonymous.Read("/v1/indicators?" + wrong, ifNoneMatch: answer.Headers.ETag!.ToString())).Status);
        Assert.Equal(400, (await api.Anonymous.Read("/v1/indicators?" + wrong, ifNoneMatch: "*")).Status);
    }

    [Fact]
    public async Task What_all_ask_at_once_is_computed_once()
    {
        const string question = "/v1/indicators?from=2018&to=2020&groupBy=qpv,year&limit=3";
        await using var locked = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await locked.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new Npgsql.NpgsqlCommand("lock table counted_figure, summed_figure in access exclusive mode", locked);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var answers = Enumerable.Range(0, 8)
            .Select(_ => api.Anonymous.GetStringAsync(question, TestContext.Current.CancellationToken)).ToList();
        const string waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = "
            + "'Lock' and query like 'with %'";
        while (await api.Given.Scalar<long>(waiting) == 0)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(1, await api.Given.Scalar<long>(waiting));
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.Single((await Task.WhenAll(answers)).Distinct());
    }

    [Fact]
    public async Task Answers_are_never_older_than_the_last_commit_on_any_instance()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059971"));
        var other = api.Instance();
        other.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;
        const string question = "/v1/indicators?from=2021&to=2021&measures=dwellingYears&perimeter=all&department=59";
        HttpClient[] instances = [api.Admin, other];
        var written = 0L;
        using var stop = new CancellationTokenSource();

        var writing = ((Func<Task>)(async () =>
        {
            for (var dwellings = 1; dwellings <= 120; dwellings++)
            {
                var (status, _, answer) = await instances[dwellings % 2].Replace(
                    $"/v1/holdings/{siren}/2021/{qpv}", new { dwellings, abatement = 0 }, dwellings == 1 ? null : "*",
                    dwellings == 1 ? "*" : null);
                Assert.True(status is 200 or 201);
                Interlocked.Exchange(ref written, dwellings);
            }
            await stop.CancelAsync();
        }))();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async reader =>
        {
            while (!stop.IsCancellationRequested)
            {
                var least = Interlocked.Read(ref written);
                var (_, body, _) = await instances[reader % 2].Read(question);
                Assert.True((long)body["data"]![0]!["dwellingYears"]! >= least);
            }
        }));
        await writing;

        Assert.Equal(120, (long)(await other.Read(question)).Body["data"]![0]!["dwellingYears"]!);
    }

    /// <summary>Writes as short as can be, by SQL, with pauses in which the present revision may be relied upon.</summary>
    [Fact]
    public async Task What_one_instance_has_shown_no_other_takes_back()
    {
        var siren = await api.Given.Landlord();
        HttpClient[] instances = [api.Anonymous, api.Instance()];
        var newest = 0L;
        using var stop = new CancellationTokenSource();

        var writing = ((Func<Task>)(async () =>
        {
            try
            {
                for (var name = 1; name <= 300; name++)
                {
                    await Task.Delay(name % 10, TestContext.Current.CancellationToken);
                    await api.Given.Sql($"update landlord set name = '{name}', version = version + 1 where siren = $1", siren);
                    Show(name);
                }
            }
            finally
            {
                await stop.CancelAsync();
            }
        }))();
        var reads = await Task.WhenAll(Enumerable.Range(0, 4).Select(async reader =>
        {
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                var least = Interlocked.Read(ref newest);
                var (status, body, _) = await instances[(reader + count) % 2].Read($"/v1/landlords/{siren}");
                Assert.Equal(200, status);
                var read = long.TryParse((string?)body["name"], out var name) ? name : 0;
                Assert.True(read >= least, $"{read} after {least}, read {count} of reader {reader}");
                Show(read);
            }
            return count;
        }));
        await writing;

        Assert.All(reads, count => Assert.True(count > 0));
        Assert.Equal(300, newest);

        void Show(long name)
        {
            for (var last = Interlocked.Read(ref newest); last < name && Interlocked.CompareExchange(ref newest, name, last) != last;)
                last = Interlocked.Read(ref newest);
        }
    }

    [Fact]
    public async Task The_last_complete_year_changes_with_the_year()
    {
        var (_, _, first) = await api.Anonymous.Read(Question);
        api.Clock.Now = api.Clock.Now.AddYears(1);

        Assert.Equal(200, (await api.Anonymous.Read(Question, ifNoneMatch: first.Headers.ETag!.ToString())).Status);
    }

    public sealed class ClockApi(TestServer server) : Api(server)
    {
        internal TestClock Clock { get; } = new();

        protected override void Configure(IWebHostBuilder host) =>
            host.ConfigureServices(services => services.AddSingleton<TimeProvider>(Clock));
    }

    internal sealed class TestClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2025, 12, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
