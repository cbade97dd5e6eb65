using System.Text.RegularExpressions;

namespace GuspApi.Model;

/// <summary>
/// The code of a priority neighbourhood: QP and six characters in the 2015 list, QN, three of the département, two digits and a
/// letter in the 2024 list (décrets n° 2014-1750 and 2014-1751; n° 2023-1314).
/// </summary>
public static partial class QpvCode
{
    public const string Pattern2015 = "^QP[0-9A-Z]{3}[0-9]{3}$";
    public const string Pattern2024 = "^QN(0[0-9]{2}|02[AB]|97[1-8]|987)[0-9]{2}[NMIC]$";
    public const string Pattern = Pattern2015 + "|" + Pattern2024;

    /// <summary>The last year in which the 2015 list is legal, and the first in which the 2024 list is: both hold in 2024.</summary>
    public const int YearOfChange = 2024;

    public static Text Expected => new(
        "QP059001 (list of 2015) or QN05901M (list of 2024)", "QP059001 (liste de 2015) ou QN05901M (liste de 2024)");

    public static bool IsValid(string code) => Shape2015().IsMatch(code) || Shape2024().IsMatch(code);

    /// <summary>2015 or 2024, told by the code.</summary>
    public static short Generation(string code) => code.StartsWith("QP", StringComparison.Ordinal) ? (short)2015 : (short)2024;

    public static bool IsLegal(int generation, int year) => generation == 2015 ? year <= YearOfChange : year >= YearOfChange;

    [GeneratedRegex(Pattern2015)]
    private static partial Regex Shape2015();

    [GeneratedRegex(Pattern2024)]
    private static partial Regex Shape2024();
}
