using System.IO.Compression;
using System.Xml;
using GuspApi.Http;

namespace GuspApi.Features.Imports;

/// <summary>A sheet of a workbook.</summary>
internal sealed record XlsxSheet(string Name, bool Visible, string Part);

/// <summary>
/// The sheets of a workbook, rows streamed. Names of elements are read whatever their namespace, so that both generations of the format
/// are; only what relationships of the workbook name is opened, never an external link, never a macro.
/// </summary>
internal sealed class XlsxBook : IDisposable
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    };

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _parts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _strings = [];
    private readonly XlsxFormats _formats = new();
    private bool _from1904;

    public XlsxBook(Stream file)
    {
        _archive = new(file, ZipArchiveMode.Read, leaveOpen: true);
        foreach (var entry in _archive.Entries)
            _parts.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);

        var book = Relations("").Find(relation => relation.Type == "officeDocument")?.Part ?? "xl/workbook.xml";
        var relations = Relations(book);
        Sheets = ReadSheets(book, relations);
        if (relations.Find(relation => relation.Type == "styles") is { } styles && Open(styles.Part) is { } look)
            using (look)
                _formats.Read(look);
        if (relations.Find(relation => relation.Type == "sharedStrings") is { } strings)
            ReadStrings(strings.Part);
    }

    public IReadOnlyList<XlsxSheet> Sheets { get; }

    /// <summary>The rows that hold something, each with its own array up to its last filled cell.</summary>
    public IEnumerable<SheetRow> Rows(XlsxSheet sheet)
    {
        using var reader = Open(sheet.Part);
        var cells = new List<object?>();
        var line = 0;
        while (reader is not null && reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "row")
            {
                cells.Clear();
                line = reader.GetAttribute("r") is { } number ? LineOf(number, line) : line + 1;
            }
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "c" && line > 0)
            {
                Put(reader, cells);
            }
            else if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "row" && cells.Exists(IsFilled))
            {
                yield return new(line, [.. cells]);
            }
            else if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "sheetData")
            {
                yield break;
            }
        }
    }

    public void Dispose() => _archive.Dispose();

    private sealed record Relation(string Id, string Type, string Part);

    private XmlReader? Open(string part) => _parts.TryGetValue(part, out var entry) ? XmlReader.Create(entry.Open(), Settings) : null;

    private List<Relation> Relations(string part)
    {
        var found = new List<Relation>();
        var folder = part.Contains('/') ? part[..(part.LastIndexOf('/') + 1)] : "";
        using var reader = Open($"{folder}_rels/{part[folder.Length..]}.rels");
        while (reader is not null && reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element || reader.LocalName != "Relationship"
                || reader.GetAttribute("TargetMode") == "External")
                continue;
            var type = reader.GetAttribute("Type") ?? "";
            var target = reader.GetAttribute("Target") ?? "";
            found.Add(new(reader.GetAttribute("Id") ?? "", type[(type.LastIndexOf('/') + 1)..], Resolve(folder, target)));
        }
        return found;
    }

    private static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/'))
            return target[1..];
        while (target.StartsWith("../", StringComparison.Ordinal) && folder.Length > 0)
        {
            target = target[3..];
            folder = folder[..(folder.TrimEnd('/').LastIndexOf('/') + 1)];
        }
        return folder + (target.StartsWith("./", StringComparison.Ordinal) ? target[2..] : target);
    }

    private List<XlsxSheet> ReadSheets(string book, List<Relation> relations)
    {
        var sheets = new List<XlsxSheet>();
        using var reader = Open(book) ?? throw WorkbookFault.Damaged();
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
                continue;
            if (reader.LocalName == "workbookPr")
                _from1904 = reader.GetAttribute("date1904") is "1" or "true";
            if (reader.LocalName != "sheet")
                continue;

            var (name, visible, id) = (reader.GetAttribute("name") ?? "", reader.GetAttribute("state") is null or "visible", "");
            while (reader.MoveToNextAttribute())
                id = reader.LocalName == "id" ? reader.Value : id;
            if (relations.Find(relation => relation.Id == id) is { Type: "worksheet" } relation)
                sheets.Add(new(name, visible, relation.Part));
        }
        return sheets;
    }

    private void ReadStrings(string part)
    {
        using var reader = Open(part);
        while (reader is not null && reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "si")
                _strings.Add(XlsxCell.Unescaped(XlsxCell.ReadText(reader)));
        }
    }

    private static int LineOf(string number, int last) =>
        int.TryParse(number, out var line) && line > last && line <= XlsxReader.LastRow ? line : throw WorkbookFault.Damaged();

    private void Put(XmlReader reader, List<object?> cells)
    {
        var column = reader.GetAttribute("r") is { } reference ? XlsxCell.ColumnOf(reference) : cells.Count;
        var type = reader.GetAttribute("t");
        var style = reader.GetAttribute("s");
        if (column is < 0 or >= XlsxReader.LastColumn)
            throw WorkbookFault.Damaged();

        var text = XlsxCell.ReadText(reader, out var lacksValue);
        var value = lacksValue ? SheetError.NotCalculated : Typed(type, style, text);
        if (value is null)
            return;
        while (cells.Count <= column)
            cells.Add(null);
        cells[column] = value;
    }

    private object? Typed(string? type, string? style, string text) => type switch
    {
        _ when text.Length == 0 => null,
        "s" => int.TryParse(text, out var index) && index >= 0 && index < _strings.Count ? _strings[index] : throw WorkbookFault.Damaged(),
        "str" or "inlineStr" => XlsxCell.Unescaped(text),
        "b" => text is "1" or "true",
        "e" => new SheetError(text),
        "d" => XlsxCell.IsoDate(text),
        _ => XlsxCell.Number(text, _formats.Of(style), _from1904),
    };

    private static bool IsFilled(object? cell) => cell is string text ? !string.IsNullOrWhiteSpace(text) : cell is not null;
}
