using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using GuspApi.Database;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>What is sent with the bytes.</summary>
internal sealed record ImportUpload(
    string Actor, string RequestId, string[]? Landlords, string Key, string Dataset, string Mode, bool Submit, string Atomicity,
    string? Sheet, string? ContentType, ContentDigest? Digest)
{
    /// <summary>What the fingerprint is made of, besides the bytes.</summary>
    public byte[] Signature => Encoding.UTF8.GetBytes(
        string.Join('\n', Actor, "/v1/imports", Dataset, Mode, Submit, Atomicity, Sheet) + "\n");
}

/// <summary>Takes a body into logged storage, once for each idempotency key. When it answers, the import survives any crash.</summary>
internal sealed class ImportReception([FromKeyedServices(DatabaseSetup.Transfers)] NpgsqlDataSource source)
{
    /// <summary>Bytes an import may have.</summary>
    public const long BodyLimit = 1_000_000_000;

    /// <summary>Imports of one author that have not ended, and bytes that are kept for one; an administrator has neither bound.</summary>
    private const int MostUnended = 20;
    private const long MostBytes = 20_000_000_000;

    private const int ChunkSize = 1 << 20;
    private const long KeyLocks = 0x6775_696b;

    /// <summary>The import and whether it was there already; or the refusal.</summary>
    public async Task<(Guid Id, bool Replayed, Problem? Refusal)> ReceiveAsync(ImportUpload upload, Stream body, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // Held until the bytes are committed: the same key meanwhile is told to come back.
        if (!await ImportSql.ScalarAsync<bool>(
            connection, "select pg_try_advisory_xact_lock(hashtextextended($2, $1))", ct, KeyLocks, $"{upload.Actor}\n{upload.Key}"))
            return (default, false, ImportProblems.StillReceiving());
        await ImportSql.RunAsync(connection, """
            update import set idempotency_key = null where actor = $1 and idempotency_key = $2 and received_at < now() - interval '30 days'
            """, ct, upload.Actor, upload.Key);

        var known = await KnownAsync(connection, upload, ct);
        if (known is { } import)
        {
            var again = await HashAsync(upload, body, ct);
            if (upload.Digest is { IsRight: false })
                return (default, false, ImportProblems.DigestWrong());
            return import.Fingerprint == again ? (import.Id, true, null) : (default, false, ImportProblems.KeyReused());
        }

        if (upload.Landlords is not null && await FullAsync(connection, upload.Actor, ct) is { } full)
            return (default, false, full);

        var id = Guid.CreateVersion7();
        await InsertAsync(connection, id, upload, ct);
        var (fingerprint, length) = await StoreAsync(connection, id, upload, body, ct);
        if (length == 0)
            return (default, false, ImportProblems.Empty());
        if (upload.Digest is { IsRight: false })
            return (default, false, ImportProblems.DigestWrong());
        await ImportSql.RunAsync(connection, "update import set fingerprint = $2, bytes = $3 where id = $1", ct, id, fingerprint, length);
        await transaction.CommitAsync(ct);
        return (id, false, null);
    }

