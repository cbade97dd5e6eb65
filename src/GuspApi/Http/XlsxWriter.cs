using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace GuspApi.Http;

/// <summary>
/// Writes a workbook row by row, straight into its compressed parts: flat in memory whatever the number of rows. The first row of a sheet
/// is its header, bold and frozen. Texts are typed strings, never formulas, whatever they begin with.
/// </summary>
internal sealed partial class XlsxWriter : IDisposable
{
    public const string MediaType = Kind + ".sheet";

    /// <summary>Rows that a sheet can hold, its header included.</summary>
    public const int MostRows = 1_048_576;

    // Positions in the list of formats of the style sheet.
    private const int PlainFormat = 0;
    private const int HeaderFormat = 1;
    private const int DateFormat = 2;
    private const int InstantFormat = 3;
    private const int WrappedFormat = 4;

    private const int LongestText = 32_767;

    private readonly ZipArchive _book;
    private readonly List<string> _sheets = [];
    private readonly bool _wrap;
    private StreamWriter _rows;
    private int _row;

    public XlsxWriter(Stream file, string sheetName, bool wrap = false, params double[] widths)
    {
        _wrap = wrap;
        _book = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        _rows = Begin(sheetName, widths);
    }

    /// <summary>Ends the sheet and begins another.</summary>
    public void Sheet(string name, params double[] widths)
    {
        End();
        _rows = Begin(name, widths);
    }

    public void Row(params object?[] cells)
    {
        _row++;
        _rows.Write($"<row r=\"{_row}\">");
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { } cell)
                Write(cell, Letters(i));
        }
        _rows.Write("</row>");
    }

    public void Dispose()
    {
        End();
        Part("xl/styles.xml", Styles);
        Part("xl/workbook.xml", $"""
            <workbook {Main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{Each((name, number) =>
            $"<sheet name=\"{SecurityElement.Escape(Clean(name))}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>")}</sheets></workbook>
            """);
        Part("xl/_rels/workbook.xml.rels",
            Relationships(Each((_, number) => Relationship(number, "worksheet", $"worksheets/sheet{number}.xml"))
            + Relationship(_sheets.Count + 1, "styles", "styles.xml")));
        Part("_rels/.rels", Relationships(Relationship(1, "officeDocument", "xl/workbook.xml")));
        Part("[Content_Types].xml", $"""
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
            <Override PartName="/xl/workbook.xml" ContentType="{MediaType}.main+xml"/>
            <Override PartName="/xl/styles.xml" ContentType="{Kind}.styles+xml"/>
            {Each((_, number) => $"<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{Kind}.worksheet+xml\"/>")}
            </Types>
            """);
        _book.Dispose();
    }

    /// <summary>The name of a column: A, B … Z, AA.</summary>
    public static string Letters(int column) =>
        column < 26 ? ((char)('A' + column)).ToString() : Letters(column / 26 - 1) + (char)('A' + column % 26);

    private void Write(object cell, string column)
    {
        switch (cell)
        {
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or float or double:
                Write(column, "n", PlainFormat, $"<v>{Convert.ToString(cell, CultureInfo.InvariantCulture)}</v>");
                break;
            case bool flag:
                Write(column, "b", PlainFormat, flag ? "<v>1</v>" : "<v>0</v>");
                break;
            case DateTime date:
                Write(column, "n", date.TimeOfDay.Ticks == 0 ? DateFormat : InstantFormat,
                    $"<v>{date.ToOADate().ToString(CultureInfo.InvariantCulture)}</v>");
                break;
            case SheetError error when error != SheetError.NotCalculated:
                Write(column, "e", PlainFormat, $"<v>{SecurityElement.Escape(error.Text)}</v>");
                break;
            default:
                var text = SecurityElement.Escape(Clean(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? ""));
                Write(column, "inlineStr", _wrap ? WrappedFormat : PlainFormat, $"<is><t xml:space=\"preserve\">{text}</t></is>");
                break;
        }
    }

    private void Write(string column, string type, int format, string value) => _rows.Write(
        $"<c r=\"{column}{_row}\" s=\"{(_row == 1 ? HeaderFormat : format)}\" t=\"{type}\">{value}</c>");

    // XML has no control characters, and programs refuse a cell that is too long: what they cannot hold is left out. Where the text
    // itself looks like an escape (_x0041_), its first sign is escaped, so that it is read back as it was. Readers of XML take a bare
    // carriage return for a line feed.
    private static string Clean(string text)
    {
        if (text.Length > LongestText)
            text = text[..LongestText];
        if (text.AsSpan().IndexOf("_x") >= 0)
            text = Escape().Replace(text, "_x005F_");
        if (!text.All(IsXml))
            text = new string([.. text.Where(IsXml)]);
        return text.Replace("\r", "_x000D_");
    }

    private static bool IsXml(char character) => character is '\t' or '\n' or '\r' or >= ' ' and not ('\uFFFE' or '\uFFFF');

    [System.Text.RegularExpressions.GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial System.Text.RegularExpressions.Regex Escape();

    private StreamWriter Begin(string name, double[] widths)
    {
        _row = 0;
        _sheets.Add(name);
        var sheet = Open($"xl/worksheets/sheet{_sheets.Count}.xml");
        sheet.Write($"<worksheet {Main}><sheetViews><sheetView {(_sheets.Count == 1 ? "tabSelected=\"1\" " : "")}workbookViewId=\"0\">"
            + "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>");
        if (widths.Length > 0)
            sheet.Write($"<cols>{string.Concat(widths.Select((width, i) => string.Create(CultureInfo.InvariantCulture,
                $"<col min=\"{i + 1}\" max=\"{i + 1}\" width=\"{width}\" customWidth=\"1\"/>")))}</cols>");
        sheet.Write("<sheetData>");
        return sheet;
    }

    private void End()
    {
        _rows.Write("</sheetData></worksheet>");
        _rows.Dispose();
    }

    private StreamWriter Open(string part)
    {
        var writer = new StreamWriter(
            _book.CreateEntry(part, CompressionLevel.Fastest).Open(), new UTF8Encoding(false), bufferSize: 32 * 1024);
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
        return writer;
    }

    private void Part(string part, string xml)
    {
        using var writer = Open(part);
        writer.Write(xml);
    }

    private string Each(Func<string, int, string> element) => string.Concat(_sheets.Select((name, i) => element(name, i + 1)));

    private static string Relationships(string all) =>
        $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}</Relationships>";

    private static string Relationship(int number, string type, string target) =>
        $"<Relationship Id=\"rId{number}\" "
            + $"Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{type}\" Target=\"{target}\"/>";

    private const string Kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";

    private const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";

    private const string Styles = $"""
        <styleSheet {Main}>
        <numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/><numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>
        <fonts count="2"><font/><font><b/></font></fonts>
        <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
        <borders count="1"><border/></borders>
        <cellXfs count="5">
        <xf/>
        <xf fontId="1" applyFont="1"/>
        <xf numFmtId="164" applyNumberFormat="1"/>
        <xf numFmtId="165" applyNumberFormat="1"/>
        <xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>
        </cellXfs>
        </styleSheet>
        """;
}

/// <summary>An error that a formula left in a cell.</summary>
internal sealed record SheetError(string Text)
{
    /// <summary>A formula that no program has calculated yet: scripts write such files.</summary>
    public static readonly SheetError NotCalculated = new("=");

    public override string ToString() => Text;
}
