using System.Text.RegularExpressions;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>
/// Codes in cells: spreadsheets take them for numbers and eat their leading zeros. Elsewhere than in the QPV list that is an error that
/// says the whole code.
/// </summary>
internal static partial class CodeCell
{
    public static Cell.Refusal? SirenOf(string? cell, out string? siren)
    {
        siren = null;
        if (Cell.Text(cell) is not { } text)
            return null;
        var digits = Spaces().Replace(text, "");
        if (Siren.IsValid(digits))
        {
            siren = digits;
            return null;
        }
        var padded = digits.PadLeft(9, '0');
        var suggestion = digits.Length is > 5 and < 9 && Siren.IsValid(padded) ? padded
            : digits.Length == 14 && Siren.IsValid(digits.AsSpan(0, 9)) ? digits[..9]
            : null;
        return new("SIREN_INVALID", new("This is not a SIREN.", "Ce n'est pas un numéro SIREN."), Siren.Expected, suggestion);
    }

    public static Cell.Refusal? QpvOf(string? cell, out string? code)
    {
        code = null;
        if (Cell.Text(cell) is not { } text)
            return null;
        var upper = text.ToUpperInvariant();
        if (QpvCode.IsValid(upper))
        {
            code = upper;
            return null;
        }
        return new("QPV_CODE_INVALID", new("This is not the code of a QPV.", "Ce n'est pas un code de QPV."),
            QpvCode.Expected, WholeQpv(upper));
    }

    private static string? WholeQpv(string code)
    {
        if (code.Length is < 4 or > 7)
            return null;
        var padded = string.Concat(code[..2], new string('0', 8 - code.Length), code[2..]);
        return QpvCode.IsValid(padded) ? padded : null;
    }

    /// <summary>A code of fixed width; <paramref name="repair"/> gives lost leading zeros back instead of refusing.</summary>
    public static Cell.Refusal? Territory(string? cell, Territory kind, bool repair, out string? code)
    {
        code = null;
        if (Cell.Text(cell) is not { } text)
            return null;
        var upper = text.ToUpperInvariant();
        var whole = upper.Length < kind.Width && upper.All(char.IsAsciiLetterOrDigit) ? upper.PadLeft(kind.Width, '0') : upper;
        if (kind.Shape.IsMatch(whole) && (repair || whole == upper))
        {
            code = whole;
            return null;
        }
        return new("CODE_INVALID", kind.Message, Text.Alike(kind.Example), kind.Shape.IsMatch(whole) ? whole : null);
    }

    /// <summary>Values of one cell: <c>02571; 02691</c>, <c>13055,13070</c>.</summary>
    public static string[] Several(string? cell) =>
        cell?.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    [GeneratedRegex(@"[\s\u00A0\u202F]")]
    private static partial Regex Spaces();

    [GeneratedRegex("^([0-9]{5}|2[AB][0-9]{3})$")]
    internal static partial Regex CommuneShape();

    [GeneratedRegex("^(0[1-9]|[1-9][0-9]|2[AB]|97[1-8]|98[4-9])$")]
    internal static partial Regex DepartmentShape();

    [GeneratedRegex("^([0-9]{2}|9[78][0-9])$")]
    internal static partial Regex RegionShape();
}

/// <summary>A kind of territory code: its width, its shape and an example.</summary>
internal sealed record Territory(int Width, Regex Shape, Text Message, string Example)
{
    public static readonly Territory Commune = new(5, CodeCell.CommuneShape(),
        new("This is not the INSEE code of a commune.", "Ce n'est pas un code INSEE de commune."), "59350, 02691, 2A004");

    public static readonly Territory Department = new(2, CodeCell.DepartmentShape(),
        new("This is not the code of a département.", "Ce n'est pas un code de département."), "59, 02, 2A, 971");

    public static readonly Territory Region = new(2, CodeCell.RegionShape(),
        new("This is not the code of a région.", "Ce n'est pas un code de région."), "32, 01");
}
