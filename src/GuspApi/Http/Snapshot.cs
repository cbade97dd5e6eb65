using System.Data;
using System.Security.Cryptography;
using System.Text;
using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Http;

/// <summary>
/// What a GET reads is one state of the database: a transaction whose revision every answer tells, ended before the answer is sent, so that
/// a slow reader holds no connection; files, which are sent as they are read, have one of their own until they are sent. Collections are
/// tagged with the revision (see <see cref="AnswerCache"/>). With <c>asOf</c>, what is read is as it stood at a past revision, and the
/// answer tells that one.
/// </summary>
internal sealed class Snapshot
{
    private static readonly string Build = typeof(Snapshot).Module.ModuleVersionId.ToString("n");
    private const string Varies = "Accept, Accept-Encoding, Accept-Language, Authorization";

    /// <summary>
    /// Of the transaction alone, and set with the look at the revision, so that they cost no trip. The timeout is the server's: it ends
    /// the query itself. Compiling a query takes longer than its answer.
    /// </summary>
    private const string Settings = "set_config('statement_timeout', $1, true), set_config('jit', 'off', true)";

    /// <summary>
    /// For what is expensive, few at once: hashes of ten years of figures need more memory than PostgreSQL gives unless told. Of what a
    /// query makes itself it knows little, and would sort that to merge it where a hash takes half the time.
    /// </summary>
    private const string Hashing = ", set_config('work_mem', '32MB', true), set_config('enable_mergejoin', 'off', true)";

    /// <summary>The question of a request, made once: whoever finds no answer asks for it again on the way to one.</summary>
    private sealed record Asked(string Digest);

    /// <summary>The last accepted write that the answer reflects.</summary>
    public long Revision { get; private set; }

    /// <summary>The present revision; null before it is known.</summary>
    public long? Present { get; private set; }

    /// <summary>The revision that <c>asOf</c> asks for; null for things as they stand.</summary>
    public long? AsOf { get; private set; }

