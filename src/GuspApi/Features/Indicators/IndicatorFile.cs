using System.Runtime.CompilerServices;
using System.Text.Json;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// Figures as a file: a code and a label a dimension, then the measures. The total is the last row, its code TOTAL; in GeoJSON, where it
/// has no place, there is none.
/// </summary>
internal sealed class IndicatorFile(NpgsqlConnection connection, IndicatorRequest request, TableFormat format)
{
    private const string TotalCode = "TOTAL";
    private const int ContoursAtOnce = 200;

    public static ApiError WithoutContours(string? groupBy) => ApiError.OfParameter("GEOJSON_WITHOUT_QPV",
        new("QPVs alone have contours: add qpv to groupBy, or ask for another format.",
            "Seuls les QPV ont des contours : ajoutez qpv à groupBy, ou demandez un autre format."),
        "groupBy", groupBy, new("dimensions with qpv among them", "des dimensions dont qpv"));

    /// <summary>Every row, as it is read.</summary>
    public async Task<IResult> WholeAsync(bool isNone, bool withTotals, CancellationToken ct)
    {
        var totals = withTotals ? (await IndicatorTable.ReadAsync(connection, request.Total(), ct)).Rows.Single() : null;
        return Of(isNone ? AsyncEnumerable.Empty<IndicatorFigures>() : IndicatorTable.RowsAsync(connection, request, ct)
            .Select(read => read.Row), totals);
    }

    public IResult Of(IAsyncEnumerable<IndicatorFigures> rows, IndicatorFigures? totals)
    {
        if (format == TableFormat.GeoJson)
            return new GeoJsonFile(FeaturesAsync(rows));
        var dimensions = request.GroupBy.Select(d => d.Name).ToList();
        // Without groups the total still needs a cell to say that it is one.
        if (dimensions.Count == 0 && totals is not null)
            dimensions.Add("group");
        var last = totals is null ? null : totals with
        {
            Groups = [.. dimensions.Select((_, i) => i == 0 ? new GroupValue(TotalCode, "Total") : new("", ""))],
        };
        return new TableFile<IndicatorFigures>(Columns(dimensions), last is null ? rows : rows.Append(last), AsObject);

        object AsObject(IndicatorFigures row) => row == last
            ? IndicatorRow.From(request.Total(), row) with
            {
                Group = dimensions.Zip(row.Groups)
                .ToDictionary(pair => pair.First, pair => pair.Second)
            }
            : IndicatorRow.From(request, row);
    }

    private Columns<IndicatorFigures> Columns(IReadOnlyList<string> dimensions)
    {
        var columns = new Columns<IndicatorFigures>();
        for (var i = 0; i < dimensions.Count; i++)
        {
            var place = i;
            columns.Add(dimensions[i], row => place < row.Groups.Count ? row.Groups[place].Code : "");
            columns.Add(dimensions[i] + "_label", row => place < row.Groups.Count ? row.Groups[place].Label : "");
        }
        if (request.TellsComparability)
            columns.Add("notComparable", row => row.NotComparable);
        foreach (var (place, measure) in request.Measures.Index())
            columns.Add(measure.Name, row => measure.Round(row.Values[place]));
        return columns;
    }

    /// <summary>The cells of a row as properties of its QPV. Figures are read first: contours, which are long, some at a time.</summary>
    private async IAsyncEnumerable<GeoFeature> FeaturesAsync(
        IAsyncEnumerable<IndicatorFigures> rows, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var columns = Columns([.. request.GroupBy.Select(d => d.Name)]);
        var place = request.GroupBy.ToList().IndexOf(Dimensions.Qpv);
        foreach (var some in (await rows.ToListAsync(ct)).Chunk(ContoursAtOnce))
        {
            var contours = await ContoursAsync([.. some.Select(row => row.Groups[place].Code!).Distinct()], ct);
            foreach (var row in some)
            {
                yield return new(
                    string.Join('/', row.Groups.Select(group => group.Code)),
                    columns.ToDictionary(column => column.Name, column => column.Of(row)),
                    contours.TryGetValue(row.Groups[place].Code!, out var contour) ? contour : null);
            }
        }
    }

    private async Task<Dictionary<string, JsonElement>> ContoursAsync(string[] codes, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select code, geometry from qpv where code = any ($1) and geometry is not null", connection)
        {
            Parameters = { new() { Value = codes } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var contours = new Dictionary<string, JsonElement>();
        while (await reader.ReadAsync(ct))
            contours[reader.GetString(0)] = JsonElement.Parse(reader.GetString(1));
        return contours;
    }
}
