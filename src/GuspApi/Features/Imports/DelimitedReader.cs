using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace GuspApi.Features.Imports;

/// <summary>Reads CSV as Excel in French, databases and scripts write it: separator and columns are told from the header.</summary>
internal static class DelimitedReader
{
    /// <summary>The longest row, in characters: what is longer is a file without line ends or with a quote never closed.</summary>
    public const int LongestRow = 1 << 20;

    private const int HeaderWindow = 64 * 1024;

    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        Stream stream, Encoding encoding, ImportDataset dataset, List<ImportFault> warnings, [EnumeratorCancellation] CancellationToken ct)
    {
        using var text = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
        var start = new char[HeaderWindow];
        var length = await text.ReadBlockAsync(start, ct);
        var separator = CsvHeader.Separator(start.AsSpan(0, length), dataset);

        using var guarded = new GuardedReader(start.AsMemory(0, length), text);
        using var parser = new CsvParser(guarded, Configuration(separator, out var malformed));
        var header = await HeaderAsync(parser, guarded, dataset, separator, warnings);
        var row = new ImportRow(dataset.Columns.Length);
        while (await NextAsync(parser, guarded))
        {
            ct.ThrowIfCancellationRequested();
            if (Take(parser, header, row, dataset, guarded.Line, malformed))
                yield return row;
        }
    }

    private static async Task<CsvHeader> HeaderAsync(
        CsvParser parser, GuardedReader guarded, ImportDataset dataset, char separator, List<ImportFault> warnings)
    {
        while (await NextAsync(parser, guarded))
        {
            // Excel's own first line "sep=;" names the separator.
            if (parser.Count <= 2 && parser[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
                continue;
            return CsvHeader.Of(parser.Record!, dataset, separator, guarded.Line, warnings);
        }
        throw ImportFileException.Of("EMPTY_FILE", new("The file has no header.", "Le fichier n'a pas d'en-tête."), 1);
    }

    private static async Task<bool> NextAsync(CsvParser parser, GuardedReader guarded)
    {
        guarded.RowStarts(parser.CharCount, parser.RawRow + 1);
        return await parser.ReadAsync();
    }

    private static bool Take(CsvParser parser, CsvHeader header, ImportRow row, ImportDataset dataset, int line, List<string> malformed)
    {
        row.Clear(line);
        var empty = true;
        for (var i = 0; i < parser.Count; i++)
        {
            var cell = parser[i];
            empty &= string.IsNullOrWhiteSpace(cell);
            if (i < header.Width)
            {
                if (header.Index[i] >= 0)
                    row.Cells[header.Index[i]] = Unprefixed(cell);
            }
            else if (!string.IsNullOrWhiteSpace(cell))
            {
                row.Faults.Add(new(line, null, "ROW_TOO_WIDE", new(
                    "The row has more cells than the header: quote the cells that hold the separator.",
                    "La ligne a plus de cellules que l'en-tête : mettez entre guillemets les cellules qui contiennent le séparateur."),
                    cell, $"{header.Width} cells"));
            }
        }
        if (malformed.Count > 0)
        {
            row.Faults.Add(new(line, null, "QUOTES_UNPAIRED", new(
                "The quotes of a cell do not pair: double a quote inside a quoted cell.",
                "Les guillemets d'une cellule ne vont pas par paires : doublez un guillemet dans une cellule entre guillemets."),
                Cell.Clip(malformed[0]), "\"a \"\"quoted\"\" cell\""));
            malformed.Clear();
        }
        return !empty;
    }

    // Exports put ' before a cell that a spreadsheet would take for a formula.
    internal static string Unprefixed(string cell) => cell is ['\'', '=' or '+' or '-' or '@', ..] ? cell[1..] : cell;

    private static CsvConfiguration Configuration(char separator, out List<string> malformed)
    {
        var found = malformed = [];
        return new(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            BufferSize = 32 * 1024,
            IgnoreBlankLines = true,
            BadDataFound = bad => found.Add(bad.Field),
        };
    }

    /// <summary>Stops the parser before a row that never ends fills the memory.</summary>
    private sealed class GuardedReader(ReadOnlyMemory<char> start, TextReader rest) : TextReader
    {
        private ReadOnlyMemory<char> _start = start;
        private long _handed;
        private long _rowStart;

        public int Line { get; private set; }

        public void RowStarts(long at, int line) => (_rowStart, Line) = (at, line);

        public override async Task<int> ReadAsync(char[] buffer, int index, int count)
        {
            if (_handed - _rowStart > LongestRow)
                throw ImportFileException.Of("ROW_TOO_LONG", new(
                    "This row is too long: a line end or a closing quote is missing.",
                    "Cette ligne est trop longue : il manque une fin de ligne ou un guillemet fermant."),
                    Line, $"at most {LongestRow} characters a row");

            int read;
            if (_start.Length > 0)
            {
                read = Math.Min(count, _start.Length);
                _start[..read].CopyTo(buffer.AsMemory(index));
                _start = _start[read..];
            }
            else
            {
                read = await rest.ReadAsync(buffer.AsMemory(index, count));
            }
            _handed += read;
            return read;
        }
    }
}
