using GuspApi.Http;

namespace GuspApi.Features.Imports;

/// <summary>A row of a sheet.</summary>
/// <param name="Row">Its number in the sheet, from 1.</param>
/// <param name="Cells">
/// Its cells as they were read, up to the last filled one: string, double, DateTime, TimeSpan, bool, <see cref="SheetError"/> or null.
/// </param>
internal readonly record struct SheetRow(int Row, object?[] Cells);

/// <summary>Reads the rows of a workbook: the sheet that has the headers, wherever in its first rows they stand.</summary>
internal static class XlsxReader
{
    /// <summary>The last row and column of a sheet of Excel.</summary>
    internal const int LastRow = 1_048_576;
    internal const int LastColumn = 16_384;

    /// <summary>The rows of the dataset. Line is a row's number in the sheet.</summary>
    public static IEnumerable<ImportRow> Read(
        Stream seekable, ImportDataset dataset, string? sheet, List<ImportFault> warnings, CancellationToken ct)
    {
        XlsxHeader? header = null;
        foreach (var (line, cells) in ReadCells(seekable, dataset, sheet, ct))
        {
            if (header is null)
                header = XlsxHeader.Of(cells, dataset, line, warnings);
            else if (header.Row(line, cells) is { } row)
                yield return row;
        }
    }

    /// <summary>The same as raw cells: the header row first, then the rows below it, wholly empty ones left out.</summary>
    public static IEnumerable<SheetRow> ReadCells(Stream seekable, ImportDataset dataset, string? sheet, CancellationToken ct)
    {
        WorkbookGuard.Check(seekable, WorkbookLimits.Default, ct);
        using var book = WorkbookFault.Guard(() => new XlsxBook(seekable));
        var place = WorkbookFault.Guard(() => SheetChoice.Of(book, dataset, sheet, ct));

        using var rows = book.Rows(place.Sheet).GetEnumerator();
        while (WorkbookFault.Guard(rows.MoveNext))
        {
            ct.ThrowIfCancellationRequested();
            if (rows.Current.Row >= place.HeaderRow)
                yield return rows.Current;
        }
    }
}
