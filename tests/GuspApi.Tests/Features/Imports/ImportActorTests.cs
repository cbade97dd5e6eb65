using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>In whose name an import writes: whoever sent it or applied its plan, as long as they may.</summary>
public sealed class ImportActorTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static int s_qpv;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_key_sent_is_not_carried_out_once_it_is_revoked_or_has_expired(bool isRevoked)
    {
        var (siren, qpv) = await PlaceAsync();
        var (key, client) = await KeyAsync(siren);
        await ImportAsync(api.Admin, "dataset=declarations", File(siren, qpv, 10));
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand($"select from declaration where landlord_siren = '{siren}' for update", held))
            await hold.ExecuteNonQueryAsync(Ct);
        var sent = await PostAsync(client, "dataset=declarations", Encoding.UTF8.GetBytes(File(siren, qpv, 20)), wait: 0);
        var path = sent.Headers.Location!.ToString();
        await UntilAsync(() => api.Given.Scalar<bool>("select exists (select from pg_locks where not granted)"));

        if (isRevoked)
        {
            Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{key}")).Status);
            Assert.Equal("CANCELLED", (string?)(await ReadAsync(api.Admin, path))["state"]);
        }
        else
            await api.Given.Sql("update api_key set expires_at = now() - interval '1 second' where id = $1", key);
        await transaction.RollbackAsync(Ct);
        await UntilAsync(async () => (await ReadAsync(api.Admin, path))["endedAt"] is not null);

        var import = await ReadAsync(api.Admin, path);
        Assert.Equal("CANCELLED 0/0/0/0", Outcome(import));
        Assert.StartsWith("The key it was sent with", (string?)import["message"]);
        Assert.Equal(isRevoked ? "bootstrap" : "system", (string?)import["cancelledBy"]);
        // Its worker, too, is through with it.
        await UntilAsync(async () => !await api.Given.Scalar<bool>("select exists (select from import where lease_owner is not null)"));
        Assert.Equal(1L, await api.Given.Scalar<long>(
            "select count(*) from declaration_version v join declaration d on d.id = declaration_id where landlord_siren = $1", siren));
    }

    [Fact]
    public async Task What_a_plan_writes_is_recorded_under_whoever_applied_it_and_leads_to_the_import()
    {
        var (siren, qpv) = await PlaceAsync();
        var (key, client) = await KeyAsync(siren);
        client.DefaultRequestHeaders.Add("X-Request-Id", "sent-1");
        var plan = await ImportAsync(client, "dataset=declarations&mode=validate", File(siren, qpv, 10));

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/imports/{plan["id"]}/apply")
        {
            Headers = { { "X-Request-Id", "applied-1" }, { "Prefer", "wait=30" } },
        };
        var applied = JsonNode.Parse(await (await api.Admin.SendAsync(request, Ct)).Content.ReadAsStringAsync(Ct))!;

        Assert.Equal(
            ("DONE", $"key:{key}", "sent-1", "bootstrap", "applied-1"),
            ((string?)applied["state"], (string?)applied["actor"], (string?)applied["requestId"], (string?)applied["appliedBy"],
                (string?)applied["applyRequestId"]));
        Assert.Equal(("bootstrap", "applied-1", $"{siren}/2024/{qpv}"), await WriteOfAsync(plan));
        var version = (await ReadAsync(api.Admin, $"/v1/declarations/{siren}/2024/{qpv}/versions"))["data"]![0]!;
        Assert.Equal(("bootstrap", "applied-1"), ((string?)version["by"], (string?)version["requestId"]));
    }

    [Fact]
    public async Task What_an_import_writes_is_recorded_under_who_sent_it_and_a_cancellation_under_who_asked()
    {
        var (siren, qpv) = await PlaceAsync();
        var (key, client) = await KeyAsync(siren);
        client.DefaultRequestHeaders.Add("X-Request-Id", "sent-2");
        var import = await ImportAsync(client, "dataset=declarations", File(siren, qpv, 10));
        Assert.Equal(($"key:{key}", "sent-2", $"{siren}/2024/{qpv}"), await WriteOfAsync(import));

        var plan = await ImportAsync(client, "dataset=declarations&mode=validate", File(siren, qpv, 20));
        Assert.Equal("bootstrap", (string?)(await api.Admin.Remove($"/v1/imports/{plan["id"]}")).Body["cancelledBy"]);
    }

    private async Task<(string?, string?, string?)> WriteOfAsync(JsonNode import)
    {
        var write = (await ReadAsync(api.Admin, $"/v1/audit?import={import["id"]}"))["data"]!.AsArray().Single()!;
        Assert.Equal((string?)import["id"], (string?)write["import"]);
        return ((string?)write["actor"], (string?)write["requestId"], (string?)write["object"]!["key"]);
    }

    private async Task<(string Siren, string Qpv)> PlaceAsync() =>
        (await api.Given.Landlord(), await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M"));

    private static string File(string siren, string qpv, int amount) => $"{Header}\n{siren};2024;{qpv};a;1;Un;SPECIFIC;{amount}\n";

    private async Task<(string Id, HttpClient Client)> KeyAsync(string siren)
    {
        var made = await api.Admin.PostAsJsonAsync(
            "/v1/keys", new { name = "ETL", scopes = new[] { "declare" }, landlords = new[] { siren } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;
        return ((string)key["id"]!, api.Client((string)key["key"]!));
    }

    [Fact]
    public async Task An_import_that_its_late_holder_has_locked_is_taken_over()
    {
        var (id, holder) = (Guid.NewGuid(), Guid.NewGuid());
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(api.ConnectionString) { ApplicationName = $"gusp-import-{holder:n}", Pooling = false });
        await using var held = await source.OpenConnectionAsync(Ct);
        await using (var lease = new NpgsqlCommand($"select pg_advisory_lock({0x6775_6972}, hashtext('{id}'))", held))
            await lease.ExecuteNonQueryAsync(Ct);
        await api.Given.Sql("""
            insert into import (id, dataset, mode, submit, atomicity, state, actor, idempotency_key, content_type,
              base_revision, received_at,
                lease_owner, lease_until, bytes, rows_read, percent, created, updated, unchanged, rejected, errors, warnings, attempts)
            values ($1, 'declarations', 'apply', false, 'declaration', 'APPLYING', 'bootstrap', 'late', 'text/csv', 0, now(),
                $2, now() + interval '2 seconds', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
            """, id, holder);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using (var final = new NpgsqlCommand($"update import set percent = 100 where id = '{id}'", held))
            await final.ExecuteNonQueryAsync(Ct);

        await UntilAsync(() => api.Given.Scalar<bool>("select state <> 'APPLYING' from import where id = $1", id));

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync(Ct));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; !await condition(); i++)
        {
            Assert.True(i < 200, "It did not come.");
            await Task.Delay(50, Ct);
        }
    }
}
