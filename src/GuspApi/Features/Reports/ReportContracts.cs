namespace GuspApi.Features.Reports;

/// <summary>The territory or landlord a report speaks of.</summary>
public enum ReportScope
{
    Region,
    Department,
    Epci,
    Commune,
    Qpv,
    Landlord,

    /// <summary>The whole of France; its code is FR, and may be left out.</summary>
    Country,
}

/// <summary>
/// A figure: its value, rounded as the indicators give it, and as it is printed. Null and "–" when it cannot be computed.
/// </summary>
/// <param name="Value">The indicator's value, in its unit.</param>
/// <param name="Printed">As the leaflet prints it, in French with no-break spaces; in English where Accept-Language prefers it.</param>
/// <param name="Unit">Unit of the value.</param>
public sealed record ReportFigure(decimal? Value, string Printed, string Unit);

/// <summary>Where figures come from.</summary>
/// <param name="Indicators">The figures with every measure, open.</param>
/// <param name="Sources">The declarations and holdings whose sums give them; for keys.</param>
public sealed record ReportLinks(string Indicators, string Sources);

/// <summary>The headline figures.</summary>
/// <param name="ExpensePerYear">Mean expense of a year, EUR per year.</param>
/// <param name="CoverageRate">Part of the expense that the abatement covers.</param>
/// <param name="ExpensePerDwelling">EUR per dwelling per year.</param>
/// <param name="SpentPerEuroReceived">EUR spent for 1 EUR of abatement.</param>
/// <param name="AbatementPerYear">Mean abatement of a year, EUR per year.</param>
/// <param name="Dwellings">Dwellings of the QPVs, mean of the period.</param>
/// <param name="Inhabitants">Estimate: two persons a dwelling, to the nearest 50.</param>
/// <param name="Qpvs">Priority neighbourhoods.</param>
/// <param name="Communes">Communes they lie in.</param>
/// <param name="Landlords">Landlords that declared.</param>
public sealed record ReportHeadline(
    ReportFigure ExpensePerYear, ReportFigure CoverageRate, ReportFigure ExpensePerDwelling, ReportFigure SpentPerEuroReceived,
    ReportFigure AbatementPerYear, ReportFigure Dwellings, ReportFigure Inhabitants, ReportFigure Qpvs,
    ReportFigure Communes, ReportFigure Landlords);

/// <summary>An axis of the national framework within its theme.</summary>
/// <param name="Number">1 to 8.</param>
/// <param name="Label">French label.</param>
/// <param name="ExpensePerYear">Mean expense of a year, EUR per year.</param>
/// <param name="ExpenseShare">Part of the whole expense.</param>
public sealed record ReportAxis(string Number, string Label, ReportFigure ExpensePerYear, ReportFigure ExpenseShare);

/// <summary>A theme of the leaflet and its axes.</summary>
/// <param name="Code">Code of the theme.</param>
/// <param name="Label">French label.</param>
/// <param name="ExpensePerYear">Mean expense of a year, EUR per year.</param>
/// <param name="ExpenseShare">Part of the whole expense.</param>
/// <param name="Axes">Its axes.</param>
/// <param name="Links">Where its figures come from.</param>
public sealed record ReportTheme(
    string Code, string Label, ReportFigure ExpensePerYear, ReportFigure ExpenseShare, IReadOnlyList<ReportAxis> Axes, ReportLinks Links);

/// <summary>A row of the next level: the départements of a region, the communes of an EPCI.</summary>
/// <param name="Code">Its code; null for "sans EPCI".</param>
/// <param name="Label">Its name.</param>
/// <param name="Dwellings">Dwellings of its QPVs, mean of the period.</param>
/// <param name="Inhabitants">Estimate: two persons a dwelling, to the nearest 50.</param>
/// <param name="ExpensePerYear">Mean expense of a year, EUR per year.</param>
/// <param name="ExpensePerDwelling">EUR per dwelling per year.</param>
/// <param name="CoverageRate">Part of the expense that the abatement covers.</param>
/// <param name="Completeness">Declarations counted ÷ expected.</param>
/// <param name="Report">Path of its own report; null without code.</param>
/// <param name="Links">Where its figures come from.</param>
public sealed record ReportPart(
    string? Code, string Label, ReportFigure Dwellings, ReportFigure Inhabitants, ReportFigure ExpensePerYear,
    ReportFigure ExpensePerDwelling,
    ReportFigure CoverageRate, ReportFigure Completeness, string? Report, ReportLinks Links);

/// <summary>The next level. A QPV that lies in two of its rows is whole under each, so they may add up to more than the headline.</summary>
/// <param name="Level">region, department, epci, commune, qpv or landlord.</param>
/// <param name="Rows">Its rows, the largest first.</param>
public sealed record ReportParts(string Level, IReadOnlyList<ReportPart> Rows);

/// <summary>An illustrated project.</summary>
public sealed record ReportProject(
    string Title, string Description, IReadOnlyList<string> Objectives, decimal? AnnualBudget,
    IReadOnlyList<string> Partners, string LandlordName,
    string Source);

/// <summary>A figure that is quoted, not computed.</summary>
/// <param name="Printed">The figure as its source prints it.</param>
/// <param name="Label">What it says.</param>
/// <param name="Source">Who says it.</param>
public sealed record ReportQuote(string Printed, string Label, string Source);

/// <param name="From">First year.</param>
/// <param name="To">Last year.</param>
/// <param name="Years">How many years.</param>
public sealed record ReportPeriod(int From, int To, int Years);

