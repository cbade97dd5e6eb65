using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace GuspApi.Http;

/// <summary>Metadata of routes whose queries cost much: indicators, reports, completeness, steps of many.</summary>
internal sealed class Expensive;

/// <summary>
/// How many requests work at once. The others queue, the newest served first; when the queue is full the oldest is refused. A burst is so
/// served whole, and under a lasting overload what is served is served as fast as ever, instead of everything late: a refusal costs little.
/// Expensive ones have places of their own: they never fill those of the rest.
/// </summary>
internal sealed class Admission(int ordinary, int expensive) : IDisposable
{
    /// <summary>Places in the queue for each one at work.</summary>
    private const int QueuePerPlace = 8;

    private readonly ConcurrencyLimiter ordinaryPlaces = Places(ordinary);
    private readonly ConcurrencyLimiter expensivePlaces = Places(expensive);

    /// <summary>
    /// The place is held while the answer is made, not while the body comes nor while the answer is sent: who is slow keeps nobody out.
    /// Uploads take none: they wait for their sender, and what is done with a file is done one at a time anyway.
    /// </summary>
    public async ValueTask<object?> EnterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        if (metadata.GetMetadata<TakesFile>() is not null)
            return await next(context);
        if (metadata.GetMetadata<IAcceptsMetadata>() is not null)
            await ReceiveAsync(http.Request, http.RequestAborted);

        var places = metadata.GetMetadata<Expensive>() is null ? ordinaryPlaces : expensivePlaces;
        using var place = await places.AcquireAsync(1, http.RequestAborted);
        http.Features.Set(place);
        return place.IsAcquired ? await next(context) : Problems.Busy();
    }

    /// <summary>Gives the place back early: from here on the request waits, and works at little.</summary>
    public static void Leave(HttpContext http) => http.Features.Get<RateLimitLease>()?.Dispose();

    public void Dispose()
    {
        ordinaryPlaces.Dispose();
        expensivePlaces.Dispose();
    }

    /// <summary>A large body waits on disk; a handler with a parameter for it has read it before.</summary>
    private static async Task ReceiveAsync(HttpRequest request, CancellationToken ct)
    {
        request.EnableBuffering();
        await request.Body.DrainAsync(ct);
        request.Body.Position = 0;
    }

    private static ConcurrencyLimiter Places(int count) => new(new()
    {
        PermitLimit = count,
        QueueLimit = count * QueuePerPlace,
        QueueProcessingOrder = QueueProcessingOrder.NewestFirst,
    });
}
