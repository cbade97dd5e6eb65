using GuspApi.Auth;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace GuspApi.Http;

/// <summary>
/// One accepted write: a transaction that knows who writes, for which request, and what was said of it. At commit the database gives it
/// its revision, which the answer tells. Disposed without commit, nothing is kept. It waits for no lock and works at no statement longer
/// than is set: what it holds meanwhile, others wait for.
/// </summary>
internal sealed class Write : IAsyncDisposable
{
    private readonly GuspDb db;
    private readonly HttpContext http;
    private readonly IDbContextTransaction transaction;

    private Write(GuspDb db, HttpContext http, IDbContextTransaction transaction) =>
        (this.db, this.http, this.transaction) = (db, http, transaction);

    public NpgsqlConnection Connection => (NpgsqlConnection)db.Database.GetDbConnection();

    public static async Task<Write> BeginAsync(HttpContext http, GuspDb db, CancellationToken ct, string? comment = null)
    {
        var transaction = await db.Database.BeginTransactionAsync(ct);
        var write = new Write(db, http, transaction);
        var limits = http.RequestServices.GetRequiredService<Limits>();
        await using var command = new NpgsqlCommand("""
            select set_config('gusp.actor', $1, true), set_config('gusp.request_id', $2, true), set_config('gusp.comment', $5, true),
                set_config('statement_timeout', $3, true), set_config('lock_timeout', $4, true)
            """, write.Connection)
        {
            Parameters =
            {
                new() { Value = Caller.From(http.User).Name }, new() { Value = http.TraceIdentifier },
                new() { Value = limits.WriteSeconds + "s" }, new() { Value = limits.LockSeconds + "s" },
                new() { Value = comment ?? "" },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
        return write;
    }

    /// <summary>Keeps everything and returns the revision: the write's own, or the current one when nothing changed.</summary>
    public async Task<long> CommitAsync(CancellationToken ct)
    {
        await using var mark = new NpgsqlCommand("select nullif(current_setting('gusp.change_set', true), '')::bigint", Connection);
        var changeSet = await mark.ExecuteScalarAsync(ct);
        await transaction.CommitAsync(CancellationToken.None);

        await using var read = new NpgsqlCommand(
            "select coalesce((select revision from change_set where id = $1), current_revision())", Connection)
        {
            Parameters = { new NpgsqlParameter { Value = changeSet ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint } },
        };
        await db.Database.OpenConnectionAsync(CancellationToken.None);
        var revision = (long)(await read.ExecuteScalarAsync(CancellationToken.None))!;
        await db.Database.CloseConnectionAsync();
        http.Response.Headers["Gusp-Revision"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return revision;
    }

    public ValueTask DisposeAsync() => transaction.DisposeAsync();
}
