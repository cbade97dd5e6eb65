using System.Globalization;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>
/// Cells of spreadsheets as typed values. A cell that is not what its column wants says what was expected and, if clear, the mended value.
/// </summary>
internal static class Cell
{
    public const string Euro = "€";
    private const char NoBreakSpace = '\u00A0';
    private const char NarrowNoBreakSpace = '\u202F';

    /// <summary>What is wrong with a cell; null when nothing is.</summary>
    internal sealed record Refusal(string Code, Text Message, Text Expected, string? Suggestion = null);

    public static string? Text(string? cell)
    {
        var text = cell?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    public static string Clip(string text) => text.Length <= 60 ? text : text[..(char.IsHighSurrogate(text[59]) ? 59 : 60)] + "…";

    public static Refusal? Length(string? text, int longest) => text?.Length > longest
        ? new("TEXT_TOO_LONG", new("This text is too long.", "Ce texte est trop long."), LineRules.AtMost(longest))
        : null;

    /// <summary>
    /// An amount as people write it: <c>1234.56</c>, <c>1234,56</c>, <c>1 234,56 €</c> (grouped by a space, no-break or narrow). A point
    /// never groups: <c>1.234</c> is not read as one euro and a bit.
    /// </summary>
    public static Refusal? Amount(string? cell, out decimal? amount)
    {
        amount = null;
        if (Text(cell) is not { } text)
            return null;

        var number = Bare(text);
        if (!Shape(number, out var digits, out var decimals))
            return new("AMOUNT_INVALID", new(
                "This is not an amount.",
                "Ce n'est pas un montant."), new("1234.56 or 1 234,56 €", "1234.56 ou 1 234,56 €"), Regrouped(number));
        if (decimals > 2)
            return new("AMOUNT_DECIMALS", new("An amount has at most two decimals.", "Un montant a au plus deux décimales."),
                new("at most two decimals; thousands are grouped by spaces, never by a point or a comma",
                    "au plus deux décimales ; les milliers sont groupés par des espaces, jamais par un point ou une virgule"));
        if (digits.Length > 20)
            return OutOfRange();

        amount = decimal.Parse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return null;
    }

    private static Refusal OutOfRange() => new("AMOUNT_OUT_OF_RANGE", new(
        "An amount is between 0 and 1 000 000 000 EUR.", "Un montant est compris entre 0 et 1 000 000 000 EUR."),
        Model.Text.Alike("0…1000000000"));

    /// <summary>An amount in [0, 1 000 000 000].</summary>
    public static Refusal? Money(string? cell, out decimal? amount)
    {
        if (Amount(cell, out amount) is { } refusal)
            return refusal;
        if (amount is not (< 0 or > LineRules.MaximumAmount))
            return null;
        amount = null;
        return OutOfRange();
    }

    /// <summary>A whole number, thousands grouped by spaces or not: <c>1 234</c>.</summary>
    public static Refusal? Count(string? cell, out int? count)
    {
        count = null;
        if (Text(cell) is not { } text)
            return null;
        if (Shape(Bare(text), out var digits, out var decimals) && decimals == 0
            && int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and <= 10_000_000)
        {
            count = value;
            return null;
        }
        return new("COUNT_INVALID", new(
            "This is not a whole number of dwellings.", "Ce n'est pas un nombre entier de logements."), Model.Text.Alike("0…10000000"));
    }

    public static Refusal? Year(string? cell, int first, int last, out int? year)
    {
        year = null;
        if (Text(cell) is not { } text)
            return null;
        if (text.Length == 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= first
            && value <= last)
        {
            year = value;
            return null;
        }
        return new("YEAR_OUT_OF_RANGE", new(
            $"The year is between {first} and {last}.",
            $"L'année est comprise entre {first} et {last}."), Model.Text.Alike($"{first}…{last}"));
    }

    /// <summary>One of a few words, in English or in French; a number is never one.</summary>
    public static Refusal? Word(string? cell, (string Word, string[] Aliases)[] words, string code, out string? word)
    {
        word = null;
        if (Text(cell) is not { } text)
            return null;
        var folded = HeaderName.Fold(text);
        foreach (var (known, aliases) in words)
        {
            if (HeaderName.Fold(known) == folded || aliases.Contains(folded))
            {
                word = known;
                return null;
            }
        }
        var list = string.Join(", ", words.Select(w => w.Word));
        return new(code, new($"This word is none of {list}.", $"Ce mot n'est aucun de {list}."), Model.Text.Alike(list));
    }

    /// <summary>An axis by its number or by its exact label.</summary>
    public static Refusal? Axis(string? cell, IReadOnlyDictionary<string, short> labels, out int? axis)
    {
        axis = null;
        if (Text(cell) is not { } text)
            return null;
        if (text is [>= '1' and <= '8'])
        {
            axis = text[0] - '0';
            return null;
        }
        if (labels.TryGetValue(HeaderName.Fold(text), out var number))
        {
            axis = number;
            return null;
        }
        var digits = text.AsSpan().TrimStart('0');
        var suggestion = digits is [>= '1' and <= '8'] ? digits.ToString() : null;
        return new("AXIS_UNKNOWN", new(
            "There are eight axes, 1 to 8.",
            "Il y a huit axes, de 1 à 8."), new("1…8, or the label of an axis", "1…8, ou le libellé d'un axe"), suggestion);
    }

    private static string Bare(string text)
    {
        if (text.EndsWith(Euro, StringComparison.Ordinal))
            text = text[..^1];
        else if (text.EndsWith("EUR", StringComparison.OrdinalIgnoreCase))
            text = text[..^3];
        return text.Trim();
    }

    // Sign, digits plain or in groups of three behind a space, then , or . and decimals.
    private static bool Shape(ReadOnlySpan<char> text, out string digits, out int decimals)
    {
        (digits, decimals) = ("", 0);
        Span<char> kept = stackalloc char[64];
        var length = 0;
        if (text.Length is 0 or > 60)
            return false;
        if (text[0] is '-' or '\u2212')
        {
            kept[length++] = '-';
            text = text[1..].TrimStart();
        }

        var mark = text.IndexOfAny('.', ',');
        var whole = mark < 0 ? text : text[..mark];
        if (!Whole(whole, kept, ref length))
            return false;
        if (mark >= 0)
        {
            var fraction = text[(mark + 1)..];
            if (fraction.Length == 0 || fraction.ContainsAnyExceptInRange('0', '9'))
                return false;
            decimals = fraction.Length;
            kept[length++] = '.';
            fraction.CopyTo(kept[length..]);
            length += fraction.Length;
        }
        digits = new string(kept[..length]);
        return true;
    }

    private static bool Whole(ReadOnlySpan<char> whole, Span<char> kept, ref int length)
    {
        var sinceSpace = -1;
        var run = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            var character = whole[i];
            if (character is >= '0' and <= '9')
            {
                kept[length++] = character;
                run++;
            }
            else if (character is ' ' or NoBreakSpace or NarrowNoBreakSpace && run is > 0 and <= 3 && (sinceSpace < 0 || run == 3))
            {
                (sinceSpace, run) = (i, 0);
            }
            else
            {
                return false;
            }
        }
        return run > 0 && (sinceSpace < 0 || run == 3);
    }

    // "1.234,56" or "1,234.56": the last mark is the decimal one, the others grouped.
    private static string? Regrouped(string number)
    {
        var last = number.LastIndexOfAny(['.', ',']);
        if (last <= 0)
            return null;
        var repaired = number[..last].Replace(".", "").Replace(",", "") + "." + number[(last + 1)..];
        return Shape(repaired, out var digits, out var decimals) && decimals <= 2 ? digits : null;
    }
}
