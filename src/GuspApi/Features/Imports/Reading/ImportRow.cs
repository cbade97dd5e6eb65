using GuspApi.Http;

namespace GuspApi.Features.Imports;

/// <summary>One row of a file, its cells in the order of the dataset's columns; null where the file says nothing.</summary>
internal sealed class ImportRow(ImportDataset dataset, int record, int line)
{
    public string?[] Cells { get; } = new string?[dataset.Columns.Length];

    /// <summary>
    /// Number of the record that the row is in, from 1: a row of a table, an object of a JSON (whose lines are rows each).
    /// </summary>
    public int Record => record;

    /// <summary>Line of the file where the record starts, from 1.</summary>
    public int Line => line;

    /// <summary>Faults that the reader itself found in the row (quotes that do not pair, a JSON value of the wrong kind).</summary>
    public List<ImportFault> Faults { get; } = [];

    /// <summary>A declaration without lines (JSON only): the row names the object and nothing else.</summary>
    public bool KeyOnly { get; set; }

    /// <summary>The geometry of a GeoJSON feature, as JSON.</summary>
    public string? Geometry { get; set; }

    /// <summary>What it holds, about.</summary>
    public int Characters => (Geometry?.Length ?? 0) + Cells.Sum(cell => cell?.Length ?? 0);

    /// <summary>A cell without the ' that exports put before what a spreadsheet would take for a formula.</summary>
    public static string Unmarked(string cell) => cell is ['\'', ..] && CsvFile.IsMarked(cell[1..]) ? cell[1..] : cell;
}
