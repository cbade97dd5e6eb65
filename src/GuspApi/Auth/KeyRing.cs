using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using GuspApi.Database;
using Npgsql;

namespace GuspApi.Auth;

/// <summary>
/// The keys of the database. To make, rotate or revoke one is a write with a revision, so what was read of a key at the present revision
/// still holds: a revocation counts at once, on every instance, and a key that is used often is read once after each write.
/// </summary>
internal sealed class KeyRing(NpgsqlDataSource source, PresentRevision present, TimeProvider time) : IDisposable
{
    private const int LookUps = 12;
    private const int LookUpsThatQueue = 512;

    private static readonly TimeSpan UseEvery = TimeSpan.FromMinutes(1);

    // What is dropped when full is the date of a use, which the next use brings again.
    private readonly Channel<string> used = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });

    // By the hash of the secret: at most one for each secret there ever was, for a wrong key is never in here.
    private readonly ConcurrentDictionary<string, GoodKey> good = new();

    // A flood of keys leaves the other connections to those who are known.
    private readonly ConcurrencyLimiter places = new(new()
    {
        PermitLimit = LookUps,
        QueueLimit = LookUpsThatQueue,
        QueueProcessingOrder = QueueProcessingOrder.NewestFirst,
    });

    /// <summary>What a key was found to allow, until when, at a revision.</summary>
    private sealed record GoodKey(ClaimsIdentity Bearer, DateTime Until, long Revision)
    {
        public DateTime LastUsedAt { get; set; }
    }

    public ChannelReader<string> Used => used.Reader;

    /// <summary>A place to look a key up.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken ct) => places.AcquireAsync(1, ct);

    /// <summary>
    /// Whether the last look found it good. It allows nothing; but wrong keys that others send from the same address do not keep it out.
    /// </summary>
    public bool WasGood(KeyText key) => good.ContainsKey(Convert.ToHexString(key.Hash));

    /// <summary>Who bears the key, where it was read at the present revision; then it needs no place.</summary>
    public async Task<ClaimsIdentity?> ProvedAsync(KeyText key, HttpContext http) =>
        good.TryGetValue(Convert.ToHexString(key.Hash), out var found) && found.Revision == await present.AskAsync(http)
            ? Use(key, found)
            : null;

    /// <summary>Who bears the key, and what it allows now; null when it is unknown, wrong, expired or revoked.</summary>
    public async Task<ClaimsIdentity?> FindAsync(KeyText key, HttpContext http)
    {
        if (await ProvedAsync(key, http) is { } proved)
            return proved;
        var hash = Convert.ToHexString(key.Hash);
        if (await ReadAsync(key, await present.AskAsync(http), http.RequestAborted) is { } found && Use(key, found) is { } bearer)
        {
            good[hash] = found;
            return bearer;
        }
        good.TryRemove(hash, out _);
        return null;
    }

    private ClaimsIdentity? Use(KeyText key, GoodKey found)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (found.Until <= now)
            return null;
        if (now - found.LastUsedAt >= UseEvery)
        {
            found.LastUsedAt = now;
            used.Writer.TryWrite(key.Id);
        }
        return found.Bearer;
    }

    public void Dispose() => places.Dispose();

    private async Task<GoodKey?> ReadAsync(KeyText key, long revision, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select name, scopes, landlords, departments, expires_at, last_used_at, secret_hash, previous_hash, previous_expires_at
            from api_key where id = $1 and revoked_at is null
            """);
        command.Parameters.Add(new() { Value = key.Id });
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
            return null;

        var expiresAt = Instant(row, 4);
        var until = expiresAt ?? DateTime.MaxValue;
        if (!CryptographicOperations.FixedTimeEquals(key.Hash, row.GetFieldValue<byte[]>(6)))
        {
            if (row.IsDBNull(7) || !CryptographicOperations.FixedTimeEquals(key.Hash, row.GetFieldValue<byte[]>(7)))
                return null;
            // The secret before the present one.
            until = Instant(row, 8) is { } ends && ends < until ? ends : until;
        }
        var bearer = Caller.Identity(
            KeyAuthentication.Name, $"key:{key.Id}", row.GetString(0), row.GetFieldValue<string[]>(1), row.GetFieldValue<string[]>(2),
            row.GetFieldValue<string[]>(3), expiresAt);
        return new(bearer, until, revision) { LastUsedAt = Instant(row, 5) ?? DateTime.MinValue };
    }

    private static DateTime? Instant(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
}

/// <summary>Writes when keys were last used, outside of the requests that used them.</summary>
internal sealed partial class KeyUse(KeyRing keys, NpgsqlDataSource source, ILogger<KeyUse> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        await foreach (var id in keys.Used.ReadAllAsync(stopping))
            try
            {
                await using var command = source.CreateCommand("""
                    update api_key set last_used_at = now()
                      where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
                    """);
                command.Parameters.Add(new() { Value = id });
                await command.ExecuteNonQueryAsync(stopping);
            }
            catch (NpgsqlException fault)
            {
                NotWritten(log, fault);
            }
    }

    [LoggerMessage(LogLevel.Warning, "The last use of a key could not be written.")]
    private static partial void NotWritten(ILogger log, Exception fault);
}
