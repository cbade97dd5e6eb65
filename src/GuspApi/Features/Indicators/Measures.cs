using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>One figure: what it is called, what it means, and the only place where its formula stands.</summary>
/// <param name="Name">As in <c>measures=</c>, <c>sort=</c> and the answer.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Formula">The formula for people.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Decimals">Decimals of the answer; rounding is half away from zero and happens there alone.</param>
/// <param name="Sql">The formula, over the sums of one row (<see cref="IndicatorQuery"/>, relation <c>figure</c>).</param>
/// <param name="Splits">Whether it has a meaning by axis, theme or line family.</param>
/// <param name="Source">What it is read from.</param>
/// <param name="Lacks">For a ratio: what there is none of when it is null.</param>
internal sealed record Measure(
    string Name, Text Label, Text Formula, Text Unit, int Decimals, string Sql, bool Splits, Text Source, Text? Lacks = null)
{
    /// <summary>Its column in the composed query.</summary>
    public string Column => "m_" + Name.ToLowerInvariant();

    public bool IsAllowed(Dimension dimension) => Splits || !dimension.SplitsLines;

    public IEnumerable<Dimension> AllowedDimensions => Dimensions.All.Where(IsAllowed);

    /// <summary>The value as it is written: rounded half away from zero, with all its decimals ("4.00", not "4").</summary>
    public decimal? Round(decimal? exact) =>
        exact is { } value ? Math.Round(value, Decimals, MidpointRounding.AwayFromZero) + new decimal(0, 0, 0, false, (byte)Decimals) : null;
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
        new("Σ actual", "Σ réalisé"), Euros, 2, "expense", true, Lines);

    public static readonly Measure ExpensePerYear = new("expensePerYear", new("Expense per year", "Dépenses annuelles moyennes"),
        new("Σ actual ÷ years of the row's period", "Σ réalisé ÷ années de la période de la ligne"),
        EurosPerYear, 2, "expense / years", true, Lines);

    public static readonly Measure Abatement = new("abatement", new("Property tax abatement", "Abattement de TFPB"),
        new("Σ abatement", "Σ abattement"), Euros, 2, "abatement", false, Tax);

    public static readonly Measure AbatementPerYear = new("abatementPerYear", new("Abatement per year", "Abattement annuel moyen"),
        new("Σ abatement ÷ years of the row's period", "Σ abattement ÷ années de la période de la ligne"),
        EurosPerYear, 2, "abatement / years", false, Tax);

    public static readonly Measure Valued = new("valued", new("Charged to the abatement", "Valorisé au titre de l'abattement"),
        new("Σ valued", "Σ valorisé"), Euros, 2, "valued", true, Lines);

    public static readonly Measure LeverageOnValued = new("leverageOnValued", new("Leverage on valued", "Effet de levier du valorisé"),
        new("Σ actual ÷ Σ valued", "Σ réalisé ÷ Σ valorisé"), EurosPerEuro, 4, "expense / nullif(valued, 0)", false, Lines,
        new("nothing valued", "rien de valorisé"));

    public static readonly Measure DwellingYears = new("dwellingYears", new("Dwelling-years", "Logements-années"),
        new("Σ dwellings over landlord × QPV × year", "Σ logements par bailleur × QPV × année"),
        new("dwelling-years", "logements-années"), 0, "dwelling_years", true, Holdings);

    public static readonly Measure Dwellings = new("dwellings", new("Dwellings", "Logements"),
        new("dwellingYears ÷ years of the row's period", "logements-années ÷ années de la période de la ligne"),
        new("dwellings", "logements"), 2, "dwelling_years / years", true, Holdings);

    public static readonly Measure Inhabitants = new("inhabitants", new("Inhabitants (estimate)", "Habitants (estimation)"),
        new("2 × dwellings, to the nearest 50", "2 × logements, arrondi à 50 près"),
        new("persons", "personnes"), 0, "round(2 * dwelling_years / years / 50) * 50", true,
        new("holdings; the leaflet's estimate of two persons a dwelling", "patrimoine ; estimation de la plaquette : deux personnes par logement"));

    public static readonly Measure ExpensePerDwelling = new("expensePerDwelling", new("Expense per dwelling", "Dépenses par logement"),
        new("Σ actual ÷ dwellingYears", "Σ réalisé ÷ logements-années"),
        new("EUR per dwelling per year", "EUR par logement et par an"), 2, "expense / nullif(dwelling_years, 0)", true, Both, NoDwelling);

    public static readonly Measure SpentPerEuroReceived = new("spentPerEuroReceived",
        new("Spent per euro received", "Dépensé pour 1 € reçu"),
        new("Σ actual ÷ Σ abatement", "Σ réalisé ÷ Σ abattement"), EurosPerEuro, 4, "expense / nullif(abatement, 0)", false, Both, NoAbatement);

    public static readonly Measure CoverageRate = new("coverageRate",
        new("Expense covered by the abatement", "Dépenses couvertes par l'abattement"),
        new("Σ abatement ÷ Σ actual", "Σ abattement ÷ Σ réalisé"), Share, 4, "abatement / nullif(expense, 0)", false, Both, NoExpense);

    public static readonly Measure ExpenseShare = new("expenseShare", new("Share of the expense", "Part des dépenses"),
        new("Σ actual ÷ Σ actual of the whole query, each euro once", "Σ réalisé ÷ Σ réalisé de toute la requête, chaque euro une fois"),
        Share, 4, "expense / nullif(whole_expense, 0)", true, Lines, NoExpense);

    public static readonly Measure Qpvs = new("qpvs", new("Priority neighbourhoods", "QPV"),
        new("distinct QPVs of the perimeter, by qpvBasis", "QPV distincts du périmètre, selon qpvBasis"), Count, 0, "qpvs", false, Both);

    public static readonly Measure Communes = new("communes", new("Communes", "Communes"),
        new("distinct communes of these QPVs, within the row's group", "communes distinctes de ces QPV, dans le groupe de la ligne"),
        Count, 0, "communes", false, Both);

    public static readonly Measure Landlords = new("landlords", new("Landlords", "Bailleurs"),
        new("distinct landlords of the perimeter, by landlordBasis", "bailleurs distincts du périmètre, selon landlordBasis"), Count, 0, "landlords", false, Both);

    public static readonly Measure Declarations = new("declarations", new("Declarations counted", "Déclarations comptées"),
        new("counted declarations", "déclarations comptées"), Count, 0, "declarations", false,
        new("declarations", "déclarations"));

    public static readonly Measure Expected = new("expected", new("Declarations expected", "Déclarations attendues"),
        new("holdings, declared or not", "patrimoines, déclarés ou non"), Count, 0, "expected", false,
        new("holdings", "patrimoine"));

    public static readonly Measure Completeness = new("completeness", new("Completeness", "Complétude"),
        new("declarations ÷ expected, whatever the perimeter", "déclarations comptées ÷ attendues, quel que soit le périmètre"),
        Share, 4, "declarations / nullif(expected, 0)", false,
        new("declarations; holdings", "déclarations ; patrimoine"), new("no declaration expected", "aucune déclaration attendue"));

    public static readonly IReadOnlyList<Measure> All =
    [
        Expense, ExpensePerYear, Abatement, AbatementPerYear, Valued, LeverageOnValued, DwellingYears, Dwellings, Inhabitants,
        ExpensePerDwelling, SpentPerEuroReceived, CoverageRate, ExpenseShare, Qpvs, Communes, Landlords, Declarations, Expected, Completeness,
    ];

    public static Measure? Find(string name) => All.FirstOrDefault(measure => measure.Name == name);
}
