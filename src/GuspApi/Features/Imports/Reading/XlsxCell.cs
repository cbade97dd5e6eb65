using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace GuspApi.Features.Imports;

/// <summary>What stands in a cell of a workbook, as its XML says it.</summary>
internal static partial class XlsxCell
{
    // The day after the last that spreadsheets know, 31 December 9999.
    private const double LastDay = 2_958_466;

    // Spreadsheets believe in 29 February 1900, day 60.
    private const double FalseLeapDay = 60;

    private const int DaysTo1904 = 1462;

    /// <summary>The values (v) and texts (t) inside the element where the reader stands, without their phonetic readings (rPh).</summary>
    public static string ReadText(XmlReader reader) => ReadText(reader, out _);

    /// <param name="reader">Stands on the element.</param>
    /// <param name="lacksValue">Whether there is a formula and no value, not even an empty one.</param>
    public static string ReadText(XmlReader reader, out bool lacksValue)
    {
        lacksValue = false;
        if (reader.IsEmptyElement)
            return "";
        var depth = reader.Depth;
        var (taken, phonetic, formula, value) = (false, false, false, false);
        string text = "";
        StringBuilder? runs = null;
        while (reader.Read() && !(reader.NodeType == XmlNodeType.EndElement && reader.Depth == depth))
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    phonetic |= reader.LocalName == "rPh" && !reader.IsEmptyElement;
                    formula |= reader.LocalName == "f";
                    value |= reader.LocalName is "v" or "t";
                    taken = reader.LocalName is "v" or "t" && !phonetic && !reader.IsEmptyElement;
                    break;
                case XmlNodeType.EndElement:
                    phonetic &= reader.LocalName != "rPh";
                    taken = false;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace when taken:
                    if (text.Length > 0 || runs is not null)
                        runs = (runs ?? new StringBuilder(text)).Append(reader.Value);
                    else
                        text = reader.Value;
                    if (runs?.Length > WorkbookLimits.Default.Text)
                        throw WorkbookFault.LongCell(WorkbookLimits.Default);
                    break;
            }
        }
        lacksValue = formula && !value;
        return runs?.ToString() ?? text;
    }

    /// <summary>
    /// Characters that XML cannot hold are written _xHHHH_. Half a surrogate pair is no character: it stays as it was written.
    /// </summary>
    public static string Unescaped(string text) => !text.Contains("_x", StringComparison.Ordinal) ? text
        : Escape().Replace(text, match => (char)int.Parse(
            match.ValueSpan[2..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var character
            && !char.IsSurrogate(character) ? character.ToString() : match.Value);

    /// <summary>Index of the column of a reference (<c>AB12</c>: 27); -1 when there is none.</summary>
    public static int ColumnOf(string reference)
    {
        var column = 0;
        for (var i = 0; i < reference.Length && char.IsAsciiLetter(reference[i]); i++)
            column = Math.Min(column, XlsxReader.LastColumn) * 26 + (reference[i] & 0x1F);
        return column - 1;
    }

    public static object IsoDate(string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var date) ? date : text;

    /// <summary>A number, or the date or time of day that its format makes of it.</summary>
    public static object Number(string text, XlsxFormat format, bool from1904)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            return text;
        if (format == XlsxFormat.Plain || number is < 0 or >= LastDay - DaysTo1904)
            return number;
        if (format == XlsxFormat.Duration || number < 1 && !from1904)
            return TimeSpan.FromSeconds(Math.Round(number * 86_400));
        var day = from1904 ? number + DaysTo1904 : number < FalseLeapDay ? number + 1 : number;
        return DateTime.FromOADate(day);
    }

    [GeneratedRegex("_x[0-9A-Fa-f]{4}_")]
    private static partial Regex Escape();
}
