using System.Globalization;

namespace GuspApi.Features.Imports;

/// <summary>Typed cells of a sheet as the text that the rules judge.</summary>
internal static class SheetCell
{
    /// <param name="cell">What the sheet holds.</param>
    /// <param name="width">Width of the codes in the column: a number gets back the zeros it cannot begin with.</param>
    public static string? Text(object? cell, int? width = null) => cell switch
    {
        null => null,
        string text => text,
        double number => width is { } digits ? Padded(Number(number), digits) : Number(number),
        bool flag => flag ? "true" : "false",
        DateTime { TimeOfDay.Ticks: 0 } date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture),
    };

    // Fifteen digits, as spreadsheets show: 0.1 + 0.2 is 0.3. Plain, without exponent, where a decimal can hold it.
    private static string Number(double number)
    {
        var shown = number.ToString("G15", CultureInfo.InvariantCulture);
        return decimal.TryParse(shown, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? exact.ToString("0.############################", CultureInfo.InvariantCulture)
            : shown;
    }

    private static string Padded(string number, int width) => number.All(char.IsAsciiDigit) ? number.PadLeft(width, '0') : number;
}
