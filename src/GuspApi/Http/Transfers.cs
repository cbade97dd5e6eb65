using System.Threading.RateLimiting;
using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Http;

/// <summary>
/// Files that come and go at the pace of the other end, and hold connections meanwhile: from a pool of their own, so many at once, fewer
/// for one caller. None queues: it might wait for hours. An administrator, who brings in many, has the bound of all alone.
/// </summary>
internal sealed class Transfers([FromKeyedServices(DatabaseSetup.Transfers)] NpgsqlDataSource source) : IDisposable
{
    // Downloads are counted by the connections they hold.
    private const int Downloads = 8;
    private const int DownloadsOfOne = 4;
    private const int Uploads = DatabaseSetup.TransferConnections - Downloads;
    private const int UploadsOfOne = 4;
    private const int Waiting = 32;

    private readonly ConcurrencyLimiter uploads = new(AtOnce(Uploads));
    private readonly ConcurrencyLimiter downloads = new(AtOnce(Downloads));
    private readonly ConcurrencyLimiter waiting = new(AtOnce(Waiting));
    private readonly PartitionedRateLimiter<string> uploadsOf = OfEach(UploadsOfOne);
    private readonly PartitionedRateLimiter<string> downloadsOf = OfEach(DownloadsOfOne);

    /// <summary>A place for an upload, until it is disposed; or the refusal.</summary>
    public Place Upload(Caller caller) => Take(uploads, uploadsOf, UploadsOfOne, caller, caller.Name);

    /// <summary>Takes a place for a file that is sent, until it is sent; or tells the refusal.</summary>
    public Problem? Download(HttpContext http, int connections = 1)
    {
        var caller = Caller.From(http.User);
        // Who has no key is told apart by address.
        var name = caller == Caller.Anonymous ? RateLimits.Network(http.Connection.RemoteIpAddress) : caller.Name;
        var place = Take(downloads, downloadsOf, DownloadsOfOne, caller, name, connections);
        http.Response.RegisterForDispose(place);
        return place.Refusal;
    }

    /// <summary>A connection of the pool of files, until the answer is sent.</summary>
    public GuspDb Database(HttpContext http)
    {
        var options = new DbContextOptionsBuilder<GuspDb>();
        DatabaseSetup.Configure(options, source);
        var db = new GuspDb(options.Options);
        http.Response.RegisterForDisposeAsync(db);
        return db;
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

    private static Place Take(
        ConcurrencyLimiter all, PartitionedRateLimiter<string> each, int ofOne, Caller caller, string name, int connections = 1)
    {
        var own = caller.IsAdmin ? null : each.AttemptAcquire(name, connections);
        if (own is { IsAcquired: false })
            return new(own, null, Problems.TooManyTransfers(ofOne / connections));
        var common = all.AttemptAcquire(connections);
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
