using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Rules;

/// <summary>A rule of the trade that a declaration can break.</summary>
/// <param name="Code">Its stable code, as in errors and anomalies.</param>
/// <param name="Severity">ERROR or WARNING.</param>
/// <param name="Refuses">What it refuses: EVERY_WRITE, SUBMISSION or NEVER, which only warns.</param>
/// <param name="Text">What it says, in both languages.</param>
/// <param name="Thresholds">From where on it speaks; null where it has no threshold.</param>
/// <param name="Version">Its version, as in the ETag.</param>
public sealed record RuleResponse(
    string Code, Severity Severity, RuleRefusal Refuses, RuleText Text, RuleThresholds? Thresholds, int Version)
{
    internal static RuleResponse Of(string code, Rule? rule) => new(
        code, DeclarationFindings.SeverityOf(code), Enum.Parse<RuleRefusal>(DeclarationFindings.RefusalOf(code).ToString()),
        new(DeclarationFindings.MessageOf(code).Fr, DeclarationFindings.MessageOf(code).En),
        rule is null ? null : new(rule.Minimum, rule.Maximum, rule.Unit), rule?.Version ?? 1);

    internal static readonly Columns<RuleResponse> Columns = new()
    {
        { "code", r => r.Code }, { "severity", "gravite", r => r.Severity }, { "refuses", "refuse", r => r.Refuses },
        { "text_fr", "texte_fr", r => r.Text.Fr }, { "text_en", "texte_en", r => r.Text.En },
        { "minimum", r => r.Thresholds?.Minimum }, { "maximum", r => r.Thresholds?.Maximum },
        { "unit", "unite", r => r.Thresholds?.Unit },
    };
}

/// <summary>What a broken rule refuses.</summary>
public enum RuleRefusal
{
    /// <summary>Nothing is written.</summary>
    EveryWrite,
    /// <summary>A draft is saved, and not submitted.</summary>
    Submission,
    /// <summary>It only warns.</summary>
    Never,
}

/// <param name="Fr">In French.</param>
/// <param name="En">In English.</param>
public sealed record RuleText(string Fr, string En);

/// <param name="Minimum">Below it the rule speaks; null where it has none.</param>
/// <param name="Maximum">Above it the rule speaks.</param>
/// <param name="Unit">Of both; a share is of 1 (0.05 is 5 %).</param>
public sealed record RuleThresholds(decimal? Minimum, decimal Maximum, string Unit);

/// <summary>What the thresholds of a rule are to become.</summary>
/// <param name="Minimum">Where the rule has one, and only there.</param>
/// <param name="Maximum">0 to 1 000 000, at most four decimals.</param>
[Example("""{ "maximum": 0.1 }""")]
public sealed record PutRule(decimal? Minimum = null, decimal? Maximum = null)
{
    /// <summary>Everything that is wrong with it, for a rule as it stands.</summary>
    internal List<ApiError> Broken(Rule rule)
    {
        var errors = new List<ApiError>();
        void Add(string code, string en, string fr, string pointer, decimal? value, Text expected) => errors.Add(ApiError.OfBody(
            code, new(en, fr), pointer, value?.ToString(CultureInfo.InvariantCulture), expected));

        if (Maximum is null)
            Add("THRESHOLD_REQUIRED", "Give the maximum.", "Donnez maximum.", "/maximum", null, Range);
        if (rule.Minimum is not null && Minimum is null)
            Add("THRESHOLD_REQUIRED", "This rule has a minimum: give it.", "Cette règle a un minimum : donnez-le.",
                "/minimum", null, Range);
        if (rule.Minimum is null && Minimum is not null)
            Add("THRESHOLD_UNKNOWN", "This rule has no minimum.", "Cette règle n'a pas de minimum.", "/minimum",
                Minimum, Text.Alike("null"));
        foreach (var (name, value) in new[] { ("/minimum", Minimum), ("/maximum", Maximum) })
        {
            if (value is < 0 or > 1_000_000 || value is { } given && given != decimal.Round(given, 4))
                Add("THRESHOLD_OUT_OF_RANGE", $"A threshold is {Range.En}.", $"Un seuil va {Range.Fr}.", name, value, Range);
        }
        if (Minimum > Maximum)
            Add("THRESHOLDS_REVERSED", "The minimum is above the maximum.", "Le minimum dépasse le maximum.", "/minimum", Minimum, new(
                "at most the maximum", "au plus le maximum"));
        return errors;
    }

    private static readonly Text Range = new(
        "0 to 1 000 000, with at most four decimals", "de 0 à 1 000 000, avec au plus quatre décimales");
}

internal sealed class RuleForm : IForm<string>
{
    public static Text Expected => new(
        "the code of a rule, such as VALUED_VERSUS_ABATEMENT", "le code d'une règle, tel que VALUED_VERSUS_ABATEMENT");
    public static string? Pattern => "^[A-Z][A-Z_]{0,39}$";
    public static string? Example => "VALUED_VERSUS_ABATEMENT";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 40 && char.IsAsciiLetterUpper(text[0])
            && text.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_');
    }
}
