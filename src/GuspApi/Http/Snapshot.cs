using System.Data;
using System.Security.Cryptography;
using System.Text;
using GuspApi.Auth;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Http;

/// <summary>
/// What a GET reads is one state of the database: a transaction whose revision every answer tells, ended before the answer is sent, so that
/// a slow reader holds no connection. Collections are tagged with the revision: a caller who has the answer already gets 304 before
/// anything is read.
/// </summary>
internal sealed class Snapshot
{
    public long Revision { get; private set; }

    public static async ValueTask<object?> OpenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
            return await next(context);

        var db = http.RequestServices.GetRequiredService<GuspDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, http.RequestAborted);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        // The timeout is the server's and the transaction's: it ends the query itself, and costs no trip of its own.
        await using var command = new NpgsqlCommand("select current_revision(), set_config('statement_timeout', $1, true)", connection);
        command.Parameters.Add(new() { Value = http.RequestServices.GetRequiredService<Limits>().StatementSeconds + "s" });
        var snapshot = http.RequestServices.GetRequiredService<Snapshot>();
        snapshot.Revision = (long)(await command.ExecuteScalarAsync(http.RequestAborted))!;
        http.Response.Headers["Gusp-Revision"] = snapshot.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Headers.Vary = "Accept, Accept-Language, Authorization";

        if (http.GetEndpoint()?.Metadata.GetMetadata<TagsWithRevision>() is not null)
        {
            var tag = Tag(http, snapshot.Revision);
            if (Etag.IsKnown(http.Request, tag))
            {
                http.Response.Headers.ETag = tag;
                return Results.StatusCode(StatusCodes.Status304NotModified);
            }
            http.Response.OnStarting(() =>
            {
                if (http.Response.StatusCode == StatusCodes.Status200OK)
                    http.Response.Headers.ETag = tag;
                return Task.CompletedTask;
            });
        }
        return await next(context);
    }

    /// <summary>
    /// Revision, rights, query and representation: what makes two answers the same. And the day, by which go campaigns and the last complete
    /// year.
    /// </summary>
    private static string Tag(HttpContext http, long revision)
    {
        var text = string.Join('\n',
            Caller.From(http.User).Rights,
            Campaign.Today(http.RequestServices.GetRequiredService<TimeProvider>()).ToString("o", System.Globalization.CultureInfo.InvariantCulture),
            http.Request.Path,
            string.Join('&', http.Request.Query.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")),
            http.Request.Headers.Accept.ToString(),
            RequestLanguage.Of(http.Request));
        return $"\"r{revision}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8)).ToLowerInvariant()}\"";
    }
}

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
        request.Headers.IfMatch.SelectMany(value => (value ?? "").Split(',')).Select(value => value.Trim()).Any(named => named == tag || named == "*");

    private static string Strong(string value) => value.Trim() is var tag && tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;

    /// <summary>The resource with its tag, or 304 when the caller has it already.</summary>
    public static IResult Resource<T>(HttpContext http, T resource, int version)
    {
        http.Response.Headers.ETag = Of(version);
        return IsKnown(http.Request, Of(version)) ? Results.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(resource);
    }
}
