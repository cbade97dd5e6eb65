using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>A refusal as RFC 9457 has it, with a stable code, the request's id, and every error at once.</summary>
/// <param name="Type">Address of the problem's description.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What was wrong and what to do.</param>
/// <param name="Instance">Path of the request.</param>
/// <param name="Code">Stable code of the problem.</param>
/// <param name="RequestId">The <c>X-Request-Id</c> of the answer.</param>
/// <param name="Errors">Each thing that is wrong, all at once; empty when the detail says it all.</param>
/// <param name="AllowedActions">Where a declaration's state is in the way: the steps that it allows.</param>
public sealed record ProblemDocument(
    string Type, string Title, int Status, string Detail, string Instance, string Code, string RequestId, IReadOnlyList<ApiError> Errors,
    IReadOnlyList<string>? AllowedActions = null);

/// <summary>A refusal as a value: a handler returns it, or a filter; it is written in the caller's language.</summary>
internal sealed record Problem(string Code, Text Detail) : IResult, IStatusCodeHttpResult
{
    public int Status => ProblemKinds.All[Code].Status!.Value;

    private static readonly JsonSerializerOptions Json = new(ApiJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public IReadOnlyList<ApiError> Errors { get; init; } = [];

    /// <summary>Seconds after which to try again.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Members of the problem's own, such as the steps that are allowed.</summary>
    public IReadOnlyDictionary<string, object?> Extensions { get; init; } = new Dictionary<string, object?>();

    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>The problem as it is written.</summary>
    public static JsonObject Document(Problem problem, Language language, string path, string requestId)
    {
        var document = JsonSerializer.SerializeToNode(
            new ProblemDocument(
                $"/v1/problems/{problem.Code}", ProblemKinds.All[problem.Code].Title.In(language), problem.Status,
                problem.Detail.In(language), path,
                problem.Code, requestId, [.. problem.Errors.Select(error => error.In(language))]),
            Json)!.AsObject();
        foreach (var (name, value) in problem.Extensions)
            document[name] = JsonSerializer.SerializeToNode(value, Json);
        return document;
    }

    public Task ExecuteAsync(HttpContext http)
    {
        var language = RequestLanguage.Of(http.Request);
        var document = Document(this, language, http.Request.Path, http.TraceIdentifier);

        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/problem+json";
        http.Response.Headers.ContentLanguage = language == Language.French ? "fr" : "en";
        http.Response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // Whatever ended the request: its time limit is one of the refusals to be told.
        return http.Response.WriteAsync(document.ToJsonString(Json), CancellationToken.None);
    }
}

/// <summary>French when <c>Accept-Language</c> prefers it to English.</summary>
internal static class RequestLanguage
{
    public static Language Of(HttpRequest request) => Preferred(request) ?? Language.English;

    /// <summary>Which of the two is asked for; null when neither is.</summary>
    public static Language? Preferred(HttpRequest request) =>
        request.Headers.AcceptLanguage.Count == 0 ? null : request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(language => language.Quality ?? 1)
        .Select(language => language.Value.Value ?? "")
        .Select(language => language.StartsWith("fr", StringComparison.OrdinalIgnoreCase) ? Language.French
            : language.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? Language.English
            : (Language?)null)
        .FirstOrDefault(language => language is not null);
}
