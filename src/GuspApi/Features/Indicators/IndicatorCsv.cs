using System.Globalization;
using System.Text;

namespace GuspApi.Features.Indicators;

/// <summary>Rows of figures as RFC 4180 or as Excel in French reads them: a code and a label a dimension, then the measures.</summary>
internal static class IndicatorCsv
{
    public const string TotalCode = "TOTAL";

    public static byte[] Write(IndicatorRequest request, IEnumerable<IndicatorFigures> rows, IndicatorFigures? totals, CsvDialect dialect)
    {
        var separator = dialect == CsvDialect.ExcelFr ? ';' : ',';
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

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return dialect == CsvDialect.ExcelFr ? [.. Encoding.UTF8.Preamble, .. bytes] : bytes;

        IEnumerable<string?> Values(IndicatorFigures row) =>
            row.Values.Zip(request.Measures, (value, measure) => measure.Round(value)?.ToString(numbers));

        void Line(IEnumerable<string?> cells) => text.AppendJoin(separator, cells.Select(cell => Cell(cell ?? "", separator))).Append("\r\n");
    }

    /// <summary>A text that a spreadsheet would take for a formula is marked with an apostrophe.</summary>
    private static string Cell(string text, char separator)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny([separator, '"', '\r', '\n']) < 0 ? safe : $"\"{safe.Replace("\"", "\"\"")}\"";
    }
}
