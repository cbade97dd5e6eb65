using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<Question, Task<Answer?>> underWay = new();

    private sealed record Question(long Revision, string Text);

    /// <summary>Whether an endpoint's answers are kept, and whether they are tagged with the revision.</summary>
    private readonly record struct Kind(bool IsKept, bool IsTagged)
    {
        public static Kind Of(HttpContext http)
        {
            var metadata = http.GetEndpoint()!.Metadata;
            var isTagged = metadata.GetMetadata<TagsWithRevision>() is not null;
            return new(metadata.GetMetadata<OneStatement>() is not null || isTagged && metadata.GetMetadata<Expensive>() is not null, isTagged);
        }

        /// <summary>Whether it may be that nothing need be read.</summary>
        public bool MayBeKnown(HttpContext http) => IsKept || IsTagged && http.Request.Headers.IfNoneMatch.Count > 0;
    }

    /// <summary>
    /// Middleware, before the request is looked at: what was answered was in order, and so was what a tag was given for. Only <c>*</c>, any tag,
    /// proves nothing.
    /// </summary>
    public Task TellAsync(HttpContext http, RequestDelegate next)
    {
        var kind = Kind.Of(http);
        return kind.MayBeKnown(http) && !http.Request.Headers.IfNoneMatch.ToString().Contains('*') ? TellOrAskAsync(http, next, kind) : next(http);
    }

    /// <summary>Filter, before a place is taken and a snapshot opened.</summary>
    public ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var kind = Kind.Of(context.HttpContext);
        return kind.IsKept ? KnownAsync(context, next, kind.IsTagged)
            : kind.MayBeKnown(context.HttpContext) ? UnchangedAsync(context, next)
            : next(context);
    }

    private async Task TellOrAskAsync(HttpContext http, RequestDelegate next, Kind kind)
    {
        if (Known(http, await QuestionAsync(http), kind.IsTagged) is { } known)
            await known.ExecuteAsync(http);
        else
            await next(http);
    }

    public void Dispose() => answers.Dispose();

    /// <summary>Whoever asks what is being answered gets that answer: after a write, a question that all ask is computed once.</summary>
    private async ValueTask<object?> KnownAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, bool isTagged)
    {
        var http = context.HttpContext;
        var question = await QuestionAsync(http);
        while (true)
        {
            if (Known(http, question, isTagged) is { } known)
                return known;
            var mine = new TaskCompletionSource<Answer?>(TaskCreationOptions.RunContinuationsAsynchronously);
            // Single objects cost less than the wait, and files are not kept.
            var isShared = isTagged && !Representation.Of(http).IsFile;
            if (!isShared || underWay.GetOrAdd(question, mine.Task) is var first && first == mine.Task)
                return await ComputeAsync(context, next, question, isTagged, mine);
            // It is of this revision or a later one. None comes of it if who asked first leaves, or is refused.
            if (await first.WaitAsync(http.RequestAborted) is { } answer)
                return answer;
        }
    }

    private async Task<object?> ComputeAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, Question question, bool isTagged, TaskCompletionSource<Answer?> told)
    {
        Answer? answer = null;
        try
        {
            var result = await next(context);
            return result is IValueHttpResult or IContentTypeHttpResult
                ? answer = await KeepAsync(context.HttpContext, question, (IResult)result, isTagged)
                : result;
        }
        finally
        {
            underWay.TryRemove(KeyValuePair.Create(question, told.Task));
            told.SetResult(answer);
        }
    }

    private IResult? Known(HttpContext http, Question question, bool isTagged) =>
        answers.TryGetValue(question, out Answer? known) ? known : isTagged ? Unchanged(http, question) : null;

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
            return response.Body.WriteAsync(Body, http.RequestAborted).AsTask();
        }
    }

    /// <summary>Writes the answer in memory, and keeps it for the revision it was read at.</summary>
    private async Task<Answer> KeepAsync(HttpContext http, Question question, IResult result, bool isTagged)
    {
        var response = http.Response;
        var body = response.Body;
        using var copy = new MemoryStream();
        response.Body = copy;
        try
        {
            await result.ExecuteAsync(http);
        }
        finally
        {
            response.Body = body;
        }

        // With asOf the revision that is told is a past one; the tag is of the present.
        var present = http.RequestServices.GetRequiredService<Snapshot>().Present ?? question.Revision;
        if (isTagged)
            response.Headers.ETag = Snapshot.Tag(question.Text, present);
        var answer = new Answer(Of(Always), Of(OfBody), copy.ToArray());
        if (response.StatusCode == StatusCodes.Status200OK && answer.Body.Length <= MostBytesOfOne)
            answers.Set(question with { Revision = present }, answer, new MemoryCacheEntryOptions { Size = answer.Body.Length + 1000 });
        return answer;

        KeyValuePair<string, StringValues>[] Of(string[] names) =>
            [.. names.Where(response.Headers.ContainsKey).Select(name => KeyValuePair.Create(name, response.Headers[name]))];
    }
}