    public static async ValueTask<object?> OpenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsGet(http.Request.Method)
            || http.GetEndpoint()?.Metadata.GetMetadata<OneStatement>() is not null)
            return await next(context);

        AsOfForm.TryRead(http.Request.Query["asOf"].ToString(), out var asOf);
        if (asOf is not null && !Caller.From(http.User).SeesLines)
            return Problems.Unauthorized(keySent: false);
        var past = asOf is { Instant: { } instant } ? await RevisionAsync(http, instant) : asOf?.Revision;

        var isFile = Representation.Of(http).IsFile && http.GetEndpoint()!.Metadata.GetMetadata<AnswersIn>()!.Streams;
        if (isFile && http.RequestServices.GetRequiredService<Transfers>().Download(http) is { } busy)
            return busy;
        var db = isFile ? ForFile(context) : http.RequestServices.GetRequiredService<GuspDb>();
        var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, http.RequestAborted);
        await using var end = isFile ? null : transaction;
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var isExpensive = http.GetEndpoint()?.Metadata.GetMetadata<Expensive>() is not null;
        await using var command = new NpgsqlCommand(
            $"{PresentRevision.OfSnapshot}, {Settings}{(isExpensive ? Hashing : "")}", connection);
        var limits = http.RequestServices.GetRequiredService<Limits>();
        command.Parameters.Add(new() { Value = (isFile ? limits.UploadSeconds : limits.StatementSeconds) + "s" });
        var snapshot = http.RequestServices.GetRequiredService<Snapshot>();
        var current = (long)(await command.ExecuteScalarAsync(http.RequestAborted))!;
        if (past > current)
            return Problems.InvalidParameters([NotYet(http.Request.Query["asOf"], current)]);
        (snapshot.Present, snapshot.AsOf) = (current, past);
        snapshot.Revision = snapshot.AsOf ?? current;
        Tell(http, snapshot.Revision);

        if (http.GetEndpoint()?.Metadata.GetMetadata<TagsWithRevision>() is not null)
        {
            // An answer that is kept has its tag already.
            http.Response.OnStarting(() =>
            {
                if (http.Response.StatusCode == StatusCodes.Status200OK && http.Response.Headers.ETag.Count == 0)
                    http.Response.Headers.ETag = Tag(Question(http), current);
                return Task.CompletedTask;
            });
        }
        return await next(context);
    }

    /// <summary>The revision that an answer reflects, and what makes answers differ.</summary>
    public static void Tell(HttpContext http, long revision)
    {
        http.Response.Headers["Gusp-Revision"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Headers.Vary = Varies;
    }

    /// <summary>
    /// A file is sent while it is read, at the pace of its reader: the handler is given a connection of the pool of files, whose
    /// transaction lasts until the answer is sent, and more time.
    /// </summary>
    private static GuspDb ForFile(EndpointFilterInvocationContext context)
    {
        context.HttpContext.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var db = context.HttpContext.RequestServices.GetRequiredService<Transfers>().Database(context.HttpContext);
        for (var i = 0; i < context.Arguments.Count; i++)
        {
            if (context.Arguments[i] is GuspDb)
                context.Arguments[i] = db;
        }
        return db;
    }

    /// <summary>
    /// The last write accepted by then, asked before the snapshot is taken: the function waits for the commits under way, whose instant is
    /// given but whose rows are not seen yet.
    /// </summary>
    private static async Task<long> RevisionAsync(HttpContext http, DateTime instant)
    {
        await using var command = http.RequestServices.GetRequiredService<NpgsqlDataSource>().CreateCommand("select revision_at($1)");
        command.Parameters.Add(new() { Value = instant });
        return (long)(await command.ExecuteScalarAsync(http.RequestAborted))!;
    }

    private static ApiError NotYet(string? asOf, long current) => ApiError.OfParameter("AS_OF_FUTURE",
        new($"asOf is not in the past: the current revision is {current}.",
            $"asOf n'est pas dans le passé : la révision actuelle est {current}."),
        "asOf", asOf, new($"a revision from 0 to {current}, or an instant not after now",
            $"une révision de 0 à {current}, ou un instant qui n'est pas à venir"));

    /// <summary>
    /// A digest of rights, query and representation: with the revision, what makes two answers the same, on any instance. And the day, by
    /// which go campaigns and the last complete year; and the program, which may answer otherwise than the one before it. The query is as
    /// it was sent, in any order, so that nothing in a value can be taken for another parameter.
    /// </summary>
    public static string Question(HttpContext http)
    {
        if (http.Features.Get<Asked>() is { } asked)
            return asked.Digest;
        var text = string.Join('\n',
            Build,
            Caller.From(http.User).Rights,
            Campaign.Today(http.RequestServices.GetRequiredService<TimeProvider>())
                .ToString("o", System.Globalization.CultureInfo.InvariantCulture),
            http.Request.Path.Value,
            string.Join('&', Sent(http.Request.QueryString).Split('&').Order(StringComparer.Ordinal)),
            http.Request.Headers.Accept.ToString(),
            RequestLanguage.Preferred(http.Request));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        http.Features.Set(new Asked(digest));
        return digest;
    }

    private static string Sent(QueryString query) =>
        query.Value is { Length: > 0 } text ? text[1..].Replace("%2C", ",", StringComparison.OrdinalIgnoreCase) : "";

    public static string Tag(string question, long revision) => $"\"r{revision}-{question[..16]}\"";
}

/// <summary>
/// Metadata of a route that reads one object by one statement, which is a state of its own. It tells its revision itself.
/// </summary>
internal sealed class OneStatement;

/// <summary>Metadata of collections and indicators: their ETag is the revision's.</summary>
internal sealed class TagsWithRevision;

/// <summary>The ETag of a single resource is its version, the same for every caller, language and format.</summary>
internal static class Etag
{
    public static string Of(int version) => $"\"v{version}\"";

    /// <summary>Whether If-None-Match names it.</summary>
    public static bool IsKnown(HttpRequest request, string tag) =>
        request.Headers.IfNoneMatch.SelectMany(value => (value ?? "").Split(',')).Select(Strong).Any(known => known == tag || known == "*");

    /// <summary>If-Match names this tag, or any.</summary>
    public static bool Matches(HttpRequest request, string tag) =>
        request.Headers.IfMatch.SelectMany(value => (value ?? "").Split(',')).Select(value => value.Trim())
            .Any(named => named == tag || named == "*");

    private static string Strong(string value) =>
        value.Trim() is var tag && tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;

    /// <summary>The resource with its tag, or 304 when the caller has it already.</summary>
    public static IResult Resource<T>(HttpContext http, T resource, int version)
    {
        http.Response.Headers.ETag = Of(version);
        return IsKnown(http.Request, Of(version)) ? Results.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(resource);
    }
}