    private static async Task<(Guid Id, string? Fingerprint)?> KnownAsync(
        NpgsqlConnection connection, ImportUpload upload, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select id, fingerprint from import where actor = $1 and idempotency_key = $2", connection)
        {
            Parameters = { new() { Value = upload.Actor }, new() { Value = upload.Key } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetString(1)) : null;
    }

    private static async Task<Problem?> FullAsync(NpgsqlConnection connection, string actor, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select count(*) filter (where state in ('RECEIVED', 'VALIDATING', 'APPLYING')), coalesce(sum(bytes), 0)::bigint
            from import where actor = $1
            """, connection)
        {
            Parameters = { new() { Value = actor } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return reader.GetInt64(0) >= MostUnended ? ImportProblems.TooManyUnended(MostUnended)
            : reader.GetInt64(1) >= MostBytes ? ImportProblems.TooManyBytes(MostBytes)
            : null;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, Guid id, ImportUpload upload, CancellationToken ct) =>
        await ImportSql.RunAsync(connection, """
            insert into import (id, dataset, mode, submit, atomicity, state, actor, request_id, landlords, idempotency_key,
              content_type, sheet,
                base_revision, received_at, bytes, rows_read, percent, created, updated, unchanged, rejected, errors, warnings, attempts)
            values ($1, $2, $3, $4, $5, 'RECEIVED', $6, $7, $8::text[], $9, $10, $11, current_revision(), now(), 0, 0, 0,
              0, 0, 0, 0, 0, 0, 0)
            """, ct, id, upload.Dataset, upload.Mode, upload.Submit, upload.Atomicity, upload.Actor, upload.RequestId, upload.Landlords,
            upload.Key, upload.ContentType ?? "", upload.Sheet);

    private static async Task<(string Fingerprint, long Length)> StoreAsync(
        NpgsqlConnection connection, Guid id, ImportUpload upload, Stream body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(upload.Signature);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                "copy import_chunk (import_id, no, bytes) from stdin (format binary)", ct);
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
                upload.Digest?.Append(buffer.AsSpan(0, read));
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

    private static async Task<string> HashAsync(ImportUpload upload, Stream body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(upload.Signature);
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, ct) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            upload.Digest?.Append(buffer.AsSpan(0, read));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>The refusals of imports.</summary>
internal static class ImportProblems
{
    public static Problem StillReceiving() => Problems.Conflict("IDEMPOTENCY_KEY_IN_USE", new(
        "The first upload with this Idempotency-Key is still being received. Try again shortly.",
        "Le premier envoi avec cette Idempotency-Key est encore en cours de réception. Réessayez sous peu.")) with
    { RetryAfter = 1 };

    public static Problem TooManyUnended(int most) => new("TOO_MANY_IMPORTS", new(
        $"{most} of your imports have not ended, the most that are taken. Follow them to their end, or cancel some, "
            + "then send this one again.",
        $"{most} de vos imports ne sont pas terminés, le plus qui soit accepté. Suivez-les jusqu'au bout, "
            + "ou annulez-en, puis renvoyez celui-ci."))
    { RetryAfter = 10 };

    public static Problem TooManyBytes(long most) => new("TOO_MANY_BYTES", new(
        $"Your imports hold the {most} bytes that are kept for one author. They go 90 days after they came; "
            + "an administrator may send more.",
        $"Vos imports occupent les {most} octets conservés pour un auteur. Ils partent après 90 jours ; "
            + "un administrateur peut en envoyer plus."))
    { RetryAfter = 3600 };

    public static Problem KeyReused() => new("IDEMPOTENCY_KEY_REUSED", new(
        "This Idempotency-Key was used for other bytes or another query. Use a new key for a new import.",
        "Cette Idempotency-Key a servi pour d'autres octets ou d'autres paramètres. Prenez une nouvelle clé pour un nouvel import."));

    public static Problem KeyMissing() => Problems.InvalidHeader(new(
        "Idempotency-Key is required: 1 to 200 ASCII characters, new for each import and the same when you send it again.",
        "Idempotency-Key est obligatoire : 1 à 200 caractères ASCII, nouvelle pour chaque import, la même quand vous le renvoyez."));

    public static Problem Empty() => Problems.InvalidBody(new("The body is empty.", "Le corps est vide."));

    public static Problem DigestInvalid() => Problems.InvalidHeader(new(
        "Content-Digest holds sha-256=:…: or sha-512=:…:, in base64 (RFC 9530).",
        "Content-Digest contient sha-256=:…: ou sha-512=:…:, en base64 (RFC 9530)."));

    public static Problem DigestWrong() => new("CONTENT_DIGEST_MISMATCH", new(
        "The bytes that came are not those that Content-Digest announces. Nothing was kept: send the file again.",
        "Les octets reçus ne sont pas ceux que Content-Digest annonce. Rien n'a été gardé : renvoyez le fichier."));

    public static Problem NotEnded() => Problems.Conflict("IMPORT_NOT_ENDED", new(
        "The import has not ended yet. Follow it until its state says so, then ask again.",
        "L'import n'est pas terminé. Suivez-le jusqu'à son état final, puis redemandez.")) with
    { RetryAfter = 1 };

    public static Problem NoRejects() => Problems.Conflict("NO_REJECTS", new(
        "No row was rejected one by one; errors tells what is wrong with the import as a whole, if anything.",
        "Aucune ligne n'a été rejetée individuellement ; errors dit ce qui ne va pas dans l'ensemble, le cas échéant."));

    public static Problem NoPlan() => Problems.Conflict("NO_PLAN", new(
        "Only a dry run (mode=validate) that ended has a plan to show and to apply.",
        "Seul un essai (mode=validate) terminé a un plan à montrer et à appliquer."));

    public static Problem PlanHasErrors() => Problems.Conflict("PLAN_HAS_ERRORS", new(
        "With atomicity=all a file with errors writes nothing. Mend it and post it again.",
        "Avec atomicity=all un fichier avec des erreurs n'écrit rien. Corrigez-le et renvoyez-le."));

    public static Problem Stale() => Problems.Conflict("STALE", new(
        "Something that this plan would change has changed since. Post the file again with mode=validate and look at the new plan.",
        "Quelque chose que ce plan modifierait a changé depuis. Renvoyez le fichier avec mode=validate et voyez le nouveau plan."));

    public static Problem CannotCancel(string state) => Problems.Conflict("CANNOT_CANCEL", new(
        $"An import that is {state} can no longer be cancelled.", $"Un import {state} ne peut plus être annulé."));
}

/// <summary>What <c>Content-Digest</c> (RFC 9530) announces, and the digest of what came.</summary>
internal sealed class ContentDigest
{
    private readonly List<(IncrementalHash Hash, byte[] Expected)> _digests = [];

    public bool IsRight => _digests.TrueForAll(digest => digest.Hash.GetCurrentHash().AsSpan().SequenceEqual(digest.Expected));

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var (hash, _) in _digests)
            hash.AppendData(bytes);
    }

    /// <summary>
    /// Null where nothing is announced; false when it cannot be read. Algorithms that are not safe are not looked at, as the RFC has it.
    /// </summary>
    public static bool TryRead(HttpRequest request, out ContentDigest? digest)
    {
        digest = null;
        foreach (var member in request.Headers["Content-Digest"].SelectMany(value => (value ?? "").Split(','))
            .Select(value => value.Trim()))
        {
            var mark = member.IndexOf('=');
            if (mark < 0 || member[(mark + 1)..] is not [':', .. var base64, ':'])
                return false;
            var name = member[..mark].ToLowerInvariant();
            if (name is not ("sha-256" or "sha-512"))
                continue;
            var bytes = new byte[64];
            if (!Convert.TryFromBase64String(base64, bytes, out var length))
                return false;
            digest ??= new();
            digest._digests.Add(
                (IncrementalHash.CreateHash(name == "sha-256" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512), bytes[..length]));
        }
        return true;
    }
}
