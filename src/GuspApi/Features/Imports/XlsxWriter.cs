using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace GuspApi.Features.Imports;

/// <summary>
/// Writes a workbook row by row: flat in memory whatever the number of rows. The first row of a sheet is its header, bold and frozen.
/// Texts are typed strings, never formulas, whatever they begin with.
/// </summary>
internal sealed class XlsxWriter : IDisposable
{
    // Positions in the list of formats of the style sheet.
    private const uint PlainFormat = 0;
    private const uint HeaderFormat = 1;
    private const uint DateFormat = 2;
    private const uint InstantFormat = 3;
    private const uint WrappedFormat = 4;

    private const int LongestText = 32_767;

    private readonly SpreadsheetDocument _document;
    private readonly WorkbookPart _book;
    private readonly Sheets _sheets = new();
    private readonly bool _wrap;
    private OpenXmlWriter _rows;
    private uint _row;

    public XlsxWriter(Stream seekable, string sheetName, bool wrap = false, params double[] widths)
    {
        _wrap = wrap;
        _document = SpreadsheetDocument.Create(seekable, SpreadsheetDocumentType.Workbook);
        _book = _document.AddWorkbookPart();
        _book.AddNewPart<WorkbookStylesPart>().Stylesheet = Styles();
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
        _rows.WriteStartElement(new Row { RowIndex = _row });
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { } cell)
                Write(cell, SheetCell.Letters(i) + _row.ToString(CultureInfo.InvariantCulture));
        }
        _rows.WriteEndElement();
    }

    public void Dispose()
    {
        End();
        _book.Workbook = new Workbook(_sheets);
        _book.Workbook.Save();
        _document.Dispose();
    }

    private void Write(object cell, string reference)
    {
        switch (cell)
        {
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or float or double:
                Write(reference, CellValues.Number, PlainFormat, new CellValue(Convert.ToString(cell, CultureInfo.InvariantCulture)!));
                break;
            case bool flag:
                Write(reference, CellValues.Boolean, PlainFormat, new CellValue(flag ? "1" : "0"));
                break;
            case DateTime date:
                Write(reference, CellValues.Number, date.TimeOfDay.Ticks == 0 ? DateFormat : InstantFormat,
                    new CellValue(date.ToOADate().ToString(CultureInfo.InvariantCulture)));
                break;
            case SheetError error when error != SheetError.NotCalculated:
                Write(reference, CellValues.Error, PlainFormat, new CellValue(error.Text));
                break;
            default:
                var text = Clean(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "");
                Write(reference, CellValues.InlineString, _wrap ? WrappedFormat : PlainFormat,
                    new InlineString(new DocumentFormat.OpenXml.Spreadsheet.Text(text) { Space = SpaceProcessingModeValues.Preserve }));
                break;
        }
    }

    private void Write(string reference, CellValues type, uint format, OpenXmlElement value) =>
        _rows.WriteElement(new DocumentFormat.OpenXml.Spreadsheet.Cell(value)
        {
            CellReference = reference,
            DataType = type,
            StyleIndex = _row == 1 ? HeaderFormat : format,
        });

    // XML has no control characters, and programs refuse a cell that is too long: what they cannot hold is left out. Where the text
    // itself looks like an escape (_x0041_), its first sign is escaped, so that it is read back as it was.
    private static string Clean(string text)
    {
        if (text.Length > LongestText)
            text = text[..LongestText];
        if (text.AsSpan().IndexOf("_x") >= 0)
            text = System.Text.RegularExpressions.Regex.Replace(text, "_(?=x[0-9A-Fa-f]{4}_)", "_x005F_");
        return text.All(IsXml) ? text : new string([.. text.Where(IsXml)]);
    }

    private static bool IsXml(char character) => character is '\t' or '\n' or '\r' or >= ' ' and not ('\uFFFE' or '\uFFFF');

    private OpenXmlWriter Begin(string name, double[] widths)
    {
        _row = 0;
        var part = _book.AddNewPart<WorksheetPart>();
        var number = (uint)_sheets.ChildElements.Count + 1;
        _sheets.Append(new Sheet { Id = _book.GetIdOfPart(part), SheetId = number, Name = name });

        var writer = OpenXmlWriter.Create(part);
        writer.WriteStartElement(new Worksheet());
        writer.WriteElement(new SheetViews(new SheetView(
            new Pane { VerticalSplit = 1, TopLeftCell = "A2", ActivePane = PaneValues.BottomLeft, State = PaneStateValues.Frozen })
        { WorkbookViewId = 0, TabSelected = number == 1 }));
        if (widths.Length > 0)
            writer.WriteElement(new Columns(widths.Select((width, i) =>
                new Column { Min = (uint)i + 1, Max = (uint)i + 1, Width = width, CustomWidth = true })));
        writer.WriteStartElement(new SheetData());
        return writer;
    }

    private void End()
    {
        _rows.WriteEndElement();
        _rows.WriteEndElement();
        _rows.Dispose();
    }

    private static Stylesheet Styles() => new(
        new NumberingFormats(new NumberingFormat { NumberFormatId = 164, FormatCode = "yyyy-mm-dd" },
            new NumberingFormat { NumberFormatId = 165, FormatCode = "yyyy-mm-dd hh:mm:ss" }),
        new Fonts(new Font(), new Font(new Bold())),
        new Fills(new Fill(new PatternFill { PatternType = PatternValues.None }), new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border()),
        new CellFormats(
            new CellFormat(),
            new CellFormat { FontId = 1, ApplyFont = true },
            new CellFormat { NumberFormatId = 164, ApplyNumberFormat = true },
            new CellFormat { NumberFormatId = 165, ApplyNumberFormat = true },
            new CellFormat(new Alignment { WrapText = true, Vertical = VerticalAlignmentValues.Top }) { ApplyAlignment = true }));
}
