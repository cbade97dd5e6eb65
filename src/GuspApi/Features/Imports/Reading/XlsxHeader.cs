using GuspApi.Http;

namespace GuspApi.Features.Imports;

/// <summary>The header of a sheet, and what a row below it says of the dataset's columns.</summary>
internal sealed class XlsxHeader
{
    private readonly ImportDataset _dataset;
    private readonly CsvHeader _header;
    private readonly HashSet<int> _told;
    private readonly List<ImportFault> _warnings;

    private XlsxHeader(ImportDataset dataset, CsvHeader header, HashSet<int> told, List<ImportFault> warnings) =>
        (_dataset, _header, _told, _warnings) = (dataset, header, told, warnings);

    public static XlsxHeader Of(object?[] cells, ImportDataset dataset, int line, List<ImportFault> warnings)
    {
        var names = cells.Select(cell => SheetCell.Text(cell) ?? "").ToArray();
        var header = CsvHeader.Of(names, dataset, ';', line, warnings);
        return new(dataset, header, [.. Enumerable.Range(0, names.Length).Where(i => !string.IsNullOrWhiteSpace(names[i]))], warnings);
    }

    /// <summary>Null when nothing stands in the columns of the dataset: a note in the margin is no row.</summary>
    public ImportRow? Row(int line, object?[] cells)
    {
        var row = new ImportRow(_dataset, line, line);
        var filled = false;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is not { } cell)
                continue;
            if (i >= _header.Width || _header.Index[i] < 0)
            {
                WarnOnce(i, cell, line);
                continue;
            }
            var column = _dataset.Columns[_header.Index[i]];
            var text = SheetCell.Text(cell, column.Width)!;
            row.Cells[_header.Index[i]] = ImportRow.Unmarked(text);
            filled |= !string.IsNullOrWhiteSpace(text);
            if (cell is SheetError error)
                row.Faults.Add(Fault(line, column, error));
        }
        return filled ? row : null;
    }

    private static ImportFault Fault(int line, ImportColumn column, SheetError error) => error == SheetError.NotCalculated
        ? new(line, column.Name, "CELL_NOT_CALCULATED", new(
            "This cell holds a formula without its result: open the workbook in a spreadsheet program and save it, or put the value.",
            "Cette cellule contient une formule sans son résultat : "
                + "ouvrez le classeur dans un tableur et enregistrez-le, ou mettez la valeur."),
            Expected: ImportFault.Filled)
        : new(line, column.Name, "CELL_ERROR", new(
            $"This cell holds an error of the spreadsheet ({error}): mend its formula, or put the value.",
            $"Cette cellule contient une erreur du tableur ({error}) : corrigez sa formule, ou mettez la valeur."),
            Cell.Clip(error.Text), ImportFault.Filled);

    // A column with a name that is not known was told of with the header; one without a name, when it holds something.
    private void WarnOnce(int column, object cell, int line)
    {
        if (!string.IsNullOrWhiteSpace(SheetCell.Text(cell)) && _told.Add(column))
            _warnings.Add(CsvHeader.Ignored(XlsxWriter.Letters(column), line));
    }
}
