using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Tests.Features.Imports;
using Npgsql;

namespace GuspApi.Tests.Http;

/// <summary>Who sends or fetches slowly, or waits, takes nothing from the others.</summary>
public sealed class SlowSenderTests(SlowSenderTests.NarrowApi api) : IClassFixture<SlowSenderTests.NarrowApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class NarrowApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:Concurrency:Requests", "4")];
    }

    [Theory]
    [InlineData("PUT /v1/declarations/{0}/2023/QP059001", "{\"lines\": [")]
    [InlineData("POST /v1/declarations/{0}/2023/QP059001/submit", "{\"comment\": \"")]
    [InlineData("PUT /v1/holdings/{0}/2023/QP059001", "{\"dwellings\": ")]
    public async Task Bodies_that_trickle_keep_nobody_out_and_are_refused(string request, string start)
    {
        var siren = await api.Given.Landlord();
        var senders = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ =>
            SendAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, siren), "application/json", start)));

        Assert.Equal(200, await StatusAsync("/v1/regions"));

        Assert.StartsWith("HTTP/1.1 408", await FirstAsync(senders));
        Array.ForEach(senders, sender => sender.Dispose());
    }

    [Fact]
    public async Task Uploads_at_once_are_few_for_one_caller_and_for_all()
    {
        var (_, key) = await DeclarerAsync();
        var own = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => UploadAsync(key)));
        Assert.Contains("TOO_MANY_TRANSFERS", await FirstAsync(own));

        var others = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => UploadAsync(Api.BootstrapKey)));
        var refused = await FirstAsync(others);
        Assert.Contains("\"BUSY\"", refused);
        Assert.Contains("Retry-After: ", refused);

        Assert.Equal(200, await StatusAsync("/v1/regions"));
        foreach (var sender in own.Concat(others))
            sender.Dispose();
    }

    [Fact]
    public async Task Files_fetched_at_once_are_few()
    {
        var (siren, key) = await DeclarerAsync();
        using var client = api.Client(key);
        var import = await ImportClient.ImportAsync(
            client, "dataset=holdings", $"landlord_siren;qpv_code;year;dwellings;abatement\n{siren};QP059001;2023;-1;0\n");
        await using var held = await HoldAsync("import_error in access exclusive mode");

        var asked = Enumerable.Range(0, 5)
            .Select(_ => client.GetAsync($"/v1/imports/{import["id"]}/errors?format=csv", HttpCompletionOption.ResponseHeadersRead, Ct))
            .ToList();
        var refused = await await Task.WhenAny(asked);

        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((429, "TOO_MANY_TRANSFERS", "2"),
            ((int)refused.StatusCode, (string)problem["code"]!, refused.Headers.RetryAfter!.ToString()));
        await held.DisposeAsync();
        Assert.Equal(4, (await Task.WhenAll(asked)).Count(answer => answer.IsSuccessStatusCode));
        await Eventually(async () => Assert.Equal(
            200, (int)(await client.GetAsync($"/v1/imports/{import["id"]}/errors?format=csv", Ct)).StatusCode));
    }

    [Fact]
    public async Task Who_waits_for_an_import_takes_no_place_and_where_too_many_wait_the_rest_is_answered_at_once()
    {
        var siren = await api.Given.Landlord();
        // The senders of another test may not have been let go yet.
        while ((await PostAsync(api.Admin, siren)).Status == 503)
            await Task.Delay(50, Ct);
        var import = await ImportClient.ImportAsync(
            api.Admin, "dataset=landlords&mode=validate", $"siren;name;family\n{siren};Nouveau;OPH\n");
        await using var held = await HoldAsync("landlord in exclusive mode");

        var asked = new List<Task<HttpResponseMessage>>();
        for (var turn = 0; turn < 40; turn++)
        {
            asked.Add(ApplyAsync(import));
            await Task.Delay(30, Ct);
        }
        for (var answered = 0; answered < 8; answered++)
        {
            var done = await Task.WhenAny(asked);
            asked.Remove(done);
            Assert.Equal(202, (int)(await done.WaitAsync(TimeSpan.FromSeconds(20), Ct)).StatusCode);
        }

        Assert.Equal(200, await StatusAsync("/v1/regions"));
        await held.DisposeAsync();
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task Imports_that_have_not_ended_and_bytes_that_are_kept_are_bounded_for_each_author()
    {
        var (siren, key) = await DeclarerAsync();
        using var client = api.Client(key);
        var actor = (string)(await client.Read("/v1/me")).Body["id"]!;

        await KeepAsync("DONE", 20_000_000_000, 1);
        Assert.Equal((429, "TOO_MANY_BYTES", "3600"), await PostAsync(client, siren));
        await api.Given.Sql("update import set bytes = 10 where actor = $1", actor);
        await KeepAsync("RECEIVED", 10, 20);
        Assert.Equal((429, "TOO_MANY_IMPORTS", "10"), await PostAsync(client, siren));
        Assert.Equal(202, (await PostAsync(api.Admin, siren)).Status);
        await api.Given.Sql("update import set state = 'DONE' where actor = $1", actor);
        Assert.Equal(202, (await PostAsync(client, siren)).Status);

        // To be tried again in an hour: the worker leaves them.
        Task KeepAsync(string state, long bytes, int count) => api.Given.Sql("""
            insert into import (id, dataset, mode, submit, atomicity, state, actor, landlords, base_revision, received_at,
              bytes, rows_read, percent,
                created, updated, unchanged, rejected, errors, warnings, attempts, retry_at)
            select gen_random_uuid(), 'holdings', 'apply', false, 'declaration', $1, $2, '{}', 0, now(), $3, 0, 0,
                0, 0, 0, 0, 0, 0, 0, now() + interval '1 hour'
            from generate_series(1, $4)
            """, state, actor, bytes, count);
    }

    private static async Task<(int Status, string? Code, string? RetryAfter)> PostAsync(HttpClient client, string siren)
    {
        var body = Encoding.UTF8.GetBytes($"landlord_siren;qpv_code;year;dwellings;abatement\n{siren};QP059001;2023;1;0\n");
        var answer = await ImportClient.PostAsync(client, "dataset=holdings", body, wait: 0);
        var text = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        return ((int)answer.StatusCode, (string?)text["code"], answer.Headers.RetryAfter?.ToString());
    }

    private Task<HttpResponseMessage> ApplyAsync(JsonNode import)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/imports/{import["id"]}/apply");
        request.Headers.Add("Prefer", "wait=30");
        return api.Admin.SendAsync(request, Ct);
    }

    private async Task<(string Siren, string Key)> DeclarerAsync()
    {
        var siren = await api.Given.Landlord();
        using var body = new StringContent(
            $$"""{ "name": "Lent", "scopes": ["declare"], "landlords": ["{{siren}}"] }""", Encoding.UTF8, "application/json");
        var made = await api.Admin.PostAsync("/v1/keys", body, Ct);
        return (siren, (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!["key"]!);
    }

    /// <summary>Far below the ten seconds that a slow sender is given.</summary>
    private async Task<int> StatusAsync(string path) =>
        (int)(await api.Anonymous.GetAsync(path, Ct).WaitAsync(TimeSpan.FromSeconds(6), Ct)).StatusCode;

    private async Task<NpgsqlConnection> HoldAsync(string table)
    {
        var held = await api.Database.OpenConnectionAsync(Ct);
        await using var hold = new NpgsqlCommand($"begin; lock table {table}", held);
        await hold.ExecuteNonQueryAsync(Ct);
        return held;
    }

    private static async Task Eventually(Func<Task> check)
    {
        for (var turn = 0; turn < 50; turn++)
            try
            {
                await check();
                return;
            }
            catch (Xunit.Sdk.XunitException)
            {
                await Task.Delay(100, Ct);
            }
        await check();
    }

    private Task<TcpClient> UploadAsync(string key) => SendAsync("POST /v1/imports?dataset=holdings", "text/csv", "siren", key);

    /// <summary>A request whose body begins, and does not go on.</summary>
    private async Task<TcpClient> SendAsync(string request, string type, string start, string key = Api.BootstrapKey)
    {
        var sender = new TcpClient();
        await sender.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port, Ct);
        var text = $"{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nIf-None-Match: "
            + $"*\r\nIdempotency-Key: {Guid.NewGuid()}\r\n"
            + $"Content-Type: {type}\r\nContent-Length: 100000\r\n\r\n{start}";
        await sender.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        return sender;
    }

    /// <summary>What the first of them to be answered is told.</summary>
    private static async Task<string> FirstAsync(TcpClient[] senders)
    {
        return await await Task.WhenAny(senders.Select(async sender =>
        {
            var buffer = new byte[16 * 1024];
            var read = 0;
            while (!Encoding.UTF8.GetString(buffer, 0, read).Contains("requestId", StringComparison.Ordinal)
                && await sender.GetStream().ReadAsync(buffer.AsMemory(read), Ct) is > 0 and var more)
                read += more;
            return Encoding.UTF8.GetString(buffer, 0, read);
        }));
    }
}
