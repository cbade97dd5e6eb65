using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using GuspApi.Auth;
using Microsoft.AspNetCore.RateLimiting;

namespace GuspApi.Http;

/// <summary>What is left of the caller's requests, once this one is counted.</summary>
internal sealed record Quota(int Limit, int Left, int Seconds);

/// <summary>
/// So many requests a second for each key, and for each address that sends none that is good (guesses of keys count there too); and so many
/// keys a minute that were looked up for an address in vain. Each instance counts for itself. Headers are those of the IETF draft
/// (draft-ietf-httpapi-ratelimit-headers).
/// </summary>
internal sealed class RateLimits(int perKey, int perAddress, int wrongKeys) : IDisposable
{
    private const int Window = 1;

    private readonly PartitionedRateLimiter<HttpContext> limiter = PartitionedRateLimiter.Create<HttpContext, string>(
        http => Partition(http, perKey, perAddress));
    private readonly PartitionedRateLimiter<HttpContext> wrong = PartitionedRateLimiter.Create<HttpContext, string>(http =>
        RateLimitPartition.GetFixedWindowLimiter(Network(http.Connection.RemoteIpAddress), _ => Options(wrongKeys, seconds: 60)));

    /// <summary>The refusal to look up more keys for an address that sent too many wrong ones.</summary>
    public Problem? RefuseGuess(HttpContext http) =>
        wrongKeys > 0 && wrong.GetStatistics(http) is { CurrentAvailablePermits: 0 } ? Problems.TooManyWrongKeys(wrongKeys) : null;

    public void CountWrongKey(HttpContext http)
    {
        if (wrongKeys > 0)
            wrong.AttemptAcquire(http).Dispose();
    }

    /// <summary>After authentication, before anything that costs. Health checks are not counted.</summary>
    public Task LimitAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<KeyRefusal>() is { } refused)
            return refused.Problem.ExecuteAsync(http);
        var caller = Caller.From(http.User);
        var limit = caller == Caller.Anonymous ? perAddress : perKey;
        if (limit == 0 || caller.Name == Caller.Bootstrap || http.GetEndpoint()
            ?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(http);

        using var lease = limiter.AttemptAcquire(http);
        var left = (int)(limiter.GetStatistics(http)?.CurrentAvailablePermits ?? 0);
        http.Features.Set(new Quota(limit, left, Window));
        var policy = caller == Caller.Anonymous ? "address" : "key";
        http.Response.OnStarting(() =>
        {
            http.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={limit};w={Window}");
            http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={left};t={Window}");
            return Task.CompletedTask;
        });
        return lease.IsAcquired ? next(http) : Problems.TooManyRequests(limit).ExecuteAsync(http);
    }

    public void Dispose()
    {
        limiter.Dispose();
        wrong.Dispose();
    }

    private static RateLimitPartition<string> Partition(HttpContext http, int perKey, int perAddress)
    {
        var caller = Caller.From(http.User);
        return caller == Caller.Anonymous
            ? RateLimitPartition.GetFixedWindowLimiter(Network(http.Connection.RemoteIpAddress), _ => Options(perAddress, Window))
            : RateLimitPartition.GetFixedWindowLimiter(caller.Name, _ => Options(perKey, Window));
    }

    private static FixedWindowRateLimiterOptions Options(int limit, int seconds) =>
        new() { PermitLimit = limit, Window = TimeSpan.FromSeconds(seconds), AutoReplenishment = true };

    /// <summary>An IPv6 subscriber has a /64 at least: each of its addresses would be a caller of its own.</summary>
    internal static string Network(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6 || address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            return address.MapToIPv4().ToString();
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
