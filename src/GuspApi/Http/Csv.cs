using System.Globalization;
using System.Text;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>How CSV is written: RFC 4180, or as Excel in French opens it (byte order mark, semicolon, decimal comma).</summary>
internal enum CsvDialect
{
    Standard,
    ExcelFr,
}

internal sealed class DialectForm : IForm<CsvDialect>
{
    public static Text Expected => new("one of standard, excel-fr", "l'un de standard, excel-fr");
    public static IReadOnlyList<string>? Words => ["standard", "excel-fr"];

    public static bool TryRead(string text, out CsvDialect value)
    {
        value = text == "excel-fr" ? CsvDialect.ExcelFr : CsvDialect.Standard;
        return text is "standard" or "excel-fr";
    }
}

/// <summary>Rows as a CSV file, written as they come: memory does not grow with them.</summary>
internal sealed record CsvFile(string Name, CsvDialect Dialect, IAsyncEnumerable<IEnumerable<object?>> Rows) : IResult
{
    private static readonly NumberFormatInfo French = new() { NumberDecimalSeparator = "," };

    private char Separator => Dialect == CsvDialect.ExcelFr ? ';' : ',';

    public async Task ExecuteAsync(HttpContext http)
    {
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename={Name}";
        if (Head.IsAsked(http))
            return;
        // Not disposed: what is buffered when a fault comes is not sent, so that an early one is still a problem document.
        var text = new StreamWriter(
            http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: Dialect == CsvDialect.ExcelFr),
            bufferSize: 32 * 1024, leaveOpen: true);
        await foreach (var row in Rows.WithCancellation(http.RequestAborted))
            await text.WriteAsync(string.Join(Separator, row.Select(Cell)) + "\r\n");
        await text.FlushAsync(http.RequestAborted);
    }

    private string Cell(object? value) => value switch
    {
        null => "",
        decimal number => number.ToString(Dialect == CsvDialect.ExcelFr ? French : NumberFormatInfo.InvariantInfo),
        string text => Quoted(Marked(text), Separator),
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A text that a spreadsheet would take for a formula is marked with an apostrophe, which imports remove.</summary>
    internal static string Marked(string text) => IsMarked(text) ? "'" + text : text;

    /// <summary>Whether exports mark it: it begins like a formula, or like one that is marked already.</summary>
    internal static bool IsMarked(string text) => text.AsSpan().TrimStart('\'') is ['=' or '+' or '-' or '@', ..];

    internal static string Quoted(string text, char separator) =>
        text.AsSpan().IndexOfAny([separator, '"', '\r', '\n']) < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
