using System.Buffers;
using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace GuspApi.Http;

/// <summary>A column of a list as a table: its name, its name in French, and what it holds of a row.</summary>
internal sealed record Column<T>(string Name, string French, Func<T, object?> Of);

/// <summary>
/// The columns of a list, in their order. Those of what can be imported are the import's, so that a file can be sent back.
/// </summary>
internal sealed class Columns<T> : IEnumerable<Column<T>>
{
    private readonly List<Column<T>> columns = [];

    public void Add(string name, string french, Func<T, object?> of) => columns.Add(new(name, french, of));

    public void Add(string name, Func<T, object?> of) => Add(name, name, of);

    public IEnumerator<Column<T>> GetEnumerator() => columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>
/// A list as a file in the format asked for, written as rows come: memory does not grow with them. A fault after the first bytes ends the
/// connection without the mark of the end, so that nobody takes a part for the whole.
/// </summary>
/// <param name="Columns">Its columns as a table.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="AsObject">The object that NDJSON shows of a row; the row itself unless said.</param>
internal sealed record TableFile<T>(Columns<T> Columns, IAsyncEnumerable<T> Rows, Func<T, object?>? AsObject = null) : IResult
{
    private const int SentBytes = 32 * 1024;

    public async Task ExecuteAsync(HttpContext http)
    {
        var (format, dialect) = Representation.Of(http);
        var name = $"{http.Request.Path.Value!.TrimEnd('/').Split('/')[^1]}.{AnswersIn.NameOf(format)}";
        if (format == TableFormat.Csv)
        {
            await new CsvFile(name, dialect, TableAsync(dialect)).ExecuteAsync(http);
            return;
        }
        http.Response.ContentType = AnswersIn.TypeOf(format);
        http.Response.Headers.ContentDisposition = $"attachment; filename={name}";
        if (Head.IsAsked(http))
            return;
        await (format == TableFormat.Xlsx ? WriteWorkbookAsync(http, dialect) : WriteObjectsAsync(http));
    }

    private async IAsyncEnumerable<object?[]> TableAsync(CsvDialect dialect, [EnumeratorCancellation] CancellationToken ct = default)
    {
        yield return [.. Columns.Select(column => dialect == CsvDialect.ExcelFr ? column.French : column.Name)];
        await foreach (var row in Rows.WithCancellation(ct))
            yield return [.. Columns.Select(column => Cell(column.Of(row)))];
    }

    private static object? Cell(object? value) => value switch
    {
        Enum word => JsonNamingPolicy.SnakeCaseUpper.ConvertName(word.ToString()),
        IEnumerable<string> several => string.Join(", ", several),
        _ => value,
    };

    /// <summary>An object a line, sent some at a time: a fault before the first are sent is still a problem document.</summary>
    private async Task WriteObjectsAsync(HttpContext http)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * SentBytes);
        await using var json = new Utf8JsonWriter(buffer, new() { Encoder = ApiJson.Options.Encoder });
        await foreach (var row in Rows.WithCancellation(http.RequestAborted))
        {
            JsonSerializer.Serialize(json, AsObject is null ? row : AsObject(row), ApiJson.Options);
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount > SentBytes)
                await SendAsync();
        }
        // Nothing, compressed, would still be something.
        if (buffer.WrittenCount > 0)
            await SendAsync();

        async Task SendAsync()
        {
            await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
            buffer.ResetWrittenCount();
        }
    }

    /// <summary>
    /// A workbook is made on the disk before it is sent: its parts are compressed as they come, and its table of contents comes last.
    /// </summary>
    private async Task WriteWorkbookAsync(HttpContext http, CsvDialect dialect)
    {
        await using var file = TemporaryFile.Create();
        var sheet = http.Request.Path.Value!.TrimEnd('/').Split('/')[^1];
        using (var book = new XlsxWriter(file, sheet))
        {
            var (header, written, sheets) = (Array.Empty<object?>(), 0, 1);
            await foreach (var row in TableAsync(dialect).WithCancellation(http.RequestAborted))
            {
                if (written == 0)
                    header = row;
                if (written == XlsxWriter.MostRows)
                {
                    book.Sheet($"{sheet} {++sheets}");
                    book.Row(header);
                    written = 1;
                }
                book.Row([.. row.Select(cell => cell switch
                {
                    string text => CsvFile.Marked(text),
                    DateOnly day => day.ToDateTime(default),
                    _ => cell,
                })]);
                written++;
            }
        }
        file.Position = 0;
        http.Response.ContentLength = file.Length;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
