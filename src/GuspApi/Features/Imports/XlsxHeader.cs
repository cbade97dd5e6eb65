using System.Collections.Frozen;

namespace GuspApi.Features.Imports;

/// <summary>An error that a formula left in a cell.</summary>
internal sealed record SheetError(string Text)
{
    private static readonly FrozenSet<string> Known =
        ((string[])["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"]).ToFrozenSet();

    /// <summary>The library gives errors as text; one that was pasted as text is no value either.</summary>
    public static object? Told(object? cell) => cell is string { Length: > 3 } text && text[0] == '#' && Known.Contains(text) ? new SheetError(text) : cell;

    public override string ToString() => Text;
}

/// <summary>The header of a sheet, and what a row below it says of the dataset's columns.</summary>
internal sealed class XlsxHeader
{
    private readonly ImportDataset _dataset;
    private readonly CsvHeader _header;
    private readonly bool[] _nameless;
    private readonly List<ImportFault> _warnings;

    private XlsxHeader(ImportDataset dataset, CsvHeader header, bool[] nameless, List<ImportFault> warnings) =>
        (_dataset, _header, _nameless, _warnings) = (dataset, header, nameless, warnings);

    public static XlsxHeader Of(object?[] cells, ImportDataset dataset, int line, List<ImportFault> warnings)
    {
        var names = cells.Select(cell => SheetCell.Text(cell) ?? "").ToArray();
        var header = CsvHeader.Of(names, dataset, ';', line, warnings);
        return new(dataset, header, [.. names.Select(string.IsNullOrWhiteSpace)], warnings);
    }

    /// <summary>False when nothing stands in the columns of the dataset: a note in the margin is no row.</summary>
    public bool Take(int line, object?[] cells, ImportRow row)
    {
        row.Clear(line);
        var filled = false;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is not { } cell)
                continue;
            var column = _header.Index[i];
            if (column < 0)
            {
                WarnOnce(i, cell, line);
                continue;
            }
            var text = SheetCell.Text(cell, _dataset.Columns[column].Width);
            row.Cells[column] = text is null ? null : DelimitedReader.Unprefixed(text);
            filled |= !string.IsNullOrWhiteSpace(text);
            if (cell is SheetError error)
                row.Faults.Add(new(line, _dataset.Columns[column].Name, "CELL_ERROR", new(
                    $"This cell holds an error of the spreadsheet ({error}): mend its formula, or put the value.",
                    $"Cette cellule contient une erreur du tableur ({error}) : corrigez sa formule, ou mettez la valeur."),
                    error.Text, "a value"));
        }
        return filled;
    }

    // A column with a name that is not known was told of with the header; one without a name, when it holds something.
    private void WarnOnce(int column, object cell, int line)
    {
        if (!_nameless[column] || string.IsNullOrWhiteSpace(SheetCell.Text(cell)))
            return;
        _nameless[column] = false;
        _warnings.Add(CsvHeader.Ignored(SheetCell.Letters(column), line));
    }
}
