using System.Text.Json.Serialization;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>One thing that is wrong with a request: what, where, and what would have been accepted.</summary>
/// <param name="Code">Stable code of the rule.</param>
/// <param name="Severity">ERROR or WARNING.</param>
/// <param name="Message">What is wrong and what to do, in the caller's language.</param>
/// <param name="Pointer">JSON pointer into the body, when the body is at fault.</param>
/// <param name="Parameter">Name of the path, query or header parameter at fault.</param>
/// <param name="Value">The value that was sent.</param>
/// <param name="Expected">What would have been accepted.</param>
[method: JsonConstructor]
public sealed record ApiError(
    string Code, Severity Severity, string Message, string? Pointer = null, string? Parameter = null,
    string? Value = null, string? Expected = null)
{
    /// <summary>Both languages, until the problem is written.</summary>
    internal Text? Words { get; init; }

    internal Text? ExpectedWords { get; init; }

    internal static ApiError OfParameter(string code, Text message, string parameter, string? value = null, Text? expected = null) =>
        new(code, Severity.Error, message.En, Parameter: parameter, Value: Shorten(value)) { Words = message, ExpectedWords = expected };

    internal static ApiError OfBody(string code, Text message, string pointer, string? value = null, Text? expected = null) =>
        new(code, Severity.Error, message.En, Pointer: pointer, Value: Shorten(value)) { Words = message, ExpectedWords = expected };

    /// <summary>A period that ends before it begins; <paramref name="asked"/> is the first year as it was sent.</summary>
    internal static ApiError PeriodReversed(int from, int to, int? asked) => OfParameter("PERIOD_REVERSED",
        new($"from ({from}) is after to ({to}). Without a value, each is the last complete year.",
            $"from ({from}) est après to ({to}). Sans valeur, chacun est la dernière année complète."),
        "from", asked?.ToString(System.Globalization.CultureInfo.InvariantCulture), new Text(
            "a year not after to", "une année qui n'est pas après to"));

    /// <summary>A finding of a rule, at its place in the body: <c>/lines/3/axis</c>.</summary>
    internal static ApiError Of(Finding finding)
    {
        var pointer = (finding.Line is { } line ? $"/lines/{line}" : "") + (finding.Field is { } field ? $"/{field}" : "");
        return new ApiError(finding.Code, finding.Severity, finding.Message.En, Pointer: pointer, Value: Shorten(finding.Value))
        {
            Words = finding.Message,
            ExpectedWords = finding.Expected,
        };
    }

    internal ApiError In(Language language) => this with
    {
        Message = Words?.In(language) ?? Message,
        Expected = ExpectedWords?.In(language) ?? Expected,
    };

    private static string? Shorten(string? value) => value is { Length: > 200 } ? value[..200] + "…" : value;
}
