using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>One row of figures: groups in the order of <c>groupBy</c>, exact values in the order of the measures, and its place in the order.</summary>
internal sealed record IndicatorFigures(IReadOnlyList<GroupValue> Groups, IReadOnlyList<decimal?> Values, IReadOnlyList<string?> Keys)
{
    /// <summary>Null where rows do not tell it.</summary>
    public bool? NotComparable { get; init; }
}

/// <summary>The answer to a question, exact: nothing is rounded yet.</summary>
/// <param name="Request">The question.</param>
/// <param name="Total">Rows of all pages.</param>
/// <param name="Rows">Rows of this page.</param>
internal sealed record IndicatorTable(IndicatorRequest Request, long Total, IReadOnlyList<IndicatorFigures> Rows)
{
    /// <summary>The exact value, for a reader who rounds it once, in its own way.</summary>
    public decimal? Exact(IndicatorFigures row, Measure measure) => row.Values[Request.Measures.ToList().IndexOf(measure)];

    public static async Task<IndicatorTable> ReadAsync(NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
    {
        await using var command = IndicatorQuery.Compose(request);
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(ct);

        var total = 0L;
        var rows = new List<IndicatorFigures>();
        while (await reader.ReadAsync(ct))
        {
            total = reader.GetInt64(0);
            rows.Add(Row(reader, request));
        }
        return new IndicatorTable(request, total, rows);
    }

    internal static IndicatorFigures Row(NpgsqlDataReader reader, IndicatorRequest request)
    {
        var column = 1;
        var groups = new GroupValue[request.GroupBy.Count];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = new GroupValue(Text(reader, column++), Text(reader, column++) ?? "");

        var values = new decimal?[request.Measures.Count];
        for (var i = 0; i < values.Length; i++, column++)
            values[i] = reader.IsDBNull(column) ? null : reader.GetDecimal(column);
        string?[] keys = [.. request.Order.Select(_ => Text(reader, column++))];
        return new IndicatorFigures(groups, values, keys) { NotComparable = request.TellsComparability ? reader.GetBoolean(column) : null };
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
