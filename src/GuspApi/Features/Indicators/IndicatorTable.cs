using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>A code and its label; the code is null where there is none ("sans EPCI").</summary>
/// <param name="Code">Code of the group, with its leading zeros; null for "none".</param>
/// <param name="Label">Its French label.</param>
public sealed record GroupValue(string? Code, string Label);

/// <summary>One row of figures: its groups in the order of <c>groupBy</c>, its exact values in the order of the measures.</summary>
internal sealed record IndicatorFigures(IReadOnlyList<GroupValue> Groups, IReadOnlyList<decimal?> Values);

/// <summary>The answer to a question, exact: nothing is rounded yet.</summary>
/// <param name="Request">The question.</param>
/// <param name="Total">Rows of all pages.</param>
/// <param name="Rows">Rows of this page.</param>
/// <param name="Next">Where the next page begins; null on the last.</param>
internal sealed record IndicatorTable(
    IndicatorRequest Request, long Total, IReadOnlyList<IndicatorFigures> Rows, IReadOnlyList<string?>? Next)
{
    public decimal? Exact(IndicatorFigures row, Measure measure)
    {
        for (var i = 0; i < Request.Measures.Count; i++)
            if (Request.Measures[i] == measure)
                return row.Values[i];
        throw new ArgumentException($"{measure.Name} was not asked for.", nameof(measure));
    }

    public static async Task<IndicatorTable> ReadAsync(NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
    {
        // One row more than the page says whether there is a next one.
        await using var command = IndicatorQuery.Compose(request with { Limit = request.Limit + 1 });
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(ct);

        var total = 0L;
        var rows = new List<IndicatorFigures>();
        IReadOnlyList<string?>? last = null, next = null;
        while (await reader.ReadAsync(ct))
        {
            if (rows.Count == request.Limit)
            {
                next = last;
                break;
            }
            total = reader.GetInt64(0);
            rows.Add(Row(reader, request));
            last = Keys(reader, request);
        }
        return new IndicatorTable(request, total, rows, next);
    }

    private static IndicatorFigures Row(NpgsqlDataReader reader, IndicatorRequest request)
    {
        var column = 1;
        var groups = new GroupValue[request.GroupBy.Count];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = new GroupValue(Text(reader, column++), Text(reader, column++) ?? "");

        var values = new decimal?[request.Measures.Count];
        for (var i = 0; i < values.Length; i++, column++)
            values[i] = reader.IsDBNull(column) ? null : reader.GetDecimal(column);
        return new IndicatorFigures(groups, values);
    }

    private static string?[] Keys(NpgsqlDataReader reader, IndicatorRequest request)
    {
        var first = 1 + 2 * request.GroupBy.Count + request.Measures.Count;
        return [.. Enumerable.Range(first, request.Order.Count).Select(column => Text(reader, column))];
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
