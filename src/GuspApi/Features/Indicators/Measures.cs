using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>
/// What measures are made of: the sums of one row, named as in the composed query (<see cref="IndicatorQuery"/>, relation <c>figure</c>).
/// </summary>
internal enum Sum
{
    Expense,
    Valued,
    Abatement,
    DwellingYears,
    Declarations,
    Expected,
    Qpvs,
    Landlords,
    Communes,

    /// <summary>What the whole question spent.</summary>
    WholeExpense,

    /// <summary>The years of the row's period.</summary>
    Years,
}

internal static class SumColumns
{
    public static readonly int Count = Enum.GetValues<Sum>().Length;

    public static string Column(this Sum sum) => Capitals.Of(sum).ToLowerInvariant();
}

/// <summary>One figure: what it is called, what it means, and the only place where its formula stands.</summary>
/// <param name="Name">As in <c>measures=</c>, <c>sort=</c> and the answer.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Formula">The formula for people.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Decimals">Decimals of the answer; rounding is half away from zero and happens there alone.</param>
/// <param name="Over">The sum it is, or that is divided.</param>
/// <param name="Splits">Whether it has a meaning by axis, theme or line family.</param>
/// <param name="Source">What it is read from.</param>
/// <param name="By">What it is divided by: the figure is null where there is none.</param>
/// <param name="Lacks">What there is none of then, for people.</param>
internal sealed record Measure(
    string Name, Text Label, Text Formula, Text Unit, int Decimals, Sum Over, bool Splits, Text Source, Sum? By = null, Text? Lacks = null)
{
    /// <summary>More digits than any answer shows: rows are ordered by what is exact.</summary>
    private const int GuardDigits = 10;

    /// <summary>For an estimate: how many times the quotient, to the nearest of which number.</summary>
    public (int Times, int Nearest)? Estimate { get; init; }

    /// <summary>Its column in the composed query.</summary>
    public string Column => "m_" + Name.ToLowerInvariant();

    public IEnumerable<Sum> Sums => By is { } by ? [Over, by] : [Over];

    /// <summary>
    /// Its value in SQL, to order rows by. Twenty more decimals before a division, or PostgreSQL keeps about sixteen digits.
    /// </summary>
    public string Sql
    {
        get
        {
            var exact = By is { } by ? $"{Over.Column()} * 1.00000000000000000000 / nullif({by.Column()}, 0)" : Over.Column();
            return $"round({(Estimate is (var times, var nearest) ? $"round({times} * {exact} / {nearest}) * {nearest}" : exact)}, "
                + $"{Decimals + GuardDigits})";
        }
    }

    /// <summary>Its value, of the sums of one row, each at its number; null where there is nothing to divide by.</summary>
    public decimal? Of(decimal[] sums)
    {
        var exact = sums[(int)Over];
        if (By is { } by)
        {
            if (sums[(int)by] == 0)
                return null;
            exact /= sums[(int)by];
        }
        return Estimate is (var times, var nearest) ? Math.Round(times * exact / nearest, MidpointRounding.AwayFromZero) * nearest : exact;
    }

    public bool IsAllowed(Dimension dimension) => Splits || !dimension.SplitsLines;

    public IEnumerable<Dimension> AllowedDimensions => Dimensions.All.Where(IsAllowed);

    /// <summary>The value as it is written: rounded half away from zero, with all its decimals ("4.00", not "4").</summary>
    public decimal? Round(decimal? exact) =>
        exact is { } value ? Math.Round(value, Decimals, MidpointRounding.AwayFromZero)
            + new decimal(0, 0, 0, false, (byte)Decimals) : null;
}

/// <summary>Every measure there is: sum first, divide once, round last; no denominator gives null.</summary>
internal static class Measures
{
    private static readonly Text Euros = new("EUR", "EUR");
    private static readonly Text EurosPerYear = new("EUR per year", "EUR par an");
    private static readonly Text EurosPerEuro = new("EUR per EUR", "EUR par EUR");
    private static readonly Text Share = new("share", "part");
    private static readonly Text Count = new("count", "nombre");

    private static readonly Text Lines = new("lines of the counted declarations", "lignes des déclarations comptées");
    private static readonly Text Holdings = new("holdings (dwellings on 1 January)", "patrimoine (logements au 1er janvier)");
    private static readonly Text Tax = new("holdings (property tax saved)", "patrimoine (taxe foncière économisée)");
    private static readonly Text Both = new("lines of the counted declarations; holdings", "lignes des déclarations comptées ; patrimoine");

    private static readonly Text NoDwelling = new("no dwelling", "aucun logement");
    private static readonly Text NoAbatement = new("no abatement", "aucun abattement");
    private static readonly Text NoExpense = new("no expense", "aucune dépense");

    public static readonly Measure Expense = new("expense", new("Expense", "Dépenses"),
        new("Σ actual", "Σ réalisé"), Euros, 2, Sum.Expense, true, Lines);

    public static readonly Measure ExpensePerYear = new("expensePerYear", new("Expense per year", "Dépenses annuelles moyennes"),
        new("Σ actual ÷ years of the row's period", "Σ réalisé ÷ années de la période de la ligne"),
        EurosPerYear, 2, Sum.Expense, true, Lines, Sum.Years);

    public static readonly Measure Abatement = new("abatement", new("Property tax abatement", "Abattement de TFPB"),
        new("Σ abatement", "Σ abattement"), Euros, 2, Sum.Abatement, false, Tax);

