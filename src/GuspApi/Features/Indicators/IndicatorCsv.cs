namespace GuspApi.Features.Indicators;

/// <summary>Rows of figures as a table: a code and a label a dimension, then the measures.</summary>
internal static class IndicatorCsv
{
    public const string TotalCode = "TOTAL";

    public static IEnumerable<IEnumerable<object?>> Rows(IndicatorRequest request, IEnumerable<IndicatorFigures> rows, IndicatorFigures? totals)
    {
        var names = request.GroupBy.Select(d => d.Name).ToList();
        // Without groups the total still needs a cell to say that it is one.
        if (names.Count == 0 && totals is not null)
            names.Add("group");

        string[] comparability = request.TellsComparability ? ["notComparable"] : [];
        yield return names.SelectMany(name => new[] { name, name + "_label" }).Concat(comparability).Concat(request.Measures.Select(m => m.Name));
        foreach (var row in rows)
            yield return names.SelectMany((_, i) => i < row.Groups.Count ? new[] { row.Groups[i].Code, row.Groups[i].Label } : ["", ""]).Concat(Values(row));
        if (totals is not null)
            yield return names.SelectMany((_, i) => i == 0 ? new[] { TotalCode, "Total" } : ["", ""]).Concat(Values(totals));

        IEnumerable<object?> Values(IndicatorFigures row) => comparability
            .Select(_ => (object?)(row.NotComparable switch { true => "true", false => "false", null => null })).Concat(row.Values.Zip(request.Measures, (value, measure) => (object?)measure.Round(value)));
    }
}
