using System.Threading.RateLimiting;
using GuspApi.Auth;
using GuspApi.Database;

namespace GuspApi.Http;

/// <summary>
/// Files that come and go at the pace of the other end, and hold connections meanwhile: from a pool of their own, so many at once, fewer for
/// one caller. None queues: it might wait for hours. An administrator, who brings in many, has the bound of all alone.
/// </summary>
internal sealed class Transfers : IDisposable
{
    private const int Downloads = 4;
    private const int DownloadsOfOne = 2;
    private const int ConnectionsOfDownload = 2;
    private const int Uploads = DatabaseSetup.TransferConnections - Downloads * ConnectionsOfDownload;
    private const int UploadsOfOne = 4;
    private const int Waiting = 32;

    private readonly ConcurrencyLimiter uploads = new(AtOnce(Uploads));
    private readonly ConcurrencyLimiter downloads = new(AtOnce(Downloads));
    private readonly ConcurrencyLimiter waiting = new(AtOnce(Waiting));
    private readonly PartitionedRateLimiter<string> uploadsOf = OfEach(UploadsOfOne);
    private readonly PartitionedRateLimiter<string> downloadsOf = OfEach(DownloadsOfOne);

    /// <summary>A place for an upload, until it is disposed; or the refusal.</summary>
    public Place Upload(Caller caller) => Take(uploads, uploadsOf, UploadsOfOne, caller);

    /// <summary>Takes a place for a file that is sent, until it is sent; or tells the refusal.</summary>
    public Problem? Download(HttpContext http)
    {
        var place = Take(downloads, downloadsOf, DownloadsOfOne, Caller.From(http.User));
        http.Response.RegisterForDispose(place);
        return place.Refusal;
    }

    /// <summary>A place to wait for the end of an import. Waiting is a preference: where there is no place, nobody is refused.</summary>
    public RateLimitLease Wait() => waiting.AttemptAcquire();

    public void Dispose()
    {
        uploads.Dispose();
        downloads.Dispose();
        waiting.Dispose();
        uploadsOf.Dispose();
        downloadsOf.Dispose();
    }

    private static Place Take(ConcurrencyLimiter all, PartitionedRateLimiter<string> each, int ofOne, Caller caller)
    {
        var own = caller.IsAdmin ? null : each.AttemptAcquire(caller.Name);
        if (own is { IsAcquired: false })
            return new(own, null, Problems.TooManyTransfers(ofOne));
        var common = all.AttemptAcquire();
        return new(own, common, common.IsAcquired ? null : Problems.Busy());
    }

    private static PartitionedRateLimiter<string> OfEach(int count) =>
        PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(caller, _ => AtOnce(count)));

    private static ConcurrencyLimiterOptions AtOnce(int count) => new() { PermitLimit = count, QueueLimit = 0 };

    internal sealed record Place(RateLimitLease? Own, RateLimitLease? Common, Problem? Refusal) : IDisposable
    {
        public void Dispose()
        {
            Own?.Dispose();
            Common?.Dispose();
        }
    }
}
