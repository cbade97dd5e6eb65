using System.Globalization;
using GuspApi.Database;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace GuspApi.Http;

/// <summary>
/// Answers of expensive questions, and of single objects that are asked for most. What was answered at the present revision is exact,
/// whichever instance wrote last: one look at the revision proves it. Bounded in bytes; the least used goes first.
/// </summary>
internal sealed class AnswerCache(PresentRevision present) : IDisposable
{
    private const int MostBytes = 64_000_000;
    private const int MostBytesOfOne = 2_000_000;

    /// <summary>Headers that a 304 has too, then those of the body.</summary>
    private static readonly string[] Always = ["ETag", "Gusp-Revision", "Vary"];
    private static readonly string[] OfBody = ["Content-Type", "Content-Language", "Content-Security-Policy", "X-Content-Type-Options", "Link"];

    private readonly MemoryCache answers = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    private sealed record Question(long Revision, string Text);

    /// <summary>Before a place is taken and a snapshot opened: what is known is told, or that nothing changed.</summary>
    public ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        var isTagged = metadata.GetMetadata<TagsWithRevision>() is not null;
        var isKept = metadata.GetMetadata<OneStatement>() is not null || isTagged && metadata.GetMetadata<Expensive>() is not null;
        return isKept ? KnownAsync(context, next, isTagged)
            : isTagged && http.Request.Headers.IfNoneMatch.Count > 0 ? UnchangedAsync(context, next)
            : next(context);
    }

    public void Dispose() => answers.Dispose();

    private async ValueTask<object?> KnownAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, bool isTagged)
    {
        var question = await QuestionAsync(context.HttpContext);
        if (answers.TryGetValue(question, out Answer? known))
            return known;
        if (isTagged && Unchanged(context.HttpContext, question) is { } unchanged)
            return unchanged;
        var result = await next(context);
        return result is IValueHttpResult or IContentTypeHttpResult ? new KeptResult((IResult)result, this, question) : result;
    }

    private async ValueTask<object?> UnchangedAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Unchanged(context.HttpContext, await QuestionAsync(context.HttpContext)) ?? await next(context);

    private async ValueTask<Question> QuestionAsync(HttpContext http) => new(await present.AskAsync(http), Snapshot.Question(http));

    private static IResult? Unchanged(HttpContext http, Question question)
    {
        if (http.Request.Headers.IfNoneMatch.Count == 0 || Snapshot.Tag(question.Text, question.Revision) is var tag && !Etag.IsKnown(http.Request, tag))
            return null;
        http.Response.Headers.ETag = tag;
        Snapshot.Tell(http, question.Revision);
        return Results.StatusCode(StatusCodes.Status304NotModified);
    }

    private sealed record Answer(KeyValuePair<string, StringValues>[] Headers, KeyValuePair<string, StringValues>[] OfBody, byte[] Body) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            var response = http.Response;
            foreach (var (name, value) in Headers)
                response.Headers[name] = value;
            if (http.Request.Headers.IfNoneMatch.Count > 0 && Etag.IsKnown(http.Request, response.Headers.ETag.ToString()))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            foreach (var (name, value) in OfBody)
                response.Headers[name] = value;
            response.ContentLength = Body.Length;
            return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(Body, http.RequestAborted).AsTask();
        }
    }

    /// <summary>Sends an answer, and keeps it if it was read at the revision that was looked at.</summary>
    private sealed class KeptResult(IResult result, AnswerCache cache, Question question) : IResult
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
            cache.Keep(http.Response, question, copy);
        }
    }

    private void Keep(HttpResponse response, Question question, MemoryStream body)
    {
        // With asOf the revision that is told is a past one, and the tag names the present.
        var isOfRevision = response.Headers["Gusp-Revision"] == question.Revision.ToString(CultureInfo.InvariantCulture)
            || response.Headers.ETag == Snapshot.Tag(question.Text, question.Revision);
        if (response.StatusCode != StatusCodes.Status200OK || body.Length > MostBytesOfOne || !isOfRevision)
            return;
        answers.Set(question, new Answer(Of(Always), Of(OfBody), body.ToArray()), new MemoryCacheEntryOptions { Size = body.Length + 1000 });

        KeyValuePair<string, StringValues>[] Of(string[] names) =>
            [.. names.Where(response.Headers.ContainsKey).Select(name => KeyValuePair.Create(name, response.Headers[name]))];
    }
}
