using System.Globalization;
using System.Text;
using GuspApi.Http;

namespace GuspApi.Features.Indicators;

/// <summary>Rows of figures as RFC 4180 or as Excel in French reads them: a code and a label a dimension, then the measures.</summary>
internal static class IndicatorCsv
{
    public const string TotalCode = "TOTAL";

    public static byte[] Write(IndicatorRequest request, IEnumerable<IndicatorFigures> rows, IndicatorFigures? totals, CsvDialect dialect)
    {
        var numbers = new NumberFormatInfo { NumberDecimalSeparator = dialect == CsvDialect.ExcelFr ? "," : "." };
        var names = request.GroupBy.Select(d => d.Name).ToList();
        // Without groups the total still needs a cell to say that it is one.
        if (names.Count == 0 && totals is not null)
            names.Add("group");

        var text = new StringBuilder();
        Line(names.SelectMany(name => new[] { name, name + "_label" }).Concat(request.Measures.Select(m => m.Name)));
        foreach (var row in rows)
            Line(names.SelectMany((_, i) => i < row.Groups.Count ? new[] { row.Groups[i].Code, row.Groups[i].Label } : ["", ""]).Concat(Values(row)));
        if (totals is not null)
            Line(names.SelectMany((_, i) => i == 0 ? new[] { TotalCode, "Total" } : ["", ""]).Concat(Values(totals)));

        return CsvText.Bytes(text, dialect);

        IEnumerable<string?> Values(IndicatorFigures row) =>
            row.Values.Zip(request.Measures, (value, measure) => measure.Round(value)?.ToString(numbers));

        void Line(IEnumerable<string?> cells) => CsvText.Append(text, cells, dialect);
    }
}
