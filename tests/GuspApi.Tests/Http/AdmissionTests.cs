using System.Text.Json.Nodes;
using Npgsql;

namespace GuspApi.Tests.Http;

/// <summary>More at once than there are places for, and queries that take too long.</summary>
public sealed class AdmissionTests(AdmissionTests.NarrowApi api) : IClassFixture<AdmissionTests.NarrowApi>
{
    private const string Expensive = "/v1/indicators?from=2015&to=2024";

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class NarrowApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("Gusp:Concurrency:Expensive", "1"), ("Gusp:Timeouts:Statement", "2"), ("Gusp:Timeouts:Lock", "1")];
    }

    [Fact]
    public async Task The_queue_overflows_into_503_while_the_rest_is_served()
    {
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        // Indicators wait here, one at work and eight in the queue.
        await using (var hold = new NpgsqlCommand("lock table counted_figure, summed_figure in access exclusive mode", held))
            await hold.ExecuteNonQueryAsync(Ct);

        var asked = Enumerable.Range(1, 15).Select(limit => api.Anonymous.GetAsync($"{Expensive}&limit={limit}", Ct)).ToList();
        var refused = new List<HttpResponseMessage>();
        while (refused.Count < 6)
        {
            var done = await Task.WhenAny(asked);
            asked.Remove(done);
            refused.Add(await done);
        }

        var problem = JsonNode.Parse(await refused[0].Content.ReadAsStringAsync(Ct))!;
        Assert.All(refused, answer => Assert.Equal((503, "2"), ((int)answer.StatusCode, answer.Headers.RetryAfter!.ToString())));
        Assert.Equal("BUSY", (string)problem["code"]!);
        Assert.Equal(200, (int)(await api.Anonymous.GetAsync("/v1/regions", Ct)).StatusCode);

        await transaction.RollbackAsync(Ct);
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task A_write_that_another_holds_up_is_refused_with_a_time_to_try_again()
    {
        var siren = await api.Given.Landlord("Avant");
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand($"select from landlord where siren = '{siren}' for update", held))
            await hold.ExecuteNonQueryAsync(Ct);

        var (status, problem, answer) = await api.Admin.Replace($"/v1/landlords/{siren}", new { name = "Après", family = "OPH" });

        Assert.Equal((503, "HELD", "5"), (status, (string)problem["code"]!, answer.Headers.RetryAfter!.ToString()));
        await transaction.RollbackAsync(Ct);
        Assert.Equal("Avant", await api.Given.Scalar<string>("select name from landlord where siren = $1", siren));
        Assert.Equal(200, (await api.Admin.Replace($"/v1/landlords/{siren}", new { name = "Après", family = "OPH" })).Status);
    }

    [Fact]
    public async Task A_key_is_revoked_though_an_import_of_it_cannot_be_cancelled_yet()
    {
        using var key = await api.Key(
            new { name = "Perdue", scopes = new[] { "declare" }, landlords = new[] { await api.Given.Landlord() } });
        var id = ((string)(await key.Read("/v1/me")).Body["id"]!)["key:".Length..];
        var import = Guid.NewGuid();
        await api.Given.Sql("""
            insert into import (id, dataset, mode, submit, atomicity, state, actor, idempotency_key, content_type,
              base_revision, received_at,
                retry_at, bytes, rows_read, percent, created, updated, unchanged, rejected, errors, warnings, attempts)
            values ($1, 'declarations', 'apply', false, 'declaration', 'APPLYING', 'key:' || $2, 'x', '', 0, now(),
                now() + interval '1 day', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            """, import, id);
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        // As its worker does while it commits.
        await using (var hold = new NpgsqlCommand($"select from import where id = '{import}' for update", held))
            await hold.ExecuteNonQueryAsync(Ct);

        var (status, problem, _) = await api.Admin.Remove($"/v1/keys/{id}");

        Assert.Equal((503, "HELD"), (status, (string)problem["code"]!));
        Assert.StartsWith("The key is revoked", (string)problem["detail"]!);
        Assert.Equal(401, (await key.Read("/v1/me")).Status);
        await transaction.RollbackAsync(Ct);
        Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{id}")).Status);
        Assert.Equal("CANCELLED", (string?)(await api.Admin.Read($"/v1/imports/{import}")).Body["state"]);
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_ended_by_the_database_and_is_no_fault()
    {
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand("lock table region in access exclusive mode", held))
            await hold.ExecuteNonQueryAsync(Ct);

        // Asked nowhere else: a kept answer would be told at once.
        var answer = await api.Anonymous.GetAsync("/v1/regions?q=held", Ct);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((503, "TOOK_TOO_LONG", "10"),
            ((int)answer.StatusCode, (string)problem["code"]!, answer.Headers.RetryAfter!.ToString()));
        Assert.Equal("0", await api.Given.Scalar<string>("show statement_timeout"));
    }
}
