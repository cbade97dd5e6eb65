using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>What was asked, besides the bytes.</summary>
internal sealed record ImportOrder(string Actor, string Key, string Dataset, string Mode, bool Submit, string Atomicity, string? ContentType)
{
    public byte[] Signature => Encoding.UTF8.GetBytes(string.Join('\n', Actor, "/v1/imports", Dataset, Mode, Submit, Atomicity) + "\n");
}

/// <summary>Takes a body into logged storage, once for each idempotency key. When it answers, the import survives any crash.</summary>
internal sealed class ImportReception(NpgsqlDataSource source)
{
    /// <summary>Bytes an import may have.</summary>
    public const long BodyLimit = 1_000_000_000;

    private const int ChunkSize = 1 << 20;
    private const int KeyLocks = 0x6775_696b;

    /// <summary>The import and whether it was there already; or the refusal.</summary>
    public async Task<(Guid Id, bool Replayed, Problem? Refusal)> ReceiveAsync(ImportOrder order, Stream body, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // Held until the bytes are committed: the same key meanwhile is told to come back.
        if (!await ScalarAsync<bool>(connection, "select pg_try_advisory_xact_lock($1, hashtext($2))", ct, KeyLocks, $"{order.Actor}\n{order.Key}"))
            return (default, false, ImportProblems.StillReceiving());

        var known = await KnownAsync(connection, order, ct);
        if (known is { } import)
        {
            var again = await HashAsync(order, body, ct);
            return import.Fingerprint == again ? (import.Id, true, null) : (default, false, ImportProblems.KeyReused());
        }

        var id = Guid.CreateVersion7();
        await InsertAsync(connection, id, order, ct);
        var (fingerprint, length) = await StoreAsync(connection, id, order, body, ct);
        if (length == 0)
            return (default, false, ImportProblems.Empty());
        await ScalarAsync<object>(connection, "update import set fingerprint = $2 where id = $1", ct, id, fingerprint);
        await transaction.CommitAsync(ct);
        return (id, false, null);
    }

    private static async Task<(Guid Id, string? Fingerprint)?> KnownAsync(NpgsqlConnection connection, ImportOrder order, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select id, fingerprint from import where actor = $1 and idempotency_key = $2", connection)
        {
            Parameters = { new() { Value = order.Actor }, new() { Value = order.Key } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetString(1)) : null;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, Guid id, ImportOrder order, CancellationToken ct) =>
        await ScalarAsync<object>(connection, """
            insert into import (id, dataset, mode, submit, atomicity, state, actor, idempotency_key, content_type, base_revision, received_at,
                                rows_read, created, updated, unchanged, rejected, errors, warnings)
            values ($1, $2, $3, $4, $5, 'RECEIVED', $6, $7, $8, current_revision(), now(), 0, 0, 0, 0, 0, 0, 0)
            """, ct, id, order.Dataset, order.Mode, order.Submit, order.Atomicity, order.Actor, order.Key, order.ContentType ?? "");

    private static async Task<(string Fingerprint, long Length)> StoreAsync(
        NpgsqlConnection connection, Guid id, ImportOrder order, Stream body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(order.Signature);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            await using var copy = await connection.BeginBinaryImportAsync("copy import_chunk (import_id, no, bytes) from stdin (format binary)", ct);
            var length = 0L;
            for (var no = 0; ; no++)
            {
                var read = await body.ReadAtLeastAsync(buffer.AsMemory(0, ChunkSize), ChunkSize, throwOnEndOfStream: false, ct);
                if (read == 0)
                    break;
                length += read;
                if (length > BodyLimit)
                    throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
                hash.AppendData(buffer, 0, read);
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(id, ct);
                await copy.WriteAsync(no, ct);
                await copy.WriteAsync((ReadOnlyMemory<byte>)buffer.AsMemory(0, read), NpgsqlTypes.NpgsqlDbType.Bytea, ct);
            }
            await copy.CompleteAsync(ct);
            return (Convert.ToHexString(hash.GetHashAndReset()), length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<string> HashAsync(ImportOrder order, Stream body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(order.Signature);
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, ct) is > 0 and var read)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    internal static async Task<T?> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (T?)await command.ExecuteScalarAsync(ct);
    }
}

/// <summary>The refusals of the reception.</summary>
internal static class ImportProblems
{
    public static Problem StillReceiving() => Problems.Conflict("IDEMPOTENCY_KEY_IN_USE", new(
        "The first upload with this Idempotency-Key is still being received. Try again shortly.",
        "Le premier envoi avec cette Idempotency-Key est encore en cours de réception. Réessayez sous peu.")) with
    { RetryAfter = 1 };

    public static Problem KeyReused() => new(422, "IDEMPOTENCY_KEY_REUSED", new("Idempotency-Key already used", "Idempotency-Key déjà utilisée"), new(
        "This Idempotency-Key was used for other bytes or another query. Use a new key for a new import.",
        "Cette Idempotency-Key a servi pour d'autres octets ou d'autres paramètres. Prenez une nouvelle clé pour un nouvel import."));

    public static Problem KeyMissing() => Problems.InvalidHeader(new(
        "Idempotency-Key is required: 1 to 200 visible characters, new for each import and the same when you send it again.",
        "Idempotency-Key est obligatoire : 1 à 200 caractères visibles, nouvelle pour chaque import, la même quand vous le renvoyez."));

    public static Problem Empty() => Problems.InvalidBody(new("The body is empty.", "Le corps est vide."));
}
