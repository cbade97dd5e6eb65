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

    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        Stream stream, Encoding encoding, ImportDataset dataset, List<ImportFault> warnings, [EnumeratorCancellation] CancellationToken ct)
    {
        using var table = await DelimitedTable.OpenAsync(stream, encoding, dataset, warnings, ct);
        while (await table.NextAsync(ct))
            yield return table.Row();
    }
}

/// <summary>A delimited file, record by record: the header first, then each row that is not empty, as cells and as it was sent.</summary>
internal sealed class DelimitedTable : IDisposable
{
    private const int HeaderWindow = 64 * 1024;

    private readonly ImportDataset _dataset;
    private readonly StreamReader _text;
    private readonly GuardedReader _guarded;
    private readonly CsvParser _parser;
    private readonly List<string> _malformed = [];
    private CsvHeader _header = null!;

    private DelimitedTable(ImportDataset dataset, StreamReader text, ReadOnlyMemory<char> start, char separator, CancellationToken ct)
    {
        (_dataset, _text, Separator) = (dataset, text, separator);
        _guarded = new(start, text, ct);
        _parser = new(_guarded, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            BufferSize = 32 * 1024,
            IgnoreBlankLines = true,
            BadDataFound = bad => _malformed.Add(bad.Field),
        });
    }

    public char Separator { get; }

    /// <summary>Number of the record, from 1; 0 at the header.</summary>
    public int Record { get; private set; }

    /// <summary>The characters of the record, its line end included, as they were sent.</summary>
    public string Raw => _parser.RawRecord;

    /// <summary>What stands before the header: Excel's own line <c>sep=;</c>.</summary>
    public string Preamble { get; private set; } = "";

    /// <summary>The cells of the record.</summary>
    public string[] Cells => _parser.Record!;

    /// <summary>Reads up to the header; throws when it does not name the dataset's columns.</summary>
    public static async Task<DelimitedTable> OpenAsync(
        Stream stream, Encoding encoding, ImportDataset dataset, List<ImportFault> warnings, CancellationToken ct)
    {
        var text = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
        var start = new char[HeaderWindow];
        var length = await text.ReadBlockAsync(start, ct);
        var table = new DelimitedTable(dataset, text, start.AsMemory(0, length), CsvHeader.Separator(start.AsSpan(0, length), dataset), ct);
        try
        {
            await table.ReadHeaderAsync(warnings);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next record that says something; false at the end.</summary>
    public async Task<bool> NextAsync(CancellationToken ct)
    {
        while (await ReadAsync())
        {
            ct.ThrowIfCancellationRequested();
            if (!IsEmpty())
            {
                Record++;
                return true;
            }
            _malformed.Clear();
        }
        return false;
    }

    /// <summary>The record as a row of the dataset.</summary>
    public ImportRow Row()
    {
        var row = new ImportRow(_dataset, Record, _guarded.Line);
        for (var i = 0; i < _parser.Count; i++)
        {
            if (i >= _header.Width)
                Widen(row, _parser[i]);
            else if (_header.Index[i] >= 0)
                row.Cells[_header.Index[i]] = ImportRow.Unmarked(_parser[i]);
        }
        if (_malformed.Count > 0)
        {
            row.Faults.Add(new(row.Line, null, "QUOTES_UNPAIRED", new(
                "The quotes of a cell do not pair: double a quote inside a quoted cell.",
                "Les guillemets d'une cellule ne vont pas par paires : doublez un guillemet dans une cellule entre guillemets."),
                Cell.Clip(_malformed[0]), new("\"a \"\"quoted\"\" cell\"", "\"une cellule \"\"entre guillemets\"\"\"")));
            _malformed.Clear();
        }
        return row;
    }

    public void Dispose()
    {
        _parser.Dispose();
        _guarded.Dispose();
        _text.Dispose();
    }

    private async Task ReadHeaderAsync(List<ImportFault> warnings)
    {
        while (await ReadAsync())
        {
            if (_parser.Count <= 2 && _parser[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            {
                Preamble = Raw;
                continue;
            }
            _header = CsvHeader.Of(Cells, _dataset, Separator, _guarded.Line, warnings);
            return;
        }
        throw ImportFileException.Of("EMPTY_FILE", new("The file has no header.", "Le fichier n'a pas d'en-tête."), 1);
    }

    private async Task<bool> ReadAsync()
    {
        _guarded.RowStarts(_parser.CharCount, _parser.RawRow + 1);
        return await _parser.ReadAsync();
    }

    private bool IsEmpty()
    {
        for (var i = 0; i < _parser.Count; i++)
            if (!string.IsNullOrWhiteSpace(_parser[i]))
                return false;
        return true;
    }

    private void Widen(ImportRow row, string cell)
    {
        if (!string.IsNullOrWhiteSpace(cell))
            row.Faults.Add(new(row.Line, null, "ROW_TOO_WIDE", new(
                "The row has more cells than the header: quote the cells that hold the separator.",
                "La ligne a plus de cellules que l'en-tête : mettez entre guillemets les cellules qui contiennent le séparateur."),
                Cell.Clip(cell), new($"{_header.Width} cells", $"{_header.Width} cellules")));
    }

    /// <summary>Stops the parser before a row that never ends fills the memory, and when nobody waits for it any more.</summary>
    private sealed class GuardedReader(ReadOnlyMemory<char> start, TextReader rest, CancellationToken ct) : TextReader
    {
        private ReadOnlyMemory<char> _start = start;
        private long _handed;
        private long _rowStart;

        public int Line { get; private set; }

        public void RowStarts(long at, int line) => (_rowStart, Line) = (at, line);

        public override async Task<int> ReadAsync(char[] buffer, int index, int count)
        {
            if (_handed - _rowStart > DelimitedReader.LongestRow)
                throw ImportFileException.Of("ROW_TOO_LONG", new(
                    "This row is too long: a line end or a closing quote is missing.",
                    "Cette ligne est trop longue : il manque une fin de ligne ou un guillemet fermant."),
                    Line, new(
                        $"at most {DelimitedReader.LongestRow} characters a row",
                        $"au plus {DelimitedReader.LongestRow} caractères par ligne"));

            int read;
            if (_start.Length > 0)
            {
                read = Math.Min(count, _start.Length);
                _start[..read].CopyTo(buffer.AsMemory(index));
                _start = _start[read..];
            }
            else
            {
                read = await rest.ReadAsync(buffer.AsMemory(index, count), ct);
            }
            _handed += read;
            return read;
        }
    }
}
