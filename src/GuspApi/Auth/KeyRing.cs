using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Npgsql;

namespace GuspApi.Auth;

/// <summary>What a valid key allows.</summary>
internal sealed record KnownKey(string Id, string Name, string[] Scopes, string[] Landlords, string[] Departments, DateTime? ExpiresAt);

/// <summary>
/// The keys of the database. Each request asks it anew, by one prepared look at a primary key: a revocation holds at once, on every
/// instance, which no cache could promise without asking as well.
/// </summary>
internal sealed class KeyRing(NpgsqlDataSource source, TimeProvider time) : IDisposable
{
    private const int LookUps = 16;
    private const int LookUpsThatQueue = 512;

    private static readonly TimeSpan UseEvery = TimeSpan.FromMinutes(1);

    // What is dropped when full is the date of a use, which the next use brings again.
    private readonly Channel<string> used = Channel.CreateBounded<string>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });

    // At most one hash for each secret there ever was: a wrong key is never in here.
    private readonly ConcurrentDictionary<string, bool> good = new();

    // A flood of keys leaves the other connections to those who are known.
    private readonly ConcurrencyLimiter places = new(new()
    {
        PermitLimit = LookUps,
        QueueLimit = LookUpsThatQueue,
        QueueProcessingOrder = QueueProcessingOrder.NewestFirst,
    });

    public ChannelReader<string> Used => used.Reader;

    /// <summary>A place to look a key up.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken ct) => places.AcquireAsync(1, ct);

    /// <summary>
    /// Whether the last look found it good. It allows nothing; but wrong keys that others send from the same address do not keep it out.
    /// </summary>
    public bool WasGood(KeyText key) => good.ContainsKey(Convert.ToHexString(key.Hash));

    /// <summary>What the key allows now; null when it is unknown, wrong, expired or revoked.</summary>
    public async Task<KnownKey?> FindAsync(KeyText key, CancellationToken ct)
    {
        var found = await ReadAsync(key, ct);
        if (found is not null)
            good.TryAdd(Convert.ToHexString(key.Hash), true);
        else
            good.TryRemove(Convert.ToHexString(key.Hash), out _);
        return found;
    }

    public void Dispose() => places.Dispose();

    private async Task<KnownKey?> ReadAsync(KeyText key, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select name, scopes, landlords, departments, expires_at, last_used_at, secret_hash, previous_hash, previous_expires_at
            from api_key where id = $1 and revoked_at is null
            """);
        command.Parameters.Add(new() { Value = key.Id });
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
            return null;

        var now = time.GetUtcNow().UtcDateTime;
        var expiresAt = Instant(row, 4);
        var isCurrent = CryptographicOperations.FixedTimeEquals(key.Hash, row.GetFieldValue<byte[]>(6));
        var isPrevious = !row.IsDBNull(7) && CryptographicOperations.FixedTimeEquals(key.Hash, row.GetFieldValue<byte[]>(7)) && Instant(row, 8) > now;
        if (expiresAt <= now || !(isCurrent || isPrevious))
            return null;

        if (!(now - Instant(row, 5) < UseEvery))
            used.Writer.TryWrite(key.Id);
        return new(
            key.Id, row.GetString(0), row.GetFieldValue<string[]>(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3), expiresAt);
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
                    update api_key set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
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
