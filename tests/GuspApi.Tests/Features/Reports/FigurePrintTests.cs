using GuspApi.Features.Reports;

namespace GuspApi.Tests.Features.Reports;

/// <summary>No-break spaces are written as in the source of the page: <c>_</c> for U+00A0 and <c>'</c> for U+202F.</summary>
public class FigurePrintTests
{
    [Theory]
    [InlineData("34834342", "34,8_millions_€")]
    [InlineData("34850000", "34,9_millions_€")]
    [InlineData("13000000", "13_millions_€")]
    [InlineData("1949999.99", "1,9_million_€")]
    [InlineData("1950000", "2_millions_€")]
    [InlineData("999999.4", "999'999_€")]
    [InlineData("0", "0_€")]
    public void Prints_millions(string amount, string printed) =>
        Assert.Equal(Spaced(printed), FigurePrint.French.Millions(Decimal(amount)));

    [Theory]
    [InlineData("9200000", "9,2_M€")]
    [InlineData("13000000", "13_M€")]
    [InlineData("12960000", "13_M€")]
    [InlineData("350000", "350'000_€")]
    public void Prints_millions_shortly(string amount, string printed) =>
        Assert.Equal(Spaced(printed), FigurePrint.French.ShortMillions(Decimal(amount)));

    [Theory]
    [InlineData("192.7976", "193_€")]
    [InlineData("0.5", "1_€")]
    [InlineData("-0.5", "-1_€")]
    [InlineData("13353200", "13'353'200_€")]
    public void Prints_euros(string amount, string printed) => Assert.Equal(Spaced(printed), FigurePrint.French.Euros(Decimal(amount)));

    [Theory]
    [InlineData("1.2", "1,20_€")]
    [InlineData("1.205", "1,21_€")]
    public void Prints_cents(string amount, string printed) =>
        Assert.Equal(Spaced(printed), FigurePrint.French.EurosAndCents(Decimal(amount)));

    [Theory]
    [InlineData("0.83", "83_%")]
    [InlineData("0.8249999", "82_%")]
    [InlineData("0.825", "83_%")]
    public void Prints_a_share(string share, string printed) => Assert.Equal(Spaced(printed), FigurePrint.French.Percent(Decimal(share)));

    [Fact]
    public void Prints_a_count() => Assert.Equal(Spaced("361'350"), FigurePrint.French.Count(361_350));

    [Fact]
    public void Prints_a_dash_for_what_is_unknown() => Assert.Equal(FigurePrint.Absent, FigurePrint.French.Euros(null));

    [Fact]
    public void Prints_in_english() => Assert.Equal(
        [Spaced("€34.8_million"), "€9.2M", "€13,353,200", "€1.20", "83%", "361,350", "-€1"],
        [
            FigurePrint.English.Millions(34_834_342m), FigurePrint.English.ShortMillions(9_206_418m),
            FigurePrint.English.Euros(13_353_200m),
            FigurePrint.English.EurosAndCents(1.2m), FigurePrint.English.Percent(0.83m), FigurePrint.English.Count(361_350m),
            FigurePrint.English.Euros(-1m),
        ]);

    private static decimal Decimal(string value) => decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture);

    private static string Spaced(string text) => text.Replace('_', '\u00A0').Replace('\'', '\u202F');
}
