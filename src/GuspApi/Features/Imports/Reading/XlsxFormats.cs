using System.Globalization;
using System.Xml;

namespace GuspApi.Features.Imports;

/// <summary>What a number of a sheet stands for.</summary>
internal enum XlsxFormat
{
    Plain,
    Date,
    Duration,
}

/// <summary>The number formats of a workbook: they alone tell a date from a number.</summary>
internal sealed class XlsxFormats
{
    private readonly List<XlsxFormat> _ofStyle = [];

    public XlsxFormat Of(string? style) =>
        int.TryParse(style, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _ofStyle.Count
            ? _ofStyle[index]
            : XlsxFormat.Plain;

    public void Read(XmlReader reader)
    {
        var codes = new Dictionary<int, string>();
        var inStyles = false;
        while (reader.Read())
        {
            if (reader.LocalName == "cellXfs")
                inStyles = reader.NodeType == XmlNodeType.Element && !reader.IsEmptyElement;
            if (reader.NodeType != XmlNodeType.Element || !int.TryParse(reader.GetAttribute("numFmtId") ?? "0", out var id))
                continue;
            if (reader.LocalName == "numFmt")
                codes[id] = reader.GetAttribute("formatCode") ?? "";
            else if (inStyles && reader.LocalName == "xf")
                _ofStyle.Add(codes.TryGetValue(id, out var code) ? Judge(code) : BuiltIn(id));
        }
    }

    // ECMA-376 part 1, 18.8.30: 14 to 22, and the East Asian ones, are dates; 45 to 47 are times that run.
    private static XlsxFormat BuiltIn(int id) =>
        id is >= 14 and <= 22 or >= 27 and <= 36 or >= 50 and <= 58 ? XlsxFormat.Date : id is >= 45 and <= 47
            ? XlsxFormat.Duration : XlsxFormat.Plain;

    /// <summary>
    /// Letters of day, month, year, hour or second outside quotes, brackets and escapes make a date; <c>[h]</c> a duration.
    /// </summary>
    internal static XlsxFormat Judge(string code)
    {
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            switch (code[i])
            {
                case '"':
                    i = code.IndexOf('"', i + 1) is > 0 and var quote ? quote : code.Length;
                    break;
                case '\\' or '_' or '*':
                    i++;
                    break;
                case '[':
                    var end = code.IndexOf(']', i);
                    if (end < 0)
                        return XlsxFormat.Plain;
                    if (code[(i + 1)..end].ToLowerInvariant() is "h" or "hh" or "m" or "mm" or "s" or "ss")
                        return XlsxFormat.Duration;
                    i = end;
                    break;
                case 'd' or 'D' or 'm' or 'M' or 'y' or 'Y' or 'h' or 'H' or 's' or 'S':
                    return XlsxFormat.Date;
            }
        }
        return XlsxFormat.Plain;
    }
}
