using System.Text;
using ExcelDataReader;

namespace GuspApi.Features.Imports;

/// <summary>A row of a sheet: its number from 1, its cells as they were read (string, double, DateTime, bool, <see cref="SheetError"/> or null).</summary>
/// <param name="Row">Number of the row in the sheet.</param>
/// <param name="Cells">Reused from row to row: take what you keep.</param>
internal readonly record struct SheetRow(int Row, object?[] Cells);

/// <summary>Reads the rows of a workbook: the sheet that has the headers, wherever in its first rows they stand.</summary>
internal static class XlsxReader
{
    /// <summary>The last row and column of a sheet of Excel.</summary>
    internal const int LastRow = 1_048_576;
    internal const int LastColumn = 16_384;

    // The library asks for Windows-1252 whatever it reads.
    static XlsxReader() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The rows of the dataset. The row is reused, and Line is its number in the sheet.</summary>
    public static IEnumerable<ImportRow> Read(
        Stream seekable, ImportDataset dataset, string? sheet, List<ImportFault> warnings, CancellationToken ct)
    {
        XlsxHeader? header = null;
        var row = new ImportRow(dataset.Columns.Length);
        foreach (var (line, cells) in ReadCells(seekable, dataset, sheet, ct))
        {
            if (header is null)
                header = XlsxHeader.Of(cells, dataset, line, warnings);
            else if (header.Take(line, cells, row))
                yield return row;
        }
    }

    /// <summary>The same as raw cells: the header row first, then the rows below it, wholly empty ones left out.</summary>
    public static IEnumerable<SheetRow> ReadCells(Stream seekable, ImportDataset dataset, string? sheet, CancellationToken ct)
    {
        WorkbookGuard.Check(seekable, WorkbookLimits.Default, ct);
        using var book = WorkbookFault.Guard(() => ExcelReaderFactory.CreateOpenXmlReader(seekable, new() { LeaveOpen = true }));
        var place = WorkbookFault.Guard(() => SheetChoice.Of(book, dataset, sheet, ct));

        WorkbookFault.Guard(() => SheetChoice.Go(book, place.Sheet));
        var cells = new object?[book.FieldCount];
        for (var line = 1; WorkbookFault.Guard(book.Read); line++)
        {
            ct.ThrowIfCancellationRequested();
            if (line > LastRow)
                throw WorkbookFault.Damaged();
            if (line >= place.HeaderRow && Fill(book, cells))
                yield return new(line, cells);
        }
    }

    /// <summary>Takes the cells of the current row; false when it is wholly empty.</summary>
    internal static bool Fill(IExcelDataReader book, object?[] cells)
    {
        var filled = false;
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = SheetError.Told(book.GetValue(i) is var value and not DBNull ? value : null);
            filled |= cells[i] is string text ? !string.IsNullOrWhiteSpace(text) : cells[i] is not null;
        }
        return filled;
    }
}
