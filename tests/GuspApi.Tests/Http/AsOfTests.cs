using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Http;

public sealed partial class AsOfTests(Api api) : IClassFixture<Api>
{
    private const int Writers = 6, WritesEach = 350;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string[] Questions =
    [
        "/v1/declarations?include=lines&limit=1000",
        "/v1/declarations?status=DRAFT,SUBMITTED&limit=1000",
        "/v1/holdings?limit=1000",
        "/v1/indicators?from=2020&to=2023&groupBy=landlord,qpv,year&totals=true&limit=1000",
        "/v1/indicators?from=2020&to=2023&groupBy=axis&perimeter=all",
        "/v1/indicators?from=2020&to=2023&groupBy=commune,landlord&limit=1",
        "/v1/indicators?from=2020&to=2023&groupBy=family,qpv&sort=-expensePerDwelling&limit=1",
        "/v1/indicators/sources?from=2020&to=2023&perimeter=all&limit=1000",
        "/v1/reports/department?code=59&from=2020&to=2023",
    ];

    [Fact]
    public async Task Answers_again_what_was_answered_then()
    {
        var landlords = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.Given.Landlord()));
        string[] qpvs = ["QP059911", "QP059912"];
        foreach (var qpv in qpvs)
            await api.Given.Qpv(qpv);
        string[] objects = [.. from siren in landlords from qpv in qpvs from year in Enumerable.Range(
            2020, 4) select $"{siren}/{year}/{qpv}"];
        HttpClient[] callers =
        [
            api.Admin, await api.Key(new { name = "Lecture", scopes = new[] { "read" } }),
            await api.Key(new { name = "Instruction", scopes = new[] { "review" }, departments = new[] { "59" } }),
            await api.Key(new { name = "Bailleur", scopes = new[] { "declare" }, landlords = landlords[..1] }),
        ];
        var elsewhere = api.Instance();
        elsewhere.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;

        var answers = new ConcurrentBag<(int Caller, string Question, long Revision, DateTime After, string Answer)>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers)
            .Select(seed => Write(seed % 2 == 0 ? api.Admin : elsewhere, objects, new Random(seed))));
        var reading = Task.WhenAll(Enumerable.Range(0, 3).Select(async seed =>
        {
            var random = new Random(100 + seed);
            while (!writing.IsCompleted)
            {
                var (caller, question) = (random.Next(callers.Length), random.GetItems(Questions, 1)[0]);
                var (status, body, answer) = await callers[caller].Read(question);
                Assert.Equal(200, status);
                answers.Add((caller, question, Revision(answer), DateTime.UtcNow, Normal(body)));
            }
        }));
        await Task.WhenAll(writing, reading);

        Assert.True(answers.Count > 40, $"only {answers.Count} answers were recorded");
        var instants = await Instants();
        foreach (var (caller, question, revision, _, then) in answers)
        {
            var (_, body, answer) = await callers[caller].Read($"{question}&asOf={revision}");
            Assert.Equal(revision, Revision(answer));
            Assert.Equal(then, Normal(body));
        }
        foreach (var (caller, question, revision, _, then) in answers.Where(answer => answer.Revision > 0).Take(30))
        {
            var (_, body, answer) = await callers[caller].Read($"{question}&asOf={instants[revision]}");
            Assert.Equal((revision, then), (Revision(answer), Normal(body)));
        }
    }

    [Fact]
    public async Task Reads_one_declaration_and_one_holding_of_the_past()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059921"));
        var (holding, declaration) = ($"/v1/holdings/{siren}/2023/{qpv}", $"/v1/declarations/{siren}/2023/{qpv}");
        var before = Revision((await api.Admin.Read("/v1/axes")).Answer);
        var first = Revision((await api.Admin.Replace(holding, new { dwellings = 10, abatement = 100 }, ifNoneMatch: "*")).Answer);
        var second = Revision((await api.Admin.Replace(declaration, Lines(500m), ifNoneMatch: "*")).Answer);
        await api.Admin.Replace(holding, new { dwellings = 20, abatement = 100 }, ifMatch: "*");
        await api.Admin.Replace(declaration, Lines(700m), ifMatch: "*");

        Assert.Equal(404, (await api.Admin.Read($"{holding}?asOf={before}")).Status);
        Assert.Equal(404, (await api.Admin.Read($"{declaration}?asOf={first}")).Status);
        Assert.Equal(10, (int)(await api.Admin.Read($"{holding}?asOf={second}")).Body["dwellings"]!);
        var (_, then, answer) = await api.Admin.Read($"{declaration}?asOf={second}");
        Assert.Equal((500m, 1), ((decimal)then["totals"]!["actual"]!, (int)then["version"]!));
        Assert.Equal("\"v1\"", answer.Headers.ETag!.Tag);
        Assert.Empty(then["allowedActions"]!.AsArray());
    }

    [Theory]
    [InlineData("/v1/indicators?asOf=999999", "AS_OF_FUTURE")]
    [InlineData("/v1/holdings?asOf=2999-01-01T00:00:00Z", "AS_OF_FUTURE")]
    [InlineData("/v1/declarations?asOf=yesterday", "INVALID_PARAMETER")]
    [InlineData("/v1/landlords?asOf=1", "UNKNOWN_PARAMETER")]
    public async Task Refuses_what_is_not_a_past_state(string path, string code)
    {
        var (status, problem, _) = await api.Admin.Read(path);

        Assert.Equal((400, "INVALID_PARAMETERS"), (status, (string?)problem["code"]));
        Assert.Equal((code, "asOf"), ((string?)problem["errors"]![0]!["code"], (string?)problem["errors"]![0]!["parameter"]));
    }

    [Fact]
    public async Task Shows_the_past_to_known_callers_alone()
    {
        Assert.Equal(200, (await api.Anonymous.Read("/v1/indicators")).Status);
        Assert.Equal(401, (await api.Anonymous.Read("/v1/indicators?asOf=0")).Status);
        Assert.Equal(401, (await api.Anonymous.Read("/v1/reports/regional?region=32&asOf=0")).Status);
        Assert.Equal(401, (await api.Anonymous.Read("/v1/indicators/sources")).Status);
    }

    /// <summary>Random writes over few objects; what the state of the moment refuses is refused, and leaves no trace.</summary>
    private static async Task Write(HttpClient client, string[] objects, Random random)
    {
        for (var i = 0; i < WritesEach; i++)
        {
            var key = random.GetItems(objects, 1)[0];
            var declaration = $"/v1/declarations/{key}";
            using var answer = random.Next(10) switch
            {
                0 or 1 => (await client.Replace($"/v1/holdings/{key}?reason=Test",
                    new { dwellings = random.Next(1, 300), abatement = random.Next(90_000) }, ifMatch: "*")).Answer,
                2 => (await client.Replace($"/v1/holdings/{key}", new { dwellings = random.Next(1, 300), abatement = random.Next(90_000) },
                    ifNoneMatch: "*")).Answer,
                3 => (await client.Replace(declaration, Lines(random.Next(9000)), ifNoneMatch: "*")).Answer,
                4 => (await client.Replace(declaration, Lines(random.Next(9000), random.Next(9000)), ifMatch: "*")).Answer,
                5 => await client.PostAsync($"{declaration}/submit", null, Ct),
                6 or 7 => await client.PostAsync($"{declaration}/validate", null, Ct),
                8 => await client.PostAsJsonAsync($"{declaration}/reopen", new { comment = "Encore" }, Ct),
                _ => await client.DeleteAsync(random.Next(2) == 0 ? declaration : $"/v1/holdings/{key}", Ct),
            };
            Assert.True((int)answer.StatusCode < 500, $"{answer.RequestMessage}: {answer.StatusCode}");
        }
    }

    private static object Lines(params decimal[] amounts) => new
    {
        lines = amounts.Select((amount, i) =>
            new { @ref = $"L{i}", axis = i + 1, action = "Action", family = "SPECIFIC", actual = amount, valued = amount }),
    };

    private async Task<Dictionary<long, string>> Instants()
    {
        var instants = new Dictionary<long, string>();
        await using var row = await api.Database.CreateCommand("select revision, at from change_set").ExecuteReaderAsync(Ct);
        while (await row.ReadAsync(Ct))
            instants[row.GetInt64(0)] = row.GetDateTime(1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return instants;
    }

    private static long Revision(HttpResponseMessage answer) =>
        long.Parse(answer.Headers.GetValues("Gusp-Revision").Single(), CultureInfo.InvariantCulture);

    /// <summary>
    /// The answer without what belongs to the moment of asking: the steps allowed now, and paths that tell how it was asked.
    /// </summary>
    private static string Normal(JsonNode body)
    {
        if (body is JsonObject members)
        {
            foreach (var name in new[] { "allowedActions", "links" })
                members.Remove(name);
            foreach (var (_, member) in members)
                Normal(member ?? new JsonObject());
        }
        else if (body is JsonArray items)
        {
            foreach (var item in items)
                Normal(item ?? new JsonObject());
        }
        return AsOf().Replace(body.ToJsonString(), "");
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\\u0026asOf=\d+")]
    private static partial System.Text.RegularExpressions.Regex AsOf();
}
