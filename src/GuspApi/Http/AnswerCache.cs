using System.Collections.Concurrent;
using GuspApi.Database;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace GuspApi.Http;

/// <summary>
/// Answers of collections and indicators, and of single objects that are asked for most. What was answered at the present revision is
/// exact, whichever instance wrote last: one look at the revision proves it. Bounded in bytes; what is cheap goes first, then what is
/// least used.
/// </summary>
internal sealed class AnswerCache(PresentRevision present, IResponseCompressionProvider compression) : IDisposable
{
    private const int MostBytes = 64_000_000;
    private const int MostBytesOfOne = 3_000_000;

    /// <summary>Headers that a 304 has too, then those of the body.</summary>
    private static readonly string[] Always = ["ETag", "Gusp-Revision", "Vary"];
    private static readonly string[] OfBody =
        ["Content-Type", "Content-Language", "Content-Security-Policy", "X-Content-Type-Options", "Link"];

    private readonly MemoryCache answers = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private readonly ConcurrentDictionary<Question, Task<Answer?>> underWay = new();
    private long newest;

    /// <param name="Revision">The present one.</param>
    /// <param name="Digest">What <see cref="Snapshot.Question"/> gives: however long the question, it takes no room.</param>
    private sealed record Question(long Revision, string Digest);

    /// <summary>How an endpoint's answers are kept.</summary>
    private readonly record struct Kind(bool IsTagged, bool IsCheap)
    {
        /// <summary>Null when they are not.</summary>
        public static Kind? Of(HttpContext http)
        {
            var metadata = http.GetEndpoint()!.Metadata;
            var isTagged = metadata.GetMetadata<TagsWithRevision>() is not null;
            return isTagged || metadata.GetMetadata<OneStatement>() is not null
                ? new(isTagged, metadata.GetMetadata<Expensive>() is null)
                : null;
        }
    }

    /// <summary>
    /// Middleware, before the request is looked at: what was answered was in order, and so was what a tag was given for. Only <c>*</c>,
    /// any tag, proves nothing.
    /// </summary>
    public Task TellAsync(HttpContext http, RequestDelegate next) =>
        Kind.Of(http) is { } kind && !http.Request.Headers.IfNoneMatch.ToString().Contains('*')
            ? TellOrAskAsync(http, next, kind)
            : next(http);

    /// <summary>Filter, before a place is taken and a snapshot opened.</summary>
    public ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Kind.Of(context.HttpContext) is { } kind ? KnownAsync(context, next, kind) : next(context);

    private async Task TellOrAskAsync(HttpContext http, RequestDelegate next, Kind kind)
    {
        if (Known(http, await QuestionAsync(http), kind.IsTagged) is { } known)
            await known.ExecuteAsync(http);
        else
            await next(http);
    }

    public void Dispose() => answers.Dispose();

    /// <summary>Whoever asks what is being answered gets that answer: after a write, a question that all ask is computed once.</summary>
    private async ValueTask<object?> KnownAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, Kind kind)
    {
        var http = context.HttpContext;
        var question = await QuestionAsync(http);
        if (Known(http, question, kind.IsTagged) is { } known)
            return known;
        var mine = new TaskCompletionSource<Answer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // It is of this revision or a later one. None comes of it if who asked first leaves, or is refused: then each asks for itself.
        // Files are not kept, so not waited for.
        if (!Representation.Of(http).IsFile && underWay.GetOrAdd(question, mine.Task) is var first && first != mine.Task
            && await first.WaitAsync(http.RequestAborted) is { } answer)
            return answer;
        return await ComputeAsync(context, next, question, kind, mine);
    }

    private async Task<object?> ComputeAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, Question question, Kind kind,
        TaskCompletionSource<Answer?> told)
    {
        Answer? answer = null;
        try
        {
            var result = await next(context);
            while (result is INestedHttpResult union)
                result = union.Result;
            return result is IValueHttpResult or IContentTypeHttpResult
                ? answer = await KeepAsync(context.HttpContext, question, (IResult)result, kind)
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

    private async ValueTask<Question> QuestionAsync(HttpContext http)
    {
        var revision = await present.AskAsync(http);
        ForgetThoseBefore(revision);
        return new(revision, Snapshot.Question(http));
    }

    /// <summary>Nobody asks for what was answered at a past revision.</summary>
    private void ForgetThoseBefore(long revision)
    {
        var known = Interlocked.Read(ref newest);
        if (revision > known && Interlocked.CompareExchange(ref newest, revision, known) == known)
            answers.Clear();
    }

    private static IResult? Unchanged(HttpContext http, Question question)
    {
        if (http.Request.Headers.IfNoneMatch.Count == 0 || Snapshot.Tag(question.Digest, question.Revision) is var tag
            && !Etag.IsKnown(http.Request, tag))
            return null;
        http.Response.Headers.ETag = tag;
        Snapshot.Tell(http, question.Revision);
        return Results.StatusCode(StatusCodes.Status304NotModified);
    }

    private sealed class Answer(
        KeyValuePair<string, StringValues>[] headers, KeyValuePair<string, StringValues>[] ofBody, byte[] body,
        IResponseCompressionProvider compression)
        : IResult
    {
        private readonly ConcurrentDictionary<string, byte[]> encoded = new();

        /// <summary>Bytes, the encoded forms included at the most.</summary>
        public int Size { get; } = body.Length * 2 + 1000;

        public Task ExecuteAsync(HttpContext http)
        {
            var response = http.Response;
            foreach (var (name, value) in headers)
                response.Headers[name] = value;
            if (http.Request.Headers.IfNoneMatch.Count > 0 && Etag.IsKnown(http.Request, response.Headers.ETag.ToString()))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            foreach (var (name, value) in ofBody)
                response.Headers[name] = value;
            var sent = body;
            if (http.Request.Headers.AcceptEncoding.Count > 0 && compression.GetCompressionProvider(http) is { } encoding)
            {
                response.Headers.ContentEncoding = encoding.EncodingName;
                sent = encoded.GetOrAdd(encoding.EncodingName, (_, encoding) => Encode(encoding), encoding);
            }
            response.ContentLength = sent.Length;
            return response.Body.WriteAsync(sent, http.RequestAborted).AsTask();
        }

        private byte[] Encode(ICompressionProvider encoding)
        {
            using var output = new MemoryStream();
            using (var stream = encoding.CreateStream(output))
                stream.Write(body);
            return output.ToArray();
        }
    }

    /// <summary>Writes the answer in memory, and keeps it for the revision it was read at.</summary>
    private async Task<Answer> KeepAsync(HttpContext http, Question question, IResult result, Kind kind)
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
        if (kind.IsTagged)
            response.Headers.ETag = Snapshot.Tag(question.Digest, present);
        var answer = new Answer(Of(Always), Of(OfBody), copy.ToArray(), compression);
        var asked = question with { Revision = present };
        ForgetThoseBefore(present);
        if (response.StatusCode == StatusCodes.Status200OK && answer.Size <= MostBytesOfOne && !answers.TryGetValue(asked, out _))
        {
            var priority = kind.IsCheap ? CacheItemPriority.Low : CacheItemPriority.Normal;
            answers.Set(asked, answer, new MemoryCacheEntryOptions { Size = answer.Size, Priority = priority });
        }
        return answer;

        KeyValuePair<string, StringValues>[] Of(string[] names) =>
            [.. names.Where(response.Headers.ContainsKey).Select(name => KeyValuePair.Create(name, response.Headers[name]))];
    }
}
