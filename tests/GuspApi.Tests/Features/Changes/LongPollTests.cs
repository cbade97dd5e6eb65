using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Tests.Features.Imports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace GuspApi.Tests.Features.Changes;

/// <summary><c>wait=</c>: an answer comes when there is something to tell, and nothing is held until then.</summary>
public sealed class LongPollTests(LongPollTests.NarrowApi api, TestServer server) : IClassFixture<LongPollTests.NarrowApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>Three places, so that those who held one while they wait would be found out.</summary>
    public sealed class NarrowApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:Concurrency:Requests", "3")];
    }

    [Fact]
    public async Task Whoever_waits_is_answered_by_the_next_write_also_of_another_instance_and_not_by_those_it_is_not_told_of()
    {
        var (siren, other) = (await api.Given.Landlord(), await api.Given.Landlord());
        var elsewhere = api.Instance();
        elsewhere.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;
        var start = Stopwatch.GetTimestamp();
        var waiting = ImportClient.ReadAsync(api.Admin, await EndAsync($"&landlord={siren}") + "&wait=20");

        await RenameAsync(elsewhere, other);
        await Task.Delay(700, Ct);
        Assert.False(waiting.IsCompleted);
        await RenameAsync(elsewhere, siren);

        var page = await waiting;
        Assert.Equal(siren, (string)Assert.Single(page["data"]!.AsArray())!["object"]!["key"]!);
        Assert.Equal(await api.Given.Scalar<long>("select current_revision()"), (long)page["meta"]!["revision"]!);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.7, 5);
    }

    [Fact]
    public async Task Without_a_write_the_empty_page_comes_when_the_time_is_over_and_at_once_without_wait()
    {
        await api.Given.Landlord();
        var end = await EndAsync();
        var start = Stopwatch.GetTimestamp();

        Assert.Empty((await ImportClient.ReadAsync(api.Admin, end))["data"]!.AsArray());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 0.9);
        var page = await ImportClient.ReadAsync(api.Admin, end + "&wait=1");

        Assert.Empty(page["data"]!.AsArray());
        Assert.Contains("wait=1", (string)page["links"]!["next"]!);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 3);
    }

    [Fact]
    public async Task Those_who_wait_hold_neither_place_nor_connection_and_their_number_is_bounded()
    {
        var siren = await api.Given.Landlord();
        var end = await EndAsync();
        var waiting = Enumerable.Range(0, 20).Select(_ => ImportClient.ReadAsync(api.Admin, end + "&wait=20")).ToList();
        await Task.Delay(700, Ct);

        var (status, problem, answer) = await api.Admin.Read(end + "&wait=20");
        Assert.Equal((429, "TOO_MANY_WAITING", "5"), (status, (string)problem["code"]!, answer.Headers.RetryAfter!.ToString()));
        Assert.Equal(200, (await api.Admin.Read(end)).Status);
        Assert.Equal(200, (await api.Anonymous.Read("/v1/regions")).Status);
        Assert.Equal(0L, await api.Given.Scalar<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"));

        var reader = await KeyAsync();
        var another = reader.Client.GetAsync(end + "&wait=20", Ct);
        await RenameAsync(api.Admin, siren);
        Assert.All(await Task.WhenAll(waiting), page => Assert.Single(page["data"]!.AsArray()));
        Assert.Equal(200, (int)(await another).StatusCode);
    }

    [Fact]
    public async Task A_key_revoked_while_it_waits_sees_nothing_more()
    {
        await api.Given.Landlord();
        var reader = await KeyAsync();
        var waiting = reader.Client.GetAsync(await EndAsync() + "&wait=20", Ct);
        await Task.Delay(400, Ct);

        Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{reader.Id}")).Status);

        using var answer = await waiting;
        Assert.Equal(401, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_database_out_of_reach_ends_the_wait_without_a_fault()
    {
        await using var own = await StartAsync();
        var database = new NpgsqlConnectionStringBuilder(own.ConnectionString).Database;
        await using var server = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(own.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        var waiting = own.Admin.Read(await EndAsync(own.Admin) + "&wait=2");
        await Task.Delay(400, Ct);

        await using (var cut = server.CreateCommand($"alter database {database} allow_connections false"))
            await cut.ExecuteNonQueryAsync(Ct);
        await using (var end = server.CreateCommand($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"))
            await end.ExecuteNonQueryAsync(Ct);

        var (status, page, _) = await waiting;
        Assert.Equal((200, 0), (status, page["data"]!.AsArray().Count));
        Assert.Equal(503, (await own.Admin.Read((string)page["links"]!["next"]!)).Status);
    }

    [Fact]
    public async Task The_end_of_the_program_ends_the_wait()
    {
        await using var own = await StartAsync();
        var waiting = own.Admin.Read(await EndAsync(own.Admin) + "&wait=20");
        await Task.Delay(400, Ct);
        var start = Stopwatch.GetTimestamp();

        own.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        var (status, page, _) = await waiting;
        Assert.Equal((200, 0), (status, page["data"]!.AsArray().Count));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 2);
    }

    private async Task<Api> StartAsync()
    {
        var own = new Api(server);
        await own.InitializeAsync();
        return own;
    }

    private Task<string> EndAsync(string filters = "") => EndAsync(api.Admin, filters);

    private static async Task<string> EndAsync(HttpClient client, string filters = "") =>
        (string)(await ImportClient.ReadAsync(client, "/v1/changes?limit=1000" + filters))["links"]!["next"]!;

    private static async Task RenameAsync(HttpClient client, string siren)
    {
        using var answer = await client.PutAsJsonAsync(
            $"/v1/landlords/{siren}", new { name = $"Nom {Guid.NewGuid()}", family = "OPH" }, Ct);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private async Task<(HttpClient Client, string Id)> KeyAsync()
    {
        using var made = await api.Admin.PostAsJsonAsync("/v1/keys", new { name = "Lecture", scopes = new[] { "read" } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;
        return (api.Client((string)key["key"]!), (string)key["id"]!);
    }
}
