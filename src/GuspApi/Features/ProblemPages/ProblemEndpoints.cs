using System.Diagnostics.CodeAnalysis;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GuspApi.Features.ProblemPages;

/// <summary>Where the <c>type</c> of every problem leads: what caused it and what cures it.</summary>
internal static class ProblemEndpoints
{
    private static readonly ProblemKindResponse[] All =
        [.. ProblemKinds.All.Values.Concat(ErrorKinds.All.Values).Select(ProblemKindResponse.Of)
            .OrderBy(kind => kind.Code, StringComparer.Ordinal)];

    public static void MapProblems(this RouteGroupBuilder api)
    {
        var problems = api.MapGroup("/problems").WithTags("Problems").RequireAuthorization(Policies.Open);
        problems.MapGet("", List).WithName("ListProblems").WithMetadata(new TagsWithRevision());
        problems.MapGet("/{code}", Get).WithName("GetProblem").Produces<ProblemKindResponse>();
    }

    /// <summary>Every code of a problem, and of the errors that one or an import holds, by code.</summary>
    private static Ok<Collection<ProblemKindResponse>> List([AsParameters] ProblemFilter filter, Page page, Snapshot snapshot)
    {
        var kinds = All.Where(kind => filter.Kind is null || kind.Kind == filter.Kind.Value).ToList();
        var rest = page.After is [var after] ? kinds.Where(kind => string.CompareOrdinal(kind.Code, after) > 0) : kinds;
        return TypedResults.Ok(page.Of([.. rest.Take(page.Limit + 1)], kinds.Count, snapshot.Revision, kind => [kind.Code]));
    }

    /// <summary>One code: its cause and its cure, in English and French.</summary>
    private static IResult Get(One<string, ProblemCodeForm> code) => Array.Find(All, kind => kind.Code == code.Value) is { } kind
        ? TypedResults.Ok(kind)
        : Problems.NotFound("problem", code.Value);
}

/// <summary>A code that the API gives.</summary>
/// <param name="Code">The code; the <c>type</c> of a problem is the path of this page.</param>
/// <param name="Kind">PROBLEM: of a whole answer. ERROR: of an entry of <c>errors</c>, in a problem or of an import.</param>
/// <param name="Status">HTTP status of a problem; null for an error.</param>
/// <param name="Title">What it is.</param>
/// <param name="Cause">What causes it.</param>
/// <param name="Cure">What to do.</param>
/// <param name="Href">Path of this page.</param>
public sealed record ProblemKindResponse(
    string Code, CodeKind Kind, int? Status, Translated Title, Translated Cause, Translated Cure, string Href)
{
    internal static ProblemKindResponse Of(ProblemKind kind) => new(
        kind.Code, kind.Status is null ? CodeKind.Error : CodeKind.Problem, kind.Status,
        Translated.Of(kind.Title), Translated.Of(kind.Cause), Translated.Of(kind.Cure), $"/v1/problems/{kind.Code}");
}

/// <summary>What a code is of.</summary>
public enum CodeKind
{
    /// <summary>A whole answer.</summary>
    Problem,
    /// <summary>An entry of errors.</summary>
    Error,
}

/// <param name="Kind">Of this kind alone.</param>
internal sealed record ProblemFilter(One<CodeKind, EnumForm<CodeKind>>? Kind) : IUrlParameters;

internal sealed class ProblemCodeForm : IForm<string>
{
    public static Text Expected => new("a code in capitals, such as RULES_BROKEN", "un code en capitales, tel que RULES_BROKEN");
    public static string? Pattern => "^[A-Z][A-Z0-9_]{0,59}$";
    public static string? Example => "RULES_BROKEN";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 60 && char.IsAsciiLetterUpper(text[0])
            && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '_');
    }
}
