using System.Globalization;

namespace GuspApi.Features.Reports;

/// <summary>
/// Figures as the leaflet prints them. Rounded half away from zero from the exact value; a comma, U+202F between thousands and
/// U+00A0 before the unit (Imprimerie nationale), so that no figure is cut at the end of a line.
/// </summary>
internal static class FrenchPrint
{
    public const string NoBreak = "\u00A0";
    private const decimal Million = 1_000_000m;

    /// <summary>What is printed where there is no figure.</summary>
    public const string Absent = "–";

    private static readonly NumberFormatInfo French = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "\u202F" };

    /// <summary>"34,8 millions €": one decimal; "1,5 million €" below two; whole euros below one.</summary>
    public static string Millions(decimal? amount) => amount is not { } euros ? Absent
        : Math.Abs(euros) < Million ? Euros(euros)
        : $"{OneDecimal(euros / Million)}{NoBreak}million{(Math.Abs(Rounded(euros / Million, 1)) < 2 ? "" : "s")}{NoBreak}€";

    /// <summary>"9,2 M€", "13 M€": one decimal unless it is zero; whole euros below a million.</summary>
    public static string ShortMillions(decimal? amount) => amount is not { } euros ? Absent
        : Math.Abs(euros) < Million ? Euros(euros)
        : $"{OneDecimal(euros / Million)}{NoBreak}M€";

    /// <summary>"193 €", "13 353 200 €".</summary>
    public static string Euros(decimal? amount) => amount is { } euros ? Number(euros, 0) + NoBreak + "€" : Absent;

    /// <summary>"1,20 €".</summary>
    public static string EurosAndCents(decimal? amount) => amount is { } euros ? Number(euros, 2) + NoBreak + "€" : Absent;

    /// <summary>"83 %" of 0.83.</summary>
    public static string Percent(decimal? share) => share is { } part ? Number(part * 100, 0) + NoBreak + "%" : Absent;

    /// <summary>As a percentage that says 100 % only when nothing is missing.</summary>
    public static string WholePercent(decimal? share) => share is { } part ? Number(Math.Floor(part * 100), 0) + NoBreak + "%" : Absent;

    /// <summary>"361 350".</summary>
    public static string Count(decimal? count) => count is { } number ? Number(number, 0) : Absent;

    private static string OneDecimal(decimal value) =>
        Rounded(value, 1) is var rounded && rounded == Math.Truncate(rounded) ? Number(rounded, 0) : Number(rounded, 1);

    private static string Number(decimal value, int decimals) => Rounded(value, decimals).ToString("N" + decimals, French);

    private static decimal Rounded(decimal value, int decimals) => Math.Round(value, decimals, MidpointRounding.AwayFromZero);
}
