using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>The header of a delimited file: which column of the dataset each cell holds.</summary>
internal sealed record CsvHeader(int[] Index, int Width)
{
    private const string Separators = ";,\t";

    /// <summary>The separator under which the first line names most columns.</summary>
    public static char Separator(ReadOnlySpan<char> text, ImportDataset dataset)
    {
        var line = FirstLine(text);
        var best = (Separator: ';', Known: -1, Cells: 0);
        foreach (var separator in Separators)
        {
            var cells = line.ToString().Split(separator);
            var known = cells.Count(cell => dataset.IndexOf(cell) >= 0);
            if (known > best.Known || known == best.Known && cells.Length > best.Cells)
                best = (separator, known, cells.Length);
        }
        return best.Separator;
    }

    public static CsvHeader Of(string[] cells, ImportDataset dataset, char separator, int line, List<ImportFault> warnings)
    {
        var index = new int[cells.Length];
        var first = new Dictionary<int, string>();
        for (var i = 0; i < cells.Length; i++)
        {
            index[i] = dataset.IndexOf(cells[i]);
            if (index[i] < 0)
            {
                if (!string.IsNullOrWhiteSpace(cells[i]) && !ImportDataset.IsRejectColumn(cells[i]))
                    warnings.Add(Ignored(cells[i].Trim(), line));
            }
            else if (!first.TryAdd(index[i], cells[i]))
            {
                throw new ImportFileException(new(line, cells[i].Trim(), "COLUMN_DUPLICATE", new(
                    $"Two columns are both {dataset.Columns[index[i]].Name}.",
                    $"Deux colonnes désignent {dataset.Columns[index[i]].Name}."),
                    $"{first[index[i]].Trim()}, {cells[i].Trim()}", new("each column once", "chaque colonne une fois")));
            }
        }
        RequireColumns(cells, dataset, separator, line, first);
        return new(index, cells.Length);
    }

    public static ImportFault Ignored(string column, int line) => new(line, Cell.Clip(column), "COLUMN_IGNORED", new(
        $"The column {Cell.Clip(column)} is not known and was ignored.", $"La colonne {Cell.Clip(column)} est inconnue et a été ignorée."))
    { Severity = Severity.Warning };

    private static void RequireColumns(string[] cells, ImportDataset dataset, char separator, int line, Dictionary<int, string> found)
    {
        var required = string.Join(separator, dataset.Columns.Where(column => column.Required).Select(column => column.Name));
        var header = Cell.Clip(string.Join(separator, cells));
        if (found.Count == 0)
            throw ImportFileException.Of("HEADER_UNKNOWN", new(
                "No column of the dataset was recognised in the first line: check the header and the separator (; , or tab).",
                "Aucune colonne du jeu de données n'est reconnue en première ligne : "
                    + "vérifiez l'en-tête et le séparateur (; , ou tabulation)."),
                line, Text.Alike(required), header);

        var missing = dataset.Columns.Where((column, i) => column.Required && !found.ContainsKey(i)).Select(column => column.Name).ToList();
        if (missing.Count > 0)
            throw new ImportFileException(new(line, missing[0], "COLUMN_MISSING", new(
                $"Required columns are missing: {string.Join(", ", missing)}.",
                $"Il manque des colonnes obligatoires : {string.Join(", ", missing)}."), header, Text.Alike(required)));
    }

    private static ReadOnlySpan<char> FirstLine(ReadOnlySpan<char> text)
    {
        text = text.TrimStart("\uFEFF\r\n");
        var end = text.IndexOfAny('\r', '\n');
        var line = end < 0 ? text : text[..end];
        return line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && end >= 0 ? FirstLine(text[end..]) : line;
    }
}
