using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Clients that stop, that repeat themselves, that write the same declarations at once, and that read meanwhile.</summary>
public sealed class ImportRaceFaultTests(Api api) : IClassFixture<Api>
{
    private static int s_qpv = 100;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_stops_half_way_leaves_nothing_and_frees_its_key(bool isReset)
    {
        var (siren, qpvs) = await PlacesAsync(3);
        var sample = ImportSample.Of($"half {isReset}", siren, qpvs, lines: 5);
        using (var socket = new TcpClient())
        {
            await StartUploadAsync(socket, sample);
            var (status, text, answer) = await sample.SendAsync(api.Admin, TimeSpan.Zero, Cancelled);
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Equal("IDEMPOTENCY_KEY_IN_USE", (string?)JsonNode.Parse(text)!["code"]);
            Assert.NotNull(answer.Headers.RetryAfter);
            socket.LingerState = new(isReset, 0);
        }

        await WaitAsync(async () => !await IsReceivingAsync(), TimeSpan.FromSeconds(3), "The key was not freed.");
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from import where idempotency_key = $1", sample.Key));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from import_chunk where import_id not in (select id from import)"));
        var import = await ImportAsync(sample);
        Assert.Equal("DONE 3/0/0/0", Outcome(import));
    }

    [Fact]
    public async Task One_key_posted_ten_times_at_once_is_one_import()
    {
        var (siren, qpvs) = await PlacesAsync(3);
        var sample = ImportSample.Of("ten", siren, qpvs, lines: 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            var refusals = 0;
            while (true)
            {
                var (status, text, answer) = await sample.SendAsync(api.Admin, TimeSpan.FromMilliseconds(40), Cancelled);
                if (status is HttpStatusCode.OK or HttpStatusCode.Accepted)
                    return (Id: (string)JsonNode.Parse(text)!["id"]!,
                        Replayed: answer.Headers.Contains("Idempotent-Replayed"), Refusals: refusals);
                Assert.Equal((HttpStatusCode.Conflict, "IDEMPOTENCY_KEY_IN_USE"), (status, (string?)JsonNode.Parse(text)!["code"]));
                Assert.NotNull(answer.Headers.RetryAfter);
                refusals++;
                await Task.Delay(20, Cancelled);
            }
        }));

        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        Assert.Single(answers, answer => !answer.Replayed);
        Assert.Contains(answers, answer => answer.Refusals > 0);
        Assert.Equal("DONE 3/0/0/0", Outcome(await ImportAsync(sample)));
        Assert.Equal(1L, await api.Given.Scalar<long>("select count(*) from import where idempotency_key = $1", sample.Key));
        Assert.Equal(3L, await VersionsAsync(siren));
    }

    [Fact]
    public async Task A_file_of_holdings_waits_for_the_validation_that_locks_them()
    {
        var (siren, qpvs) = await PlacesAsync(1);
        var qpv = ImportSample.QpvOf(qpvs[0]);
        await api.Given.Holding(siren, 2024, qpv, dwellings: 100);
        await api.Given.Declaration(siren, 2024, qpv, "SUBMITTED", 100m);
        await using var other = await api.Database.OpenConnectionAsync(Cancelled);
        await using var validation = await other.BeginTransactionAsync(Cancelled);
        await using (var validate = other.CreateCommand())
        {
            validate.CommandText = $"""
                update declaration set status = 'VALIDATED', action = 'VALIDATED', version = 2,
                    validated_version = 2, validated_lines_version = lines_version
                where landlord_siren = '{siren}'
                """;
            await validate.ExecuteNonQueryAsync(Cancelled);
        }

        var import = ImportClient.ImportAsync(
            api.Admin, "dataset=holdings", $"landlord_siren;year;qpv_code;dwellings;abatement\n{siren};2024;{qpv};120;1\n");
        await Task.Delay(1000, Cancelled);
        await validation.CommitAsync(Cancelled);

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(await import));
        Assert.Equal("HOLDING_LOCKED", (string?)(await ErrorsAsync(api.Admin, await import)).Single()["code"]);
        Assert.Equal(100, await api.Given.Scalar<int>("select dwellings from holding where landlord_siren = $1", siren));
    }

    [Fact]
    public async Task Two_imports_in_crossed_orders_both_end()
    {
        var (first, qpvs) = await PlacesAsync(20);
        var second = await api.Given.Landlord();
        for (var round = 1; round <= 15; round++)
        {
            var forth = Both(first, second, qpvs, 2 * round);
            var back = Both(second, first, [.. qpvs.Reverse()], 2 * round + 1);
            var imports = await Task.WhenAll(ImportClient.ImportAsync(api.Admin, "dataset=declarations", forth),
                ImportClient.ImportAsync(api.Admin, "dataset=declarations", back));

            // Both files name the same declarations: whoever comes first creates, the other replaces.
            Assert.All(imports, import => Assert.Equal("DONE", (string?)import["state"]));
            Assert.Equal(80, imports.Sum(import => (int)import["outcome"]!["created"]! + (int)import["outcome"]!["updated"]!));
            Assert.Equal(1L, await api.Given.Scalar<long>("""
                select count(distinct actual) from declaration d
                  join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
                where landlord_siren in ($1, $2)
                """, first, second));
        }
        foreach (var siren in new[] { first, second })
        {
            Assert.Equal(20L * 30, await VersionsAsync(siren));
            await AssertNoGapsAsync(siren);
        }
    }

    [Fact]
    public async Task An_import_and_PUTs_of_the_same_declarations_leave_one_writer_s_whole()
    {
        var (siren, qpvs) = await PlacesAsync(12);
        var amount = 1000;
        using var ended = new CancellationTokenSource();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = writer; !ended.IsCancellationRequested; i++)
            {
                var path = $"/v1/declarations/{siren}/2024/{ImportSample.QpvOf(qpvs[i % qpvs.Length])}";
                var (status, body) = await PutAsync(path, isNew: i % 3 == 0, Interlocked.Increment(ref amount));
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                Assert.True(status is 200 or 201 or 409 or 412, $"{status} {body}");
            }
        }, Cancelled)).ToList();

        for (var i = 1; i <= 12; i++)
            Assert.Equal("DONE", (string?)(await ImportAsync(
                ImportSample.Of($"put {i}", siren, i % 2 == 0 ? qpvs : qpvs.Reverse(), lines: 5, amount: i)))["state"]);
        await ended.CancelAsync();
        await Task.WhenAll(writers);

        Assert.True(statuses.GetValueOrDefault(200) > 10, string.Join(' ', statuses));
        Assert.Equal(0L, await api.Given.Scalar<long>("""
            select count(*) from (
                select from declaration d join expense_line l on l.declaration_id = d.id where landlord_siren = $1
                group by d.id, l.version having count(distinct actual) > 1 or count(*) <> 5) mixed
            """, siren));
        await AssertNoGapsAsync(siren);
    }

    [Fact]
    public async Task Readers_see_all_of_an_import_or_nothing()
    {
        var (siren, qpvs) = await PlacesAsync(100);
        var sample = ImportSample.Of("read", siren, qpvs, lines: 40);
        var import = ImportAsync(sample);

        var seen = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var totals = new List<long>();
            do
                totals.Add((long)(await ReadAsync(api.Admin, $"/v1/declarations?landlord={siren}&limit=1"))["meta"]!["total"]!);
            while (totals[^1] == 0);
            return totals;
        }));

        Assert.Equal("DONE 100/0/0/0", Outcome(await import));
        Assert.All(seen, totals => Assert.Equal(100, totals[^1]));
        Assert.All(seen, totals => Assert.Equal(0, totals[0]));
    }

    private async Task<(string Siren, int[] Qpvs)> PlacesAsync(int count)
    {
        var siren = await api.Given.Landlord();
        var last = Interlocked.Add(ref s_qpv, count);
        var numbers = Enumerable.Range(last - count, count).ToArray();
        foreach (var number in numbers)
            await api.Given.Qpv(ImportSample.QpvOf(number));
        return (siren, numbers);
    }

    private static byte[] Both(string first, string second, int[] qpvs, int amount)
    {
        var rest = ImportSample.Of("", second, qpvs, lines: 3, amount).Body;
        return [.. ImportSample.Of("", first, qpvs, lines: 3, amount).Body, .. rest[(Array.IndexOf(rest, (byte)'\n') + 1)..]];
    }

    /// <summary>Follows a sample to its end.</summary>
    private async Task<JsonNode> ImportAsync(ImportSample sample)
    {
        var answer = await PostAsync(api.Admin, "dataset=declarations", sample.Body, key: sample.Key);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<(int Status, string Body)> PutAsync(string path, bool isNew, int amount)
    {
        var lines = Enumerable.Range(1, 5)
            .Select(no => new { @ref = $"L{no}", axis = 1, action = $"Action {no}", family = "SPECIFIC", actual = amount });
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(new { lines }) };
        request.Headers.TryAddWithoutValidation(isNew ? "If-None-Match" : "If-Match", "*");
        using var answer = await api.Admin.SendAsync(request, Cancelled);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private Task<long> VersionsAsync(string siren) => api.Given.Scalar<long>(
        "select count(*) from declaration_version v join declaration d on d.id = v.declaration_id where landlord_siren = $1", siren);

    /// <summary>Versions, and the changes that tell of them, count from 1 without a gap; so do revisions.</summary>
    private async Task AssertNoGapsAsync(string siren)
    {
        Assert.Equal(0L, await api.Given.Scalar<long>("""
            select count(*) from declaration d
            where landlord_siren = $1
              and (version <> (select count(*) from declaration_version v where v.declaration_id = d.id)
                or version <> (select count(*) from change
                  where object_type = 'declaration' and object_key = concat_ws('/', landlord_siren, year, qpv_code)))
            """, siren));
        Assert.True(await api.Given.Scalar<bool>(
            "select count(revision) = count(*) and max(revision) - min(revision) + 1 = count(*) from change_set"));
    }

    /// <summary>Sends the header and half of the body, and waits until the API has them.</summary>
    private async Task StartUploadAsync(TcpClient socket, ImportSample sample)
    {
        var address = api.Admin.BaseAddress!;
        await socket.ConnectAsync(address.Host, address.Port, Cancelled);
        var header = $"POST /v1/imports?dataset=declarations HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: "
            + $"Bearer {Api.BootstrapKey}\r\n"
            + $"Idempotency-Key: {sample.Key}\r\nContent-Type: text/csv\r\nContent-Length: {sample.Body.Length}\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(header), Cancelled);
        await socket.GetStream().WriteAsync(sample.Body.AsMemory(0, sample.Body.Length / 2), Cancelled);
        await WaitAsync(IsReceivingAsync, TimeSpan.FromSeconds(5), "The upload did not begin.");
    }

    private Task<bool> IsReceivingAsync() => api.Given.Scalar<bool>("""
        select exists (
          select from pg_locks
          where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
            and (classid::bigint << 32) + objid::bigint <> 7164728137003)
        """);

    private static async Task WaitAsync(Func<Task<bool>> until, TimeSpan atMost, string otherwise)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await until())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < atMost, otherwise);
            await Task.Delay(10, Cancelled);
        }
    }
}
