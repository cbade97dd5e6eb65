namespace GuspApi.Features.Reports;

/// <summary>
/// Where régions and départements lie, roughly: one square each, in the order of a map. A schematic for want of outlines; overseas
/// départements stand in a column of their own.
/// </summary>
internal static class TileGrid
{
    public static readonly IReadOnlyDictionary<string, (int Column, int Row)> Departments = Read("""
        ..  ..  ..  ..  ..  ..  62  59
        ..  ..  ..  ..  ..  76  80  02  08
        ..  ..  ..  50  14  27  60  51  55  57
        29  22  35  53  61  78  95  93  77  54  67
        ..  56  44  49  72  28  92  75  94  88  68
        ..  ..  85  79  37  41  91  89  10  52  70  90
        971 ..  17  86  36  18  45  58  21  39  25
        972 ..  ..  16  87  23  03  71  01  74
        973 ..  33  24  19  63  42  69  38  73
        974 ..  40  47  46  15  43  07  26  05
        976 ..  64  32  82  12  48  30  84  04  06
        ..  ..  ..  65  31  81  34  ..  13  83
        ..  ..  ..  ..  09  11  ..  ..  ..  ..  ..  2B
        ..  ..  ..  ..  ..  66  ..  ..  ..  ..  ..  2A
        """);

    public static readonly IReadOnlyDictionary<string, (int Column, int Row)> Regions = Read("""
        ..  ..  ..  32
        01  53  28  11  44
        02  ..  52  24  27
        03  ..  75  ..  84
        04  ..  76  ..  93  94
        06
        """);

    private static Dictionary<string, (int Column, int Row)> Read(string map) => map.Split('\n')
        .SelectMany((line, row) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((code, column) => (Code: code.Trim(), Column: column, Row: row)))
        .Where(tile => tile.Code != "..")
        .ToDictionary(tile => tile.Code, tile => (tile.Column, tile.Row));
}
