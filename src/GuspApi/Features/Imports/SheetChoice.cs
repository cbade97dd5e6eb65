using ExcelDataReader;

namespace GuspApi.Features.Imports;

/// <summary>
/// Where the headers are: in the visible sheet that has them, or in the one that was named, in one of the first rows, since yearly
/// workbooks begin with a title.
/// </summary>
/// <param name="Sheet">Number of the sheet, from 0.</param>
/// <param name="HeaderRow">Row of the headers, from 1.</param>
internal sealed record SheetChoice(int Sheet, int HeaderRow)
{
    private const int HeaderWindow = 50;

    private sealed record Look(int Sheet, string Name, bool Visible, int HeaderRow, int Known, bool Complete, bool HasRows);

    public static SheetChoice Of(IExcelDataReader book, ImportDataset dataset, string? asked, CancellationToken ct)
    {
        var looks = LookAt(book, dataset, ct);
        if (looks.Count == 0)
            throw WorkbookFault.Damaged();
        if (asked is not null)
            return Named(looks, asked.Trim(), dataset);

        var visible = looks.Where(look => look.Visible).ToList();
        var complete = visible.Where(look => look.Complete).ToList();
        var filled = complete.Where(look => look.HasRows).ToList();
        if (filled.Count > 1)
            throw WorkbookFault.SheetAmbiguous(Names(filled));
        var best = filled.FirstOrDefault() ?? complete.FirstOrDefault() ?? visible.MaxBy(look => look.Known);
        return best is { Known: > 0 } ? new(best.Sheet, best.HeaderRow) : throw WorkbookFault.HeaderUnknown(Names(visible), Required(dataset));
    }

    /// <summary>Puts the reader before the first row of a sheet.</summary>
    public static bool Go(IExcelDataReader book, int sheet)
    {
        book.Reset();
        for (var i = 0; i < sheet; i++)
            book.NextResult();
        return true;
    }

    private static SheetChoice Named(List<Look> looks, string asked, ImportDataset dataset)
    {
        var look = looks.Find(look => look.Name == asked)
            ?? looks.Find(look => string.Equals(look.Name.Trim(), asked, StringComparison.OrdinalIgnoreCase))
            ?? throw WorkbookFault.SheetNotFound(asked, Names(looks.Where(look => look.Visible)));
        return look.Known > 0 ? new(look.Sheet, look.HeaderRow) : throw WorkbookFault.HeaderUnknown(look.Name, Required(dataset));
    }

    private static List<Look> LookAt(IExcelDataReader book, ImportDataset dataset, CancellationToken ct)
    {
        var looks = new List<Look>();
        do
        {
            ct.ThrowIfCancellationRequested();
            if (book.FieldCount > XlsxReader.LastColumn)
                throw WorkbookFault.Damaged();
            looks.Add(LookAtSheet(book, dataset, looks.Count, ct));
        }
        while (book.NextResult());
        return looks;
    }

    // The first row that has all required columns; else the one that has most, so that the refusal can name what it lacks.
    private static Look LookAtSheet(IExcelDataReader book, ImportDataset dataset, int sheet, CancellationToken ct)
    {
        var look = new Look(sheet, book.Name ?? "", book.VisibleState is null or "visible", 0, 0, false, false);
        var cells = new object?[book.FieldCount];
        for (var line = 1; line <= XlsxReader.LastRow && (look.Complete || line <= HeaderWindow) && book.Read(); line++)
        {
            ct.ThrowIfCancellationRequested();
            if (!XlsxReader.Fill(book, cells))
                continue;
            if (look.Complete)
                return look with { HasRows = true };

            var known = cells.OfType<string>().Select(dataset.IndexOf).Where(index => index >= 0).ToHashSet();
            var complete = Enumerable.Range(0, dataset.Columns.Length).All(index => !dataset.Columns[index].Required || known.Contains(index));
            if (known.Count > look.Known)
                look = look with { HeaderRow = line, Known = known.Count, Complete = complete };
        }
        return look;
    }

    private static string Names(IEnumerable<Look> looks) => string.Join(", ", looks.Select(look => Cell.Clip(look.Name)).Take(20));

    private static string Required(ImportDataset dataset) =>
        string.Join(", ", dataset.Columns.Where(column => column.Required).Select(column => column.Name));
}
