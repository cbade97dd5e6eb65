using System.Text.Json;
using System.Text.RegularExpressions;
using GuspApi.Database;
using GuspApi.Model;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace GuspApi.Http;

/// <summary>What every request goes through: an id, and a problem document whenever it is refused or fails.</summary>
internal static partial class Pipeline
{
    /// <summary><c>X-Request-Id</c>: the caller's, when it is a plain word, else ours; on every answer.</summary>
    public static void UseRequestId(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.Request.Headers["X-Request-Id"].ToString() is { Length: > 0 } sent && PlainWord().IsMatch(sent))
            http.TraceIdentifier = sent;
        else
            http.TraceIdentifier = Guid.CreateVersion7().ToString("n");
        // At the last moment: the exception handler clears what was set before.
        http.Response.OnStarting(() =>
        {
            http.Response.Headers["X-Request-Id"] = http.TraceIdentifier;
            return Task.CompletedTask;
        });
        return next(http);
    });

    /// <summary>A bad key is refused on open routes too: its sender believes to be known.</summary>
    public static void UseBadKeyRefusal(this WebApplication app) => app.Use((http, next) =>
        http.Request.Headers.Authorization.Count > 0 && http.User.Identity is not { IsAuthenticated: true }
            ? http.ChallengeAsync()
            : next(http));

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(handler => handler.Run(http =>
        {
            var fault = http.Features.Get<IExceptionHandlerFeature>()?.Error;
            return ProblemOf(fault).ExecuteAsync(http);
        }));
        app.UseStatusCodePages(context => ProblemOf(context.HttpContext) is { } problem
            ? problem.ExecuteAsync(context.HttpContext)
            : Task.CompletedTask);
    }

    /// <summary>
    /// No route, another method (405), another type of body (415): answered before anyone is asked who they are. A catch-all route would
    /// not do: it would match in their stead and make them all 404.
    /// </summary>
    public static void UseRoutingRefusals(this WebApplication app) => app.Use((http, next) => http.GetEndpoint() switch
    {
        null => Problems.NoSuchRoute().ExecuteAsync(http),
        RouteEndpoint => next(http),
        { } refusal => RefuseAsync(http, refusal),
    });

    private static async Task RefuseAsync(HttpContext http, Endpoint refusal)
    {
        await refusal.RequestDelegate!(http);
        if (http.Response.Headers.Allow.ToString() is var allowed && allowed.Contains("GET", StringComparison.Ordinal))
            http.Response.Headers.Allow = allowed.Replace("GET", "GET, HEAD");
    }

    private static Problem ProblemOf(Exception? fault) => fault switch
    {
        BadHttpRequestException { StatusCode: 408 } => Problems.TooSlow(),
        BadHttpRequestException { StatusCode: 413 } => Problems.TooLarge(BodyLimit),
        BadHttpRequestException { StatusCode: 415 } => Problems.UnsupportedMediaType("application/json"),
        BadHttpRequestException { InnerException: JsonException wrong } => Problems.InvalidBody(
            new("The body is not the JSON that is expected here; see errors.", "Le corps n'est pas le JSON attendu ici ; voir errors."),
            [ApiError.OfBody("INVALID_JSON", Where(wrong), (wrong.Path ?? "").TrimStart('$').Replace('.', '/').Replace("[", "/")
                .Replace("]", ""))]),
        BadHttpRequestException => Problems.InvalidBody(new(
            "The body or a parameter cannot be read: it is cut short or malformed.",
            "Le corps ou un paramètre est illisible : tronqué ou mal formé.")),
        not null when DatabaseFault.Of(fault) is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => Problems.TookTooLong(),
        not null when DatabaseFault.Of(fault) is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => Problems.Held(),
        not null when DatabaseFault.IsPassing(fault) => Problems.Unavailable(),
        _ => Problems.Fault(),
    };

    private static Text Where(JsonException wrong) => new(
        $"Line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}: malformed, "
            + "or not of the type or among the values that the contract gives.",
        $"Ligne {wrong.LineNumber + 1}, octet {wrong.BytePositionInLine + 1} : mal formé, "
            + "ou pas du type ni parmi les valeurs que donne le contrat.");

    /// <summary>Refusals of the framework itself come without a body: they get one.</summary>
    private static Problem? ProblemOf(HttpContext http) => http.Response.StatusCode switch
    {
        400 => Problems.InvalidBody(new("The request cannot be read.", "La requête est illisible.")),
        404 => Problems.NoSuchRoute(),
        405 => Problems.MethodNotAllowed(),
        406 => Problems.NotAcceptable("application/json"),
        408 => Problems.TooSlow(),
        413 => Problems.TooLarge(BodyLimit),
        415 => Problems.UnsupportedMediaType("application/json"),
        _ => null,
    };

    /// <summary>Bytes a body may have, but on imports.</summary>
    public const long BodyLimit = 10_000_000;

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,100}$")]
    private static partial Regex PlainWord();
}
