namespace GuspApi.Features.Imports;

/// <summary>
/// One row of a file, its cells in the order of the dataset's columns; null where the file says nothing. Readers reuse the row and its
/// array: take what you keep.
/// </summary>
internal sealed class ImportRow(int columns)
{
    public string?[] Cells { get; } = new string?[columns];

    /// <summary>Line of the file where the row starts, from 1.</summary>
    public int Line { get; set; }

    /// <summary>Faults that the reader itself found in the row (quotes that do not pair, a JSON value of the wrong kind).</summary>
    public List<ImportFault> Faults { get; } = [];

    /// <summary>A declaration without lines (JSON only): the row names the object and nothing else.</summary>
    public bool KeyOnly { get; set; }

    /// <summary>The geometry of a GeoJSON feature, as JSON.</summary>
    public string? Geometry { get; set; }

    public void Clear(int line)
    {
        Array.Clear(Cells);
        Faults.Clear();
        Line = line;
        KeyOnly = false;
        Geometry = null;
    }
}
