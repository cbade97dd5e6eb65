using System.Text;

namespace GuspApi.Http;

/// <summary>How CSV is written.</summary>
internal enum CsvDialect
{
    Standard,
    ExcelFr,
}

internal sealed class DialectForm : IForm<CsvDialect>
{
    public static string Expected => "one of standard, excel-fr";

    public static bool TryRead(string text, out CsvDialect value)
    {
        value = text == "excel-fr" ? CsvDialect.ExcelFr : CsvDialect.Standard;
        return text is "standard" or "excel-fr";
    }
}

/// <summary>Rows as RFC 4180, or as Excel in French reads them.</summary>
internal static class CsvText
{
    public static void Append(StringBuilder text, IEnumerable<string?> cells, CsvDialect dialect)
    {
        var separator = dialect == CsvDialect.ExcelFr ? ';' : ',';
        text.AppendJoin(separator, cells.Select(cell => Cell(cell ?? "", separator))).Append("\r\n");
    }

    /// <summary>UTF-8, with the mark that Excel needs to know it.</summary>
    public static byte[] Bytes(StringBuilder text, CsvDialect dialect)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return dialect == CsvDialect.ExcelFr ? [.. Encoding.UTF8.Preamble, .. bytes] : bytes;
    }

    /// <summary>A text that a spreadsheet would take for a formula is marked with an apostrophe.</summary>
    private static string Cell(string text, char separator)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny([separator, '"', '\r', '\n']) < 0 ? safe : $"\"{safe.Replace("\"", "\"\"")}\"";
    }
}
