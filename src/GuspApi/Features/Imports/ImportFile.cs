using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>The stored bytes of an import, looked at once as a whole, then read as rows.</summary>
internal sealed class ImportFile : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Guid _id;
    private readonly ImportOrder _order;
    private ImportChunkStream? _stream;

    private ImportFile(NpgsqlConnection connection, Guid id, ImportOrder order, ImportFormat format, Encoding encoding,
        bool hasByteOrderMark) =>
        (_connection, _id, _order, Format, Encoding, HasByteOrderMark) = (connection, id, order, format, encoding, hasByteOrderMark);

    public ImportFormat Format { get; }

    public Encoding Encoding { get; }

    public bool HasByteOrderMark { get; }

    public ImportDataset Dataset => ImportDataset.Of(_order.Dataset);

    /// <summary>Bytes read so far; 0 for a workbook, which is read from its end.</summary>
    public long Position => _stream?.Position ?? 0;

    /// <summary>Finds format and encoding; throws what makes the whole file unreadable.</summary>
    public static async Task<ImportFile> OpenAsync(NpgsqlConnection connection, Guid id, ImportOrder order, CancellationToken ct)
    {
        var scan = new ByteScan();
        await using var bytes = new ImportChunkStream(connection, id);
        var format = ImportFormat.Csv;
        while (await bytes.NextAsync(ct) is { Length: > 0 } chunk)
        {
            if (scan.Bytes == 0)
                format = ImportFormats.Of(order.ContentType, chunk.Span);
            scan.Add(chunk.Span);
        }
        if (format == ImportFormat.Xlsx)
            return new(connection, id, order, format, Encoding.UTF8, hasByteOrderMark: false);
        var encoding = scan.Decide(format == ImportFormat.Csv ? ImportFormats.Charset(order.ContentType) : "utf-8");
        return new(connection, id, order, format, encoding, scan.HasByteOrderMark);
    }

    /// <summary>The bytes, from the first on; once, for the connection takes one at a time.</summary>
    public Stream OpenStream()
    {
        Debug.Assert(_stream is null);
        return _stream = new ImportChunkStream(_connection, _id);
    }

    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? default;

    /// <summary>The rows in the order of the file.</summary>
    public IAsyncEnumerable<ImportRow> RowsAsync(List<ImportFault> warnings, CancellationToken ct) => Format switch
    {
        ImportFormat.Csv => DelimitedReader.ReadAsync(OpenStream(), Encoding, Dataset, warnings, ct),
        ImportFormat.Xlsx => SheetAsync((book, ct) => XlsxReader.Read(book, Dataset, _order.Sheet, warnings, ct), ct),
        _ => new JsonRowReader(Dataset, warnings).ReadAsync(OpenStream(), Format != ImportFormat.Ndjson, ct),
    };

    /// <summary>The header and the rows of a workbook's sheet, as raw cells.</summary>
    public IAsyncEnumerable<SheetRow> CellsAsync(CancellationToken ct) =>
        SheetAsync((book, ct) => XlsxReader.ReadCells(book, Dataset, _order.Sheet, ct), ct);

    // A ZIP is read from its end: chunks that come in order do not do.
    private async IAsyncEnumerable<T> SheetAsync<T>(
        Func<Stream, CancellationToken, IEnumerable<T>> read, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var book = TemporaryFile.Create();
        await using (var bytes = new ImportChunkStream(_connection, _id))
            await bytes.CopyToAsync(book, ct);
        foreach (var row in read(book, ct))
            yield return row;
    }
}
