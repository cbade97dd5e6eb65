namespace GuspApi.Model;

/// <summary>The nine-digit number of a French legal unit. Its last digit is a Luhn check digit (INSEE, SIRENE directory).</summary>
public static class Siren
{
    public const string Pattern = "^[0-9]{9}$";

    public static Text Expected => new("nine digits, the last one a Luhn check digit", "neuf chiffres, le dernier étant une clé de Luhn");

    public static bool IsValid(ReadOnlySpan<char> siren) =>
        siren.Length == 9 && !siren.ContainsAnyExceptInRange('0', '9') && Luhn(siren) == 0;

    /// <summary>Completes eight digits into a valid SIREN.</summary>
    public static string Complete(string eightDigits)
    {
        var rest = Luhn(eightDigits + "0");
        return eightDigits + (char)('0' + (10 - rest) % 10);
    }

    private static int Luhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var weighted = i % 2 == 0 ? digit : digit * 2;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return sum % 10;
    }
}
