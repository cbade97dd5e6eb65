using System.Globalization;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Reports;

/// <summary>
/// The charts, drawn here as SVG of 360 points across, so that their letters are as large as the page's on a phone. Each has a title and a
/// description; what they show is in a table beside them. Lengths and positions tell the figures, shades only set parts apart.
/// </summary>
internal sealed class Charts(Language language)
{
    private const double Width = 360;

    private readonly FigurePrint print = FigurePrint.In(language);

    private string T(string fr, string en) => language == Language.French ? fr : en;

    public static Html Svg(string id, double width, double height, string title, string description, Html shapes) => Html.Of($"""
        <svg class="chart" viewBox="0 0 {N(width)} {N(height)}" role="img" aria-labelledby="{id}-title {id}-text"><title id="{id}-title">{title}</title><desc id="{id}-text">{description}</desc>{shapes}</svg>
        """);

    /// <summary>A bar for each theme, cut into its axes, whose numbers stand in it.</summary>
    public Html Themes(IReadOnlyList<ReportTheme> themes)
    {
        const double row = 58;
        var most = Math.Max(1m, themes.Max(theme => theme.ExpensePerYear.Value) ?? 1m);
        var shapes = Html.Join(themes.Index(), theme => Html.Of($"""
            <text x="0" y="{N(theme.Index * row + 16)}" class="strong">{theme.Item.Label}</text><text x="360" y="{N(theme.Index * row + 16)}" class="strong end">{theme.Item.ExpensePerYear.Printed}</text>
            {Segments(theme.Item, theme.Index * row + 23, most)}
            """));
        return Svg("themes", Width, themes.Count * row - 8, T("Dépenses annuelles par thème", "Expense per year by theme"),
            string.Join(T(" ; ", "; "), themes.Select(theme => $"{theme.Label} {theme.ExpensePerYear.Printed}")), shapes);
    }

    private static Html Segments(ReportTheme theme, double y, decimal most)
    {
        var x = 0.0;
        return Html.Join(theme.Axes.Index(), axis =>
        {
            var width = (double)((axis.Item.ExpensePerYear.Value ?? 0) / most) * Width;
            var left = x;
            x += width;
            var number = width < 14 ? new Html("") : Html.Of($"""<text x="{N(left + width / 2)}" y="{N(y + 17)}" class="t{3 - axis.Index % 2 * 2} mid">{axis.Item.Number}</text>""");
            return Html.Of($"""<rect class="area q{3 - axis.Index % 2 * 2}" x="{N(left)}" y="{N(y)}" width="{N(Math.Max(width - 1, 0))}" height="25"/>{number}""");
        });
    }

    /// <summary>A column for the expense of each year, a thick line across it for the abatement; years before the period are lighter.</summary>
    public Html Years(IReadOnlyList<ReportYear> years)
    {
        const double top = 24, floor = 170;
        var most = Math.Max(1m, years.Max(year => Math.Max(year.Figures.ExpensePerYear.Value ?? 0, year.Figures.AbatementPerYear.Value ?? 0)));
        var step = Math.Min(90, Width / years.Count);
        var isCrowded = step < 44;
        double Y(decimal? amount) => floor - (double)((amount ?? 0) / most) * (floor - top);
        var shapes = Html.Join(years.Index(), year =>
        {
            var (figures, middle) = (year.Item.Figures, (year.Index + 0.5) * step);
            var label = isCrowded ? new Html("") : Html.Of($"""<text x="{N(middle)}" y="{N(Y(figures.ExpensePerYear.Value) - 7)}" class="mid">{print.ShortMillions(figures.ExpensePerYear.Value)}</text>""");
            var name = isCrowded && year.Index % 2 == 1 ? "" : isCrowded ? $"{year.Item.Year % 100:00}" : $"{year.Item.Year}";
            return Html.Of($"""
                <rect class="area q{(year.Item.InPeriod ? 1 : 0)}" x="{N(middle - step * 0.31)}" y="{N(Y(figures.ExpensePerYear.Value))}" width="{N(step * 0.62)}" height="{N(floor - Y(figures.ExpensePerYear.Value))}"/>
                <path class="mark" d="M{N(middle - step * 0.4)} {N(Y(figures.AbatementPerYear.Value))}h{N(step * 0.8)}"/>{label}<text x="{N(middle)}" y="188" class="mid">{name}</text>
                """);
        });
        var key = Html.Of($"""
            <rect class="area q1" x="0" y="204" width="14" height="12"/><text x="20" y="215">{T("dépenses", "expense")}</text><path class="mark" d="M110 210h20"/><text x="137" y="215">{T("abattement reçu", "abatement received")}</text>
            """);
        return Svg("years", Width, 222, T("Dépenses et abattement par année", "Expense and abatement by year"),
            string.Join(T(" ; ", "; "), years.Select(year => $"{year.Year} {print.ShortMillions(year.Figures.ExpensePerYear.Value)}")),
            Html.Of($"{shapes}<path class=\"axis\" d=\"M0 {N(floor)}h{N(step * years.Count)}\"/>{key}"));
    }

    /// <summary>From the lowest QPV to the highest: a box for the middle half, a thick line for the median, a diamond for the report's own figure.</summary>
    public Html Spread(ReportSpread spread, ReportFigure own)
    {
        var (lowest, highest) = (Math.Min(spread.Lowest.Value!.Value, own.Value ?? decimal.MaxValue), Math.Max(spread.Highest.Value!.Value, own.Value ?? 0));
        var length = Math.Max(highest - lowest, 0.01m);
        double X(decimal? value) => 22 + (double)(((value ?? lowest) - lowest) / length) * (Width - 44);
        var (low, lower, median, upper, high) = (X(spread.Lowest.Value), X(spread.LowerQuartile.Value), X(spread.Median.Value), X(spread.UpperQuartile.Value), X(spread.Highest.Value));
        var mark = own.Value is null ? new Html("") : Html.Of($"""
            <path class="own" d="M{N(X(own.Value))} 88l-7 8 7 8 7-8z"/><text x="{N(Math.Clamp(X(own.Value), 60, 300))}" y="122" class="mid strong">{T("ce rapport", "this report")} {own.Printed}</text>
            """);
        return Svg("spread", Width, 128, T("Dépense par logement : écarts entre QPV", "Expense per dwelling: spread between QPVs"),
            T($"De {spread.Lowest.Printed} à {spread.Highest.Printed}, médiane {spread.Median.Printed}", $"From {spread.Lowest.Printed} to {spread.Highest.Printed}, median {spread.Median.Printed}"),
            Html.Of($"""
                <path class="axis" d="M{N(low)} 55H{N(high)}M{N(low)} 45v20M{N(high)} 45v20"/><rect class="area q1" x="{N(lower)}" y="35" width="{N(Math.Max(upper - lower, 1))}" height="40"/><path class="mark" d="M{N(median)} 33v44"/>
                <text x="{N(median)}" y="22" class="mid strong">{spread.Median.Printed}</text><text x="{N(low)}" y="84" class="mid">{spread.Lowest.Printed}</text><text x="{N(high)}" y="84" class="mid">{spread.Highest.Printed}</text>{mark}
                """));
    }

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