/// <summary>How much of what is expected was declared: what is missing is not in the figures.</summary>
/// <param name="Declarations">Declarations counted.</param>
/// <param name="Expected">Declarations expected: one a holding.</param>
/// <param name="Completeness">The first ÷ the second.</param>
public sealed record ReportCompleteness(ReportFigure Declarations, ReportFigure Expected, ReportFigure Completeness);

/// <summary>Figures that stand beside the report's: those of a year, of another period, of a larger territory.</summary>
/// <param name="ExpensePerYear">Mean expense of a year, EUR per year.</param>
/// <param name="AbatementPerYear">Mean abatement of a year, EUR per year.</param>
/// <param name="ExpensePerDwelling">EUR per dwelling per year.</param>
/// <param name="SpentPerEuroReceived">EUR spent for 1 EUR of abatement.</param>
/// <param name="CoverageRate">Part of the expense that the abatement covers.</param>
/// <param name="Dwellings">Dwellings of the QPVs, mean of the period.</param>
/// <param name="Completeness">Declarations counted ÷ expected.</param>
public sealed record ReportFigures(
    ReportFigure ExpensePerYear, ReportFigure AbatementPerYear, ReportFigure ExpensePerDwelling, ReportFigure SpentPerEuroReceived,
    ReportFigure CoverageRate, ReportFigure Dwellings, ReportFigure Completeness);

/// <summary>A year of the period, or of the one before it.</summary>
/// <param name="Year">The year.</param>
/// <param name="InPeriod">False for a year before the report's period.</param>
/// <param name="Figures">Its figures.</param>
/// <param name="Links">Where they come from.</param>
public sealed record ReportYear(int Year, bool InPeriod, ReportFigures Figures, ReportLinks Links);

/// <summary>What the report is compared with.</summary>
public enum ReportComparisonWith
{
    /// <summary>The report itself, to stand beside the others.</summary>
    Itself,

    /// <summary>The region or regions it lies in; the whole of France for a region.</summary>
    Reference,

    /// <summary>The years before, as many as the period has.</summary>
    PreviousPeriod,
}

/// <summary>
/// The same figures of the report itself, of a larger territory, of the period before. The latter two are absent where nothing more was
/// declared.
/// </summary>
/// <param name="With">What it is compared with.</param>
/// <param name="Label">Its name, or its years.</param>
/// <param name="Period">The years it speaks of.</param>
/// <param name="Figures">Its figures.</param>
/// <param name="Links">Where they come from.</param>
public sealed record ReportComparison(
    ReportComparisonWith With, string Label, ReportPeriod Period, ReportFigures Figures, ReportLinks Links);

/// <summary>How the expense per dwelling differs from QPV to QPV. EUR per dwelling per year.</summary>
/// <param name="Among">Whose QPVs: those of the report, or of its region where the report is of one QPV.</param>
/// <param name="Qpvs">How many QPVs have the figure.</param>
/// <param name="Lowest">The lowest.</param>
/// <param name="LowerQuartile">A quarter of the QPVs lie below.</param>
/// <param name="Median">Half of the QPVs lie below.</param>
/// <param name="UpperQuartile">Three quarters of the QPVs lie below.</param>
/// <param name="Highest">The highest.</param>
/// <param name="Links">Where the figures of each QPV come from.</param>
public sealed record ReportSpread(
    string Among, ReportFigure Qpvs, ReportFigure Lowest, ReportFigure LowerQuartile, ReportFigure Median, ReportFigure UpperQuartile,
    ReportFigure Highest, ReportLinks Links);

/// <summary>A word of the report, said plainly.</summary>
/// <param name="Term">The word.</param>
/// <param name="Text">What it means.</param>
/// <param name="Formula">For a figure, how it is computed, as <c>/v1/indicators/definitions</c> gives it.</param>
public sealed record ReportDefinition(string Term, string Text, string? Formula);

/// <summary>The leaflet of a territory or landlord over a period. Every figure is an indicator.</summary>
/// <param name="Scope">What kind of territory, or landlord.</param>
/// <param name="Code">Its code.</param>
/// <param name="Label">Its name.</param>
/// <param name="Period">The years it speaks of.</param>
/// <param name="Headline">The headline figures.</param>
/// <param name="Themes">Expense by theme and axis, in the order of the leaflet.</param>
/// <param name="Parts">The next level.</param>
/// <param name="Years">Year by year, with those of the period before where something was declared.</param>
/// <param name="Comparisons">The same figures of a larger territory and of the period before.</param>
/// <param name="Spread">How QPVs differ; null where no QPV has the figure.</param>
/// <param name="Projects">Illustrated projects.</param>
/// <param name="Quotes">Figures quoted from elsewhere.</param>
/// <param name="Completeness">How much was declared.</param>
/// <param name="Notes">What is missing, and how it was counted.</param>
/// <param name="Definitions">The words of the report.</param>
/// <param name="Sources">Where the figures come from.</param>
/// <param name="Revision">The last accepted write it reflects.</param>
/// <param name="Links">The same report as a page, the indicators behind it, and the declarations behind those.</param>
public sealed record ReportResponse(
    ReportScope Scope, string Code, string Label, ReportPeriod Period, ReportHeadline Headline,
    IReadOnlyList<ReportTheme> Themes, ReportParts Parts,
    IReadOnlyList<ReportYear> Years, IReadOnlyList<ReportComparison> Comparisons, ReportSpread? Spread,
    IReadOnlyList<ReportProject> Projects,
    IReadOnlyList<ReportQuote> Quotes, ReportCompleteness Completeness, IReadOnlyList<string> Notes,
    IReadOnlyList<ReportDefinition> Definitions,
    IReadOnlyList<string> Sources, long Revision, IReadOnlyDictionary<string, string> Links);
