using System.IO.Compression;
using System.Text;
using GuspApi.Http;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Workbooks part by part, for what no program should write and some do.</summary>
internal sealed class RawWorkbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";

    private readonly List<(string Name, string State, string Rows, string After)> _sheets = [];
    private string? _strings;

    public Dictionary<string, byte[]> Others { get; } = [];

    /// <param name="name">Name of the sheet.</param>
    /// <param name="rows">Its rows, as XML; or lines of cells separated by ; as inline strings.</param>
    /// <param name="state">visible, hidden or veryHidden.</param>
    /// <param name="after">XML after the rows.</param>
    public RawWorkbook Sheet(string name, string rows, string state = "visible", string after = "")
    {
        _sheets.Add((name, state, rows.StartsWith('<') ? rows : string.Concat(rows.Split('\n').Select(Inline)), after));
        return this;
    }

    public RawWorkbook Strings(params string[] texts)
    {
        _strings = string.Concat(texts.Select(text => $"<si><t>{text}</t></si>"));
        return this;
    }

    public MemoryStream Build()
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Put(zip, "[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""");
            Put(zip, "_rels/.rels",
                $"""<Relationships xmlns="{Package}"><Relationship Id="r" Type="{Office}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Put(zip, "xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Office}"><sheets>{string.Concat(_sheets.Select((sheet, i) =>
                $"""<sheet name="{sheet.Name}" sheetId="{i + 1}" state="{sheet.State}" r:id="s{i + 1}"/>"""))}</sheets></workbook>""");
            Put(zip, "xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{Package}">{string.Concat(_sheets.Select((_, i) =>
                $"""<Relationship Id="s{i + 1}" Type="{Office}/worksheet" Target="worksheets/sheet{i + 1}.xml"/>"""))}<Relationship Id="t" Type="{Office}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="y" Type="{Office}/styles" Target="styles.xml"/></Relationships>""");
            Put(zip, "xl/styles.xml",
                $"""<styleSheet xmlns="{Main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>""");
            if (_strings is not null)
                Put(zip, "xl/sharedStrings.xml", $"""<sst xmlns="{Main}">{_strings}</sst>""");
            for (var i = 0; i < _sheets.Count; i++)
                Put(zip, $"xl/worksheets/sheet{i + 1}.xml",
                    $"""<worksheet xmlns="{Main}"><sheetData>{_sheets[i].Rows}</sheetData>{_sheets[i].After}</worksheet>""");
            foreach (var (name, bytes) in Others)
            {
                using var part = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                part.Write(bytes);
            }
        }
        stream.Position = 0;
        return stream;
    }

    public static string Inline(string line, int number) =>
        $"""<row r="{number + 1}">{string.Concat(line.Split(';').Select((cell, i) =>
            cell.Length == 0 ? "" : $"""<c r="{XlsxWriter.Letters(i)}{number + 1}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>"""))}</row>""";

    private static void Put(ZipArchive zip, string name, string text)
    {
        using var part = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        part.Write(Encoding.UTF8.GetBytes(text));
    }
}
