namespace GuspApi.Features.Imports;

/// <summary>
/// Where the headers are: in the visible sheet that has them, or in the one that was named, in one of the first rows, since yearly
/// workbooks begin with a title.
/// </summary>
internal sealed record SheetChoice(XlsxSheet Sheet, int HeaderRow)
{
    private const int HeaderWindow = 50;

    private sealed record Look(XlsxSheet Sheet, int HeaderRow, int Known, bool Complete, bool HasRows);

    public static SheetChoice Of(XlsxBook book, ImportDataset dataset, string? asked, CancellationToken ct)
    {
        if (book.Sheets.Count == 0)
            throw WorkbookFault.Damaged();
        var visible = book.Sheets.Where(sheet => sheet.Visible).ToList();
        if (asked is not null)
            return Best([LookAt(book, Named(book, visible, asked.Trim()), dataset, ct)], dataset);

        var looks = visible.ConvertAll(sheet => LookAt(book, sheet, dataset, ct));
        var filled = looks.FindAll(look => look.HasRows);
        if (filled.Count > 1)
            throw WorkbookFault.SheetAmbiguous(Names(filled.Select(look => look.Sheet)));
        return Best(filled.Count == 1 ? filled : looks, dataset);
    }

    private static XlsxSheet Named(XlsxBook book, List<XlsxSheet> visible, string asked) =>
        book.Sheets.FirstOrDefault(sheet => sheet.Name == asked)
        ?? book.Sheets.FirstOrDefault(sheet => string.Equals(sheet.Name.Trim(), asked, StringComparison.OrdinalIgnoreCase))
        ?? throw WorkbookFault.SheetNotFound(asked, Names(visible));

    // A header that lacks a column is taken when there is no better: its refusal names what is missing.
    private static SheetChoice Best(List<Look> looks, ImportDataset dataset)
    {
        var best = looks.Find(look => look.Complete) ?? looks.MaxBy(look => look.Known);
        return best is { Known: > 0 } ? new(best.Sheet, best.HeaderRow) : throw WorkbookFault.HeaderUnknown(
            Names(looks.Select(look => look.Sheet)),
            string.Join(", ", dataset.Columns.Where(column => column.Required).Select(column => column.Name)));
    }

    private static Look LookAt(XlsxBook book, XlsxSheet sheet, ImportDataset dataset, CancellationToken ct)
    {
        var look = new Look(sheet, 0, 0, false, false);
        foreach (var (line, cells) in book.Rows(sheet))
        {
            ct.ThrowIfCancellationRequested();
            if (look.Complete)
                return look with { HasRows = true };
            if (line > HeaderWindow)
                break;

            var known = cells.OfType<string>().Select(dataset.IndexOf).Where(index => index >= 0).ToHashSet();
            var complete = Enumerable.Range(0, dataset.Columns.Length)
                .All(index => !dataset.Columns[index].Required || known.Contains(index));
            if (known.Count > look.Known)
                look = look with { HeaderRow = line, Known = known.Count, Complete = complete };
        }
        return look;
    }

    private static string Names(IEnumerable<XlsxSheet> sheets) => string.Join(", ", sheets.Select(sheet => Cell.Clip(sheet.Name)).Take(20));
}
