using System.Runtime.CompilerServices;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// One row of figures: groups in the order of <c>groupBy</c>, exact values in the order of the measures, and its place in the order.
/// </summary>
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

    /// <summary>All of it. Where nothing is read after it, its transaction may end with it, which saves a trip.</summary>
    public static async Task<IndicatorTable> ReadAsync(
        NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct, bool endsTransaction = false)
    {
        var total = 0L;
        var rows = new List<IndicatorFigures>();
        await foreach (var (row, all) in RowsAsync(connection, request, ct, endsTransaction))
        {
            total = all;
            rows.Add(row);
        }
        return new IndicatorTable(request, total, rows);
    }

    /// <summary>The rows as they are read; and, with each, the number of those of all pages.</summary>
    public static async IAsyncEnumerable<(IndicatorFigures Row, long Total)> RowsAsync(
        NpgsqlConnection connection, IndicatorRequest request, [EnumeratorCancellation] CancellationToken ct = default,
        bool endsTransaction = false)
    {
        await using var command = IndicatorQuery.Compose(request);
        command.Connection = connection;
        if (endsTransaction)
            command.CommandText += ";\ncommit";
        await using var reader = await command.ExecuteReaderAsync(ct);
        var sums = new decimal[SumColumns.Count];
        int[] asked = [.. request.Sums.Select(sum => (int)sum)];
        var (groupCount, keyCount) = (request.GroupBy.Count, request.Order.Count);
        Measure?[] given = [.. request.Measures.Select(measure => request.Gives(measure) ? measure : null)];
        while (await reader.ReadAsync(ct))
        {
            var column = 1;
            var groups = new GroupValue[groupCount];
            for (var i = 0; i < groups.Length; i++)
                groups[i] = new(Text(reader, column++), Text(reader, column++) ?? "");
            foreach (var sum in asked)
                sums[sum] = reader.GetDecimal(column++);
            var keys = new string?[keyCount];
            for (var i = 0; i < keys.Length; i++)
                keys[i] = Text(reader, column++);
            yield return (new(groups, Array.ConvertAll(given, measure => measure?.Of(sums)), keys)
            {
                NotComparable = request.TellsComparability ? reader.GetBoolean(column) : null,
            }, reader.GetInt64(0));
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
