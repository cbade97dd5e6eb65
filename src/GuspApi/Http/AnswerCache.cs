using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace GuspApi.Http;

/// <summary>
/// Answers of expensive questions, kept under their tag. A tag names the revision, so what is kept under the present one is exact, whichever
/// instance wrote last: one look at the revision proves it. Bounded in bytes; the least used goes first.
/// </summary>
internal sealed class AnswerCache(NpgsqlDataSource source) : IDisposable
{
    private const int MostBytes = 64_000_000;
    private const int MostBytesOfOne = 2_000_000;

    private static readonly string[] Kept =
        ["ETag", "Gusp-Revision", "Vary", "Content-Type", "Content-Language", "Content-Security-Policy", "X-Content-Type-Options", "Link"];

    private readonly MemoryCache answers = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    private sealed record Answer(KeyValuePair<string, string>[] Headers, byte[] Body) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            foreach (var (name, value) in Headers)
                http.Response.Headers[name] = value;
            http.Response.ContentLength = Body.Length;
            return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(Body, http.RequestAborted).AsTask();
        }
    }

    /// <summary>Before a place is taken and a snapshot opened: what is known is told, or that nothing changed.</summary>
    public async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        var isExpensive = metadata.GetMetadata<Expensive>() is not null;
        if (metadata.GetMetadata<TagsWithRevision>() is null || !(isExpensive || http.Request.Headers.IfNoneMatch.Count > 0))
            return await next(context);

        await using (var command = source.CreateCommand("select coalesce((select max(revision) from change_set), 0)"))
        {
            var revision = (long)(await command.ExecuteScalarAsync(http.RequestAborted))!;
            var tag = Snapshot.Tag(http, revision);
            if (Etag.IsKnown(http.Request, tag))
                return NotModified(http, tag, revision);
            if (answers.TryGetValue(tag, out Answer? known))
                return known;
        }

        var result = await next(context);
        return isExpensive && result is IValueHttpResult or IContentTypeHttpResult ? new KeptResult((IResult)result!, this) : result;
    }

    public void Dispose() => answers.Dispose();

    private static IResult NotModified(HttpContext http, string tag, long revision)
    {
        http.Response.Headers.ETag = tag;
        Snapshot.Tell(http, revision);
        return Results.StatusCode(StatusCodes.Status304NotModified);
    }

    /// <summary>Sends an answer, and keeps it under the tag it was sent with.</summary>
    private sealed class KeptResult(IResult result, AnswerCache cache) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            var body = http.Response.Body;
            using var copy = new MemoryStream();
            http.Response.Body = copy;
            try
            {
                await result.ExecuteAsync(http);
            }
            finally
            {
                http.Response.Body = body;
            }
            copy.Position = 0;
            await copy.CopyToAsync(body, http.RequestAborted);
            cache.Keep(http, copy);
        }
    }

    private void Keep(HttpContext http, MemoryStream body)
    {
        if (http.Response.StatusCode != StatusCodes.Status200OK || body.Length > MostBytesOfOne || http.Response.Headers.ETag.ToString() is not { Length: > 0 } tag)
            return;
        var headers = Kept.Where(http.Response.Headers.ContainsKey).Select(name => KeyValuePair.Create(name, http.Response.Headers[name].ToString()));
        answers.Set(tag, new Answer([.. headers], body.ToArray()), new MemoryCacheEntryOptions { Size = body.Length + 1000 });
    }
}
