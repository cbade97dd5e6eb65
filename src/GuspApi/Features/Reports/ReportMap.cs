using System.Globalization;
using System.Text;
using System.Text.Json;
using GuspApi.Features.Indicators;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Reports;

/// <summary>
/// The map: QPVs that the database can place, else a schematic of the next level that says it is one. Shades follow the quartiles of the
/// expense per dwelling, from light to dark, so that they stand grey printing.
/// </summary>
internal sealed class ReportMap(
    ReportResponse report, IReadOnlyDictionary<string, decimal?> qpvFigures, IReadOnlyList<QpvOutline> outlines, Language language)
{
    private const double Width = 360;
    private const double Tile = 72;

    /// <summary>A tile that has its name alone.</summary>
    private const double Low = 30;

    private readonly FigurePrint print = FigurePrint.In(language);

    private string T(string fr, string en) => language == Language.French ? fr : en;

    /// <summary>The drawing, and what must be said of it; null where there is nothing to draw.</summary>
    public (Html Drawing, string Note)? Draw() => outlines.Count > 0 ? Places() : report.Parts.Rows.Count == 0 ? null : Schematic();

    private (Html, string) Places()
    {
        var quartiles = Quartiles.Of(qpvFigures.Values);
        var mainland = outlines.Where(q => q.Middle is { Longitude: > -6 and < 10, Latitude: > 41 and < 52 }).ToList();
        var drawn = mainland.Count > 0 ? mainland : outlines;
        var projection = Projection.Over(drawn);
        var layers = drawn.GroupBy(q => qpvFigures.GetValueOrDefault(q.Code) is { } figure ? quartiles!.Quarter(figure) : -1).OrderBy(layer => layer.Key);
        var shapes = Html.Join(layers, layer => Html.Of($"""
            <path class="edge" d="{Dots(layer, projection)}"/><path class="dot q{layer.Key}" d="{Dots(layer, projection)}"/><path class="area q{layer.Key}" d="{Areas(layer, projection)}"/>
            """));
        var total = report.Headline.Qpvs.Printed;
        return (
            Charts.Svg("map", Width, projection.Height, T($"Carte des QPV : {report.Label}", $"Map of the QPVs: {report.Label}"), Description(), shapes),
            T($"{print.Count(drawn.Count)} QPV placés d'après leur contour, sur {total} comptés ; nord en haut, sans fond de carte.",
                $"{print.Count(drawn.Count)} QPVs placed by their outline, of {total} counted; north is up, no base map."));
    }

    private (Html, string) Schematic()
    {
        var grid = report.Parts.Level switch { "department" => TileGrid.Departments, "region" => TileGrid.Regions, _ => null };
        var rows = report.Parts.Rows;
        var quartiles = Quartiles.Of(rows.Select(row => row.ExpensePerDwelling.Value));
        var tiles = grid is not null && rows.All(row => grid.ContainsKey(row.Code!)) ? OnGrid(rows, grid) : InOrder(rows);
        var height = tiles.Max(tile => tile.Y + tile.Height);
        var shapes = Html.Join(tiles, tile => TileOf(tile, quartiles));
        return (
            Charts.Svg("map", Width, height, T($"Schéma : {report.Label}", $"Schematic: {report.Label}"), Description(), shapes),
            grid is not null
                ? T("Schéma, et non carte : la base n'a pas de contours ici. Chaque case est placée à peu près comme sur une carte.",
                    "A schematic, not a map: the database has no outlines here. Each square lies roughly where it would on a map.")
                : T("Schéma, et non carte : la base n'a pas de contours ici. Cases rangées par nombre de logements, sans position.",
                    "A schematic, not a map: the database has no outlines here. Squares are in the order of dwellings, without position."));
    }

    /// <summary>What the shades mean, as text and swatches.</summary>
    public Html Legend()
    {
        var values = outlines.Count > 0 ? qpvFigures.Values : report.Parts.Rows.Select(row => row.ExpensePerDwelling.Value);
        if (Quartiles.Of(values) is not { Count: > 1 } spread)
            return new("");
        (decimal From, decimal To)[] quarters = [(spread.Lowest, spread.Lower), (spread.Lower, spread.Median), (spread.Median, spread.Upper), (spread.Upper, spread.Highest)];
        return Html.Of($"""
            <ul class="legend">{Html.Join(quarters.Index(), q => Html.Of($"""
            <li><svg width="16" height="16" aria-hidden="true"><rect class="area q{q.Index}" x="1" y="1" width="14" height="14"/></svg>{T($"{print.Count(q.Item.From)} à {print.Euros(q.Item.To)}", $"{print.Euros(q.Item.From)} to {print.Euros(q.Item.To)}")}</li>
            """))}</ul>
            """);
    }

    private string Description() => T(
        "Plus la teinte est foncée, plus la dépense annuelle par logement est élevée ; les mêmes chiffres sont dans le tableau voisin.",
        "The darker the shade, the higher the expense of a year per dwelling; the table beside has the same figures.");

    private sealed record Square(ReportPart Part, double X, double Y, double Width, double Height);

    private static List<Square> OnGrid(IReadOnlyList<ReportPart> rows, IReadOnlyDictionary<string, (int Column, int Row)> grid)
    {
        var cells = rows.Select(row => (Row: row, Cell: grid[row.Code!])).ToList();
        var (left, top) = (cells.Min(c => c.Cell.Column), cells.Min(c => c.Cell.Row));
        var side = Math.Min(Width / 2.4, Width / (cells.Max(c => c.Cell.Column) - left + 1));
        var margin = (Width - side * (cells.Max(c => c.Cell.Column) - left + 1)) / 2;
        var height = Math.Min(side, Tile * 1.3);
        return [.. cells.Select(c => new Square(c.Row, margin + (c.Cell.Column - left) * side, (c.Cell.Row - top) * height, side, height))];
    }

    private static List<Square> InOrder(IReadOnlyList<ReportPart> rows)
    {
        var columns = rows.Count <= 4 ? Math.Min(rows.Count, 2) : rows.Count <= 36 ? 3 : 4;
        var (width, height) = (Width / columns, rows.Count <= 12 ? Tile : Low);
        return [.. rows.Select((row, i) => new Square(row, i % columns * width, i / columns * height, width, height))];
    }

    private Html TileOf(Square tile, Quartiles? quartiles)
    {
        var quarter = tile.Part.ExpensePerDwelling.Value is { } figure && quartiles is not null ? quartiles.Quarter(figure) : -1;
        var (x, y) = (N(tile.X + tile.Width / 2), tile.Y + tile.Height / 2);
        var name = Shortened(report.Parts.Level == "qpv" ? tile.Part.Code! : tile.Part.Label, (int)(tile.Width / 7.7));
        var lines = tile.Width < 80 || tile.Height <= Low
            ? Html.Of($"""<text class="mid t{quarter}" x="{x}" y="{N(y + 4)}">{(tile.Width < 80 ? tile.Part.Code : name)}</text>""")
            : Html.Of($"""
                <text class="mid t{quarter} strong" x="{x}" y="{N(y - 12)}">{name}</text><text class="mid t{quarter}" x="{x}" y="{N(y + 6)}">{tile.Part.ExpensePerYear.Printed}</text><text class="mid t{quarter}" x="{x}" y="{N(y + 23)}">{tile.Part.ExpensePerDwelling.Printed} / log.</text>
                """);
        return Html.Of($"""<rect class="area q{quarter}" x="{N(tile.X + 1)}" y="{N(tile.Y + 1)}" width="{N(tile.Width - 3)}" height="{N(tile.Height - 3)}"/>{lines}""");
    }

    private static string Shortened(string name, int most) => name.Length <= most ? name : name[..(most - 1)].TrimEnd() + "…";

    /// <summary>A dot is a line without length and with round ends: thousands of them are one path.</summary>
    private static string Dots(IEnumerable<QpvOutline> qpvs, Projection projection) => string.Concat(
        qpvs.Where(q => q.Geometry is null).Select(q => projection.Place(q.Middle.Longitude, q.Middle.Latitude)).Select(p => $"M{N(p.X)} {N(p.Y)}h0"));

    private static string Areas(IEnumerable<QpvOutline> qpvs, Projection projection)
    {
        var path = new StringBuilder();
        foreach (var geometry in qpvs.Select(q => q.Geometry).OfType<JsonElement>())
        {
            var coordinates = geometry.GetProperty("coordinates");
            var polygons = geometry.GetProperty("type").GetString() == "Polygon" ? [coordinates] : coordinates.EnumerateArray().ToArray();
            foreach (var ring in polygons.SelectMany(polygon => polygon.EnumerateArray()))
                path.Append('M').AppendJoin('L', ring.EnumerateArray().Select(p => projection.Place(p[0].GetDouble(), p[1].GetDouble()))
                    .Select(p => $"{N(p.X)} {N(p.Y)}").DistinctRuns()).Append('z');
        }
        return path.ToString();
    }

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Degrees to points of the drawing: a degree of longitude is shortened as in the middle of the map.</summary>
    private sealed record Projection(double West, double North, double Shortening, double Scale, double Left, double Height)
    {
        private const double Margin = 10;
        private const double Tallest = 400;

        public static Projection Over(IReadOnlyList<QpvOutline> qpvs)
        {
            var (west, east) = (qpvs.Min(q => q.West), qpvs.Max(q => q.East));
            var (south, north) = (qpvs.Min(q => q.South), qpvs.Max(q => q.North));
            var shortening = Math.Cos((south + north) / 2 * Math.PI / 180);
            var (across, down) = (Math.Max((east - west) * shortening, 0.002), Math.Max(north - south, 0.002));
            var scale = Math.Min((Width - 2 * Margin) / across, (Tallest - 2 * Margin) / down);
            return new(west, north, shortening, scale, (Width - across * scale) / 2, down * scale + 2 * Margin);
        }

        public (double X, double Y) Place(double longitude, double latitude) =>
            (Left + (longitude - West) * Shortening * Scale, Margin + (North - latitude) * Scale);
    }
}

/// <summary>Points of an outline that fall on the one before add nothing to the drawing.</summary>
internal static class Runs
{
    public static IEnumerable<string> DistinctRuns(this IEnumerable<string> points)
    {
        string? last = null;
        foreach (var point in points)
        {
            if (point != last)
                yield return last = point;
        }
    }
}
