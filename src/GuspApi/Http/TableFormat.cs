using GuspApi.Model;
using Microsoft.Net.Http.Headers;

namespace GuspApi.Http;

/// <summary>The formats of a list.</summary>
internal enum TableFormat
{
    Json,
    Csv,
    Ndjson,
    Xlsx,
    GeoJson,
}

/// <summary>Metadata of a route: the formats its answer comes in, JSON first. <c>format</c> asks for one, else the Accept header.</summary>
internal sealed class AnswersIn(params TableFormat[] formats)
{
    public static readonly TableFormat[] Tables = [TableFormat.Json, TableFormat.Csv, TableFormat.Ndjson, TableFormat.Xlsx];

    public IReadOnlyList<TableFormat> Formats => formats;

    /// <summary>Whether what is not JSON is a file of many rows, sent as it is read.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>What clients call this choice of formats.</summary>
    public string Name => formats.Length < Tables.Length ? string.Join("Or", formats) + "Format"
        : formats.Contains(TableFormat.GeoJson) ? "TableOrGeoJsonFormat"
        : "TableFormat";

    public IEnumerable<string> MediaTypes => formats.Select(TypeOf);

    public Text Expected => new("one of " + string.Join(", ", formats.Select(NameOf)),
        "l'un de " + string.Join(", ", formats.Select(NameOf)));

    public static string NameOf(TableFormat format) => format.ToString().ToLowerInvariant();

    public static string TypeOf(TableFormat format) => format switch
    {
        TableFormat.Csv => "text/csv",
        TableFormat.Ndjson => "application/x-ndjson",
        TableFormat.Xlsx => XlsxWriter.MediaType,
        TableFormat.GeoJson => "application/geo+json",
        _ => "application/json",
    };

    /// <summary>The format of that name; null when the route does not have it.</summary>
    public TableFormat? Named(string name) => formats.Cast<TableFormat?>().FirstOrDefault(format => NameOf(format!.Value) == name);

    /// <summary>
    /// What <c>Accept</c> prefers of what the route has, a type named before one that is only covered; null when it takes none.
    /// </summary>
    public TableFormat? Accepted(HttpRequest request)
    {
        var ranges = request.GetTypedHeaders().Accept;
        if (ranges.Count == 0)
            return formats[0];
        return formats
            .Select(format => (Format: (TableFormat?)format, Range: Speaking(ranges, TypeOf(format))))
            .Where(taken => taken.Range is { Quality: not 0 })
            .OrderByDescending(taken => taken.Range!.Quality ?? 1).ThenBy(taken => Width(taken.Range!))
            .ThenBy(taken => ranges.IndexOf(taken.Range!))
            .FirstOrDefault().Format;
    }

    /// <summary>The most exact range speaks for a type: "text/csv;q=0, */*" is anything but CSV.</summary>
    private static MediaTypeHeaderValue? Speaking(IEnumerable<MediaTypeHeaderValue> ranges, string type) =>
        ranges.Where(range => range.MatchesMediaType(type)).MinBy(Width);

    private static int Width(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0;
}

/// <summary>In which format, and in which dialect of CSV, an answer is asked for; read once the filter has passed them.</summary>
internal sealed record Representation(TableFormat Format, CsvDialect Dialect)
{
    public bool IsFile => Format != TableFormat.Json;

    public static Representation Of(HttpContext http) => new(
        http.GetEndpoint()?.Metadata.GetMetadata<AnswersIn>() is not { } answers ? TableFormat.Json
            : (http.Request.Query.TryGetValue("format", out var name) ? answers.Named(name.ToString()) : answers.Accepted(http.Request))
                ?? TableFormat.Json,
        http.Request.Query["dialect"] == "excel-fr" ? CsvDialect.ExcelFr : CsvDialect.Standard);

    /// <summary>What is wrong with <c>format</c> and <c>dialect</c>.</summary>
    public static IEnumerable<(string Parameter, string Wrong, Text Expected)> Faults(HttpRequest request, AnswersIn answers)
    {
        if (request.Query.TryGetValue("format", out var name) && answers.Named(name.ToString()) is null)
            yield return ("format", name.ToString(), answers.Expected);
        if (request.Query.TryGetValue("dialect", out var dialect) && !DialectForm.TryRead(dialect.ToString(), out _))
            yield return ("dialect", dialect.ToString(), DialectForm.Expected);
    }
}

internal static class TableRoutes
{
    /// <summary>The list also comes as CSV, NDJSON and XLSX, or in the formats named.</summary>
    public static RouteHandlerBuilder AnswersIn<T>(this RouteHandlerBuilder route, params TableFormat[] formats) =>
        route.AnswersIn<T>(new AnswersIn(formats.Length == 0 ? Http.AnswersIn.Tables : formats));

    public static RouteHandlerBuilder AnswersIn<T>(this RouteHandlerBuilder route, AnswersIn answers) =>
        route.WithMetadata(answers).Produces<T>(200, answers.MediaTypes.First(), [.. answers.MediaTypes.Skip(1)]);
}
