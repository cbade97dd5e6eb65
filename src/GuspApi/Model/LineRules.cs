using System.Globalization;

namespace GuspApi.Model;

/// <summary>A line as a sender gives it, typed but not yet judged: any field may be missing.</summary>
internal sealed record LineDraft
{
    public string? Ref { get; init; }
    public int? Axis { get; init; }
    public string? Action { get; init; }
    public string? Family { get; init; }
    public decimal? Planned { get; init; }
    public decimal? Actual { get; init; }
    public decimal? Valued { get; init; }
    public decimal? LandlordFunding { get; init; }
    public decimal? OtherFunding { get; init; }
    public string? QuantitativeReview { get; init; }
    public string? QualitativeReview { get; init; }
}

/// <summary>What can be said of a declaration and its lines without asking the database. A line in order costs no allocation.</summary>
internal static class LineRules
{
    public const int RefLength = 100;
    public const int ActionLength = 500;
    public const int ReviewLength = 5000;
    public const int LastAxis = 8;
    public const int FirstYear = 2015;
    public const decimal MaximumAmount = 1_000_000_000m;
    public const string Reinforcement = "REINFORCEMENT";
    public const string Specific = "SPECIFIC";

    private static readonly Text AmountForm = new("0…1000000000, at most two decimals", "0…1000000000, au plus deux décimales");
    private static readonly Text Axes = Text.Alike("1…8");
    private static readonly Text Families = new("REINFORCEMENT or SPECIFIC", "REINFORCEMENT ou SPECIFIC");

    /// <summary>Judges one line; <paramref name="index"/> (from 0) is where findings point.</summary>
    public static void Check(LineDraft line, int index, List<Finding> findings)
    {
        Required(line.Ref, "ref", RefLength, index, findings);
        Axis(line.Axis, index, findings);
        Required(line.Action, "action", ActionLength, index, findings);
        Family(line.Family, index, findings);

        Amount(line.Planned, "planned", index, findings);
        if (line.Actual is null)
            findings.Add(Missing("actual", index, AmountForm));
        Amount(line.Actual, "actual", index, findings);
        Amount(line.Valued, "valued", index, findings);
        Amount(line.LandlordFunding, "landlordFunding", index, findings);
        Amount(line.OtherFunding, "otherFunding", index, findings);

        Length(line.QuantitativeReview, "quantitativeReview", ReviewLength, index, findings);
        Length(line.QualitativeReview, "qualitativeReview", ReviewLength, index, findings);
    }

    /// <summary>Judges the lines of one declaration together: a ref is used once.</summary>
    public static void CheckAll(IReadOnlyList<LineDraft> lines, List<Finding> findings)
    {
        var first = new Dictionary<string, int>(lines.Count, StringComparer.Ordinal);
        for (var i = 0; i < lines.Count; i++)
        {
            Check(lines[i], i, findings);
            if (lines[i].Ref is { } key && !first.TryAdd(key, i))
                findings.Add(DeclarationFindings.Of("DUPLICATE_REF", "ref", key, new(
                    "a ref used once in the declaration", "une référence employée une fois dans la déclaration")) with
                { Line = i });
        }
    }

    /// <summary>Judges the key of a declaration: SIREN, year, QPV code.</summary>
    public static void CheckKey(string siren, int year, string qpvCode, int currentYear, List<Finding> findings)
    {
        if (!Siren.IsValid(siren))
            findings.Add(DeclarationFindings.Of("SIREN_INVALID", "landlord", siren, Siren.Expected));
        if (year < FirstYear || year > currentYear)
            findings.Add(DeclarationFindings.Of("YEAR_OUT_OF_RANGE", "year", Number(year), Text.Alike($"{FirstYear}…{currentYear}")));
        if (!QpvCode.IsValid(qpvCode))
            findings.Add(DeclarationFindings.Of("QPV_CODE_INVALID", "qpv", qpvCode, QpvCode.Expected));
    }

    private static void Required(string? text, string field, int maximum, int index, List<Finding> findings)
    {
        if (string.IsNullOrWhiteSpace(text))
            findings.Add(Missing(field, index, new($"1…{maximum} characters", $"1…{maximum} caractères")));
        else
            Length(text, field, maximum, index, findings);
    }

    private static void Axis(int? axis, int index, List<Finding> findings)
    {
        if (axis is null)
            findings.Add(Missing("axis", index, Axes));
        else if (axis is < 1 or > LastAxis)
            findings.Add(DeclarationFindings.Of("AXIS_UNKNOWN", "axis", Number(axis.Value), Axes) with { Line = index });
    }

    private static void Family(string? family, int index, List<Finding> findings)
    {
        if (string.IsNullOrEmpty(family))
            findings.Add(Missing("family", index, Families));
        else if (family is not (Reinforcement or Specific))
            findings.Add(DeclarationFindings.Of("FAMILY_UNKNOWN", "family", Clip(family), Families) with { Line = index });
    }

    private static void Amount(decimal? amount, string field, int index, List<Finding> findings)
    {
        if (amount is not { } value)
            return;
        if (value is < 0 or > MaximumAmount)
            findings.Add(DeclarationFindings.Of("AMOUNT_OUT_OF_RANGE", field, Number(value), AmountForm) with { Line = index });
        else if (decimal.Round(value, 2) != value)
            findings.Add(DeclarationFindings.Of("AMOUNT_DECIMALS", field, Number(value), AmountForm) with { Line = index });
    }

    private static void Length(string? text, string field, int maximum, int index, List<Finding> findings)
    {
        if (text is null)
            return;
        if (text.Length > maximum)
            findings.Add(DeclarationFindings.Of("TEXT_TOO_LONG", field, Clip(text), AtMost(maximum)) with { Line = index });
        if (text.Contains('\0'))
            findings.Add(DeclarationFindings.Of("CHARACTER_FORBIDDEN", field, null, new(
                "no NUL character (U+0000)", "pas de caractère NUL (U+0000)")) with
            { Line = index });
    }

    internal static Text AtMost(int characters) => new($"at most {characters} characters", $"au plus {characters} caractères");

    private static Finding Missing(string field, int index, Text expected) =>
        DeclarationFindings.Of("REQUIRED", field, null, expected) with { Line = index };

    private static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Clip(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
