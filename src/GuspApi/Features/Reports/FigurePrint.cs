using System.Globalization;
using GuspApi.Features.Indicators;
using GuspApi.Model;

namespace GuspApi.Features.Reports;

/// <summary>
/// Figures as the leaflet prints them. Rounded once, half away from zero, from the exact value. In French a comma, U+202F between
/// thousands and U+00A0 before the unit (Imprimerie nationale), so that no figure is cut at the end of a line.
/// </summary>
internal sealed class FigurePrint
{
    private const string NoBreak = "\u00A0";
    private const decimal Million = 1_000_000m;

    /// <summary>What is printed where there is no figure.</summary>
    public const string Absent = "–";

    public static readonly FigurePrint French = new(
        Language.French, new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "\u202F" });
    public static readonly FigurePrint English = new(Language.English, new() { NumberDecimalSeparator = ".", NumberGroupSeparator = "," });

    private readonly Language language;
    private readonly NumberFormatInfo numbers;
    private readonly Dictionary<Measure, Func<decimal?, string>> prints;

    private FigurePrint(Language language, NumberFormatInfo numbers)
    {
        (this.language, this.numbers) = (language, numbers);
        prints = new()
        {
            [Measures.ExpensePerYear] = Euros,
            [Measures.AbatementPerYear] = Euros,
            [Measures.ExpensePerDwelling] = Euros,
            [Measures.SpentPerEuroReceived] = EurosAndCents,
            [Measures.CoverageRate] = Percent,
            [Measures.ExpenseShare] = Percent,
            [Measures.Completeness] = WholePercent,
        };
    }

    public static FigurePrint In(Language language) => language == Language.French ? French : English;

    /// <summary>How a measure is printed; counts unless said above.</summary>
    public Func<decimal?, string> Of(Measure measure) => prints.GetValueOrDefault(measure, Count);

    /// <summary>"34,8 millions €": one decimal; "1,5 million €" below two; whole euros below one.</summary>
    public string Millions(decimal? amount) => amount is not { } euros ? Absent
        : Math.Abs(euros) < Million ? Euros(euros)
        : language == Language.English ? $"€{OneDecimal(euros / Million)}{NoBreak}million"
        : $"{OneDecimal(euros / Million)}{NoBreak}million{(Math.Abs(Rounded(euros / Million, 1)) < 2 ? "" : "s")}{NoBreak}€";

    /// <summary>"9,2 M€", "13 M€": one decimal unless it is zero; whole euros below a million.</summary>
    public string ShortMillions(decimal? amount) => amount is not { } euros ? Absent
        : Math.Abs(euros) < Million ? Euros(euros)
        : language == Language.English ? $"€{OneDecimal(euros / Million)}M"
        : $"{OneDecimal(euros / Million)}{NoBreak}M€";

    /// <summary>"193 €", "13 353 200 €".</summary>
    public string Euros(decimal? amount) => Money(amount, 0);

    /// <summary>"1,20 €".</summary>
    public string EurosAndCents(decimal? amount) => Money(amount, 2);

    /// <summary>"83 %" of 0.83.</summary>
    public string Percent(decimal? share) => share is { } part ? Number(part * 100, 0) + PercentSign : Absent;

    /// <summary>As a percentage that says 100 % only when nothing is missing.</summary>
    public string WholePercent(decimal? share) => share is { } part ? Number(Math.Floor(part * 100), 0) + PercentSign : Absent;

    /// <summary>"361 350".</summary>
    public string Count(decimal? count) => count is { } number ? Number(number, 0) : Absent;

    private string PercentSign => language == Language.English ? "%" : NoBreak + "%";

    private string Money(decimal? amount, int decimals) => amount is not { } euros ? Absent
        : language == Language.English ? (euros < 0 ? "-€" : "€") + Number(Math.Abs(euros), decimals)
        : Number(euros, decimals) + NoBreak + "€";

    private string OneDecimal(decimal value) =>
        Rounded(value, 1) is var rounded && rounded == Math.Truncate(rounded) ? Number(rounded, 0) : Number(rounded, 1);

    private string Number(decimal value, int decimals) => Rounded(value, decimals).ToString("N" + decimals, numbers);

    private static decimal Rounded(decimal value, int decimals) => Math.Round(value, decimals, MidpointRounding.AwayFromZero);
}