    public static readonly Measure AbatementPerYear = new("abatementPerYear", new("Abatement per year", "Abattement annuel moyen"),
        new("Σ abatement ÷ years of the row's period", "Σ abattement ÷ années de la période de la ligne"),
        EurosPerYear, 2, Sum.Abatement, false, Tax, Sum.Years);

    public static readonly Measure Valued = new("valued", new("Charged to the abatement", "Valorisé au titre de l'abattement"),
        new("Σ valued", "Σ valorisé"), Euros, 2, Sum.Valued, true, Lines);

    public static readonly Measure LeverageOnValued = new("leverageOnValued", new("Leverage on valued", "Effet de levier du valorisé"),
        new("Σ actual ÷ Σ valued", "Σ réalisé ÷ Σ valorisé"), EurosPerEuro, 4, Sum.Expense, false, Lines,
        Sum.Valued, new("nothing valued", "rien de valorisé"));

    public static readonly Measure DwellingYears = new("dwellingYears", new("Dwelling-years", "Logements-années"),
        new("Σ dwellings over landlord × QPV × year", "Σ logements par bailleur × QPV × année"),
        new("dwelling-years", "logements-années"), 0, Sum.DwellingYears, true, Holdings);

    public static readonly Measure Dwellings = new("dwellings", new("Dwellings", "Logements"),
        new("dwellingYears ÷ years of the row's period", "logements-années ÷ années de la période de la ligne"),
        new("dwellings", "logements"), 2, Sum.DwellingYears, true, Holdings, Sum.Years);

    public static readonly Measure Inhabitants = new("inhabitants", new("Inhabitants (estimate)", "Habitants (estimation)"),
        new("2 × dwellings, to the nearest 50", "2 × logements, arrondi à 50 près"),
        new("persons", "personnes"), 0, Sum.DwellingYears, true,
        new("holdings; the leaflet's estimate of two persons a dwelling",
            "patrimoine ; estimation de la plaquette : deux personnes par logement"), Sum.Years)
    {
        Estimate = (2, 50),
    };

    public static readonly Measure ExpensePerDwelling = new("expensePerDwelling", new("Expense per dwelling", "Dépenses par logement"),
        new("Σ actual ÷ dwellingYears", "Σ réalisé ÷ logements-années"),
        new("EUR per dwelling per year", "EUR par logement et par an"), 2, Sum.Expense, true, Both, Sum.DwellingYears, NoDwelling);

    public static readonly Measure SpentPerEuroReceived = new("spentPerEuroReceived",
        new("Spent per euro received", "Dépensé pour 1 € reçu"),
        new("Σ actual ÷ Σ abatement", "Σ réalisé ÷ Σ abattement"), EurosPerEuro, 4, Sum.Expense, false, Both, Sum.Abatement, NoAbatement);

    public static readonly Measure CoverageRate = new("coverageRate",
        new("Expense covered by the abatement", "Dépenses couvertes par l'abattement"),
        new("Σ abatement ÷ Σ actual", "Σ abattement ÷ Σ réalisé"), Share, 4, Sum.Abatement, false, Both, Sum.Expense, NoExpense);

    public static readonly Measure ExpenseShare = new("expenseShare", new("Share of the expense", "Part des dépenses"),
        new("Σ actual ÷ Σ actual of the whole query, each euro once", "Σ réalisé ÷ Σ réalisé de toute la requête, chaque euro une fois"),
        Share, 4, Sum.Expense, true, Lines, Sum.WholeExpense, NoExpense);

    public static readonly Measure Qpvs = new("qpvs", new("Priority neighbourhoods", "QPV"),
        new("distinct QPVs of the perimeter, by qpvBasis", "QPV distincts du périmètre, selon qpvBasis"), Count, 0, Sum.Qpvs, false, Both);

    public static readonly Measure Communes = new("communes", new("Communes", "Communes"),
        new("distinct communes of these QPVs, within the row's group", "communes distinctes de ces QPV, dans le groupe de la ligne"),
        Count, 0, Sum.Communes, false, Both);

    public static readonly Measure Landlords = new("landlords", new("Landlords", "Bailleurs"),
        new("distinct landlords of the perimeter, by landlordBasis", "bailleurs distincts du périmètre, selon landlordBasis"),
        Count, 0, Sum.Landlords, false, Both);

    public static readonly Measure Declarations = new("declarations", new("Declarations counted", "Déclarations comptées"),
        new("counted declarations", "déclarations comptées"), Count, 0, Sum.Declarations, false,
        new("declarations", "déclarations"));

    public static readonly Measure Expected = new("expected", new("Declarations expected", "Déclarations attendues"),
        new("holdings, declared or not", "patrimoines, déclarés ou non"), Count, 0, Sum.Expected, false,
        new("holdings", "patrimoine"));

    public static readonly Measure Completeness = new("completeness", new("Completeness", "Complétude"),
        new("declarations ÷ expected, whatever the perimeter", "déclarations comptées ÷ attendues, quel que soit le périmètre"),
        Share, 4, Sum.Declarations, false,
        new("declarations; holdings", "déclarations ; patrimoine"), Sum.Expected,
        new("no declaration expected", "aucune déclaration attendue"));

    public static readonly IReadOnlyList<Measure> All =
    [
        Expense, ExpensePerYear, Abatement, AbatementPerYear, Valued, LeverageOnValued, DwellingYears, Dwellings, Inhabitants,
        ExpensePerDwelling, SpentPerEuroReceived, CoverageRate, ExpenseShare, Qpvs, Communes, Landlords,
        Declarations, Expected, Completeness,
    ];

    public static Measure? Find(string name) => All.FirstOrDefault(measure => measure.Name == name);
}
