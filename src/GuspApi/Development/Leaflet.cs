namespace GuspApi.Development;

/// <summary>
/// What the leaflet "Investissement des bailleurs sociaux dans les QPV, 2019-2022" prints, and what the demonstration data must
/// therefore add up to. Amounts in EUR per year, means of the four years.
/// </summary>
internal static class Leaflet
{
    public const int From = 2019;
    public const int To = 2022;
    public const int Years = To - From + 1;

    /// <summary>A département: figures of the leaflet; how its 199 QPVs and 141 communes are shared out is ours.</summary>
    public sealed record Department(string Code, string Name, int Dwellings, long Expense, int Qpvs, int Communes, int Landlords);

    /// <summary>
    /// The one place where figures meet départements. The printed layout is clear for 59 and 62; it leaves open which of the three
    /// other blocks is Oise, Somme or Aisne. 19 551 dwellings for Oise (60) is near certain from census figures; Somme (80) and
    /// Aisne (02) follow the order in which the blocks are read.
    /// </summary>
    public static readonly Department[] Departments =
    [
        new("59", "Nord", 84_073, 13_353_200, Qpvs: 95, Communes: 66, Landlords: 14),
        new("62", "Pas-de-Calais", 56_802, 8_309_550, Qpvs: 61, Communes: 49, Landlords: 10),
        new("60", "Oise", 19_551, 5_477_614, Qpvs: 16, Communes: 11, Landlords: 6),
        new("80", "Somme", 11_028, 5_030_087, Qpvs: 10, Communes: 4, Landlords: 4),
        new("02", "Aisne", 9_224, 2_663_891, Qpvs: 17, Communes: 11, Landlords: 6),
    ];

    /// <summary>
    /// Expense by axis: 9.2, 5.1, 7.5 and 13 M€ by theme when rounded as printed, 34 834 342 in all as the départements. The split
    /// below the themes is invented.
    /// </summary>
    public static readonly long[] ExpenseByAxis =
    [
        3_990_412, 1_128_525, // proximity: 5 118 937
        4_512_030, 3_102_644, 1_591_744, // environment: 9 206 418
        2_915_206, 4_577_444, // social life: 7 492 650
        13_016_337, // works
    ];

    /// <summary>Not printed. Any mean in ]28 908 168 ; 29 086 675] gives the printed 83 % and 1.20.</summary>
    public const long Abatement = 29_000_000;
}
