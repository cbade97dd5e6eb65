using System.Globalization;
using GuspApi.Features.Indicators;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Reports;

/// <summary>
/// Puts a report together from indicators; it holds no formula of its own. Seven questions: the whole, the same by theme, by axis, by
/// next level, by year and by QPV, and the whole of the region; an eighth where something was declared in the period before.
/// </summary>
internal sealed class ReportBuilder(
    GuspDb db, NpgsqlConnection connection, ReportSubject subject, int from, int to, long? asOf, Language language)
{
    private static readonly Measure[] Beside =
    [
        Measures.ExpensePerYear, Measures.AbatementPerYear, Measures.ExpensePerDwelling,
        Measures.SpentPerEuroReceived, Measures.CoverageRate,
        Measures.Dwellings, Measures.Declarations, Measures.Completeness,
    ];

    private readonly FigurePrint print = FigurePrint.In(language);

    private IndicatorRequest Question => new(from, to) { AsOf = asOf, Filters = subject.Filters };

    /// <summary>What the map shows of each QPV: its code and its expense per dwelling.</summary>
    public IReadOnlyDictionary<string, decimal?> QpvFigures { get; private set; } = new Dictionary<string, decimal?>();

    public async Task<ReportResponse> BuildAsync(string label, long revision, CancellationToken ct)
    {
        var headline = await IndicatorTable.ReadAsync(connection, Question, ct);
        var all = headline.Rows[0];
        var years = await IndicatorTable.ReadAsync(connection,
            Question with { From = from - Question.Years, Measures = Beside, GroupBy = [Dimensions.Year] }, ct);
        var regions = await subject.RegionsAsync(db, ct);
        return new ReportResponse(
            subject.Scope, subject.Code, label, new(from, to, Question.Years),
            new(
                Figure(headline, all, Measures.ExpensePerYear, print.Millions),
                Figure(headline, all, Measures.CoverageRate), Figure(headline, all, Measures.ExpensePerDwelling),
                Figure(headline, all, Measures.SpentPerEuroReceived), Figure(headline, all, Measures.AbatementPerYear, print.Millions),
                Figure(headline, all, Measures.Dwellings), Figure(headline, all, Measures.Inhabitants),
                Figure(headline, all, Measures.Qpvs), Figure(headline, all, Measures.Communes), Figure(headline, all, Measures.Landlords)),
            await ThemesAsync(ct), await PartsAsync(ct), [.. years.Rows.Select(row => Year(years, row))],
            await ComparisonsAsync(label, headline, years, regions, ct), await SpreadAsync(label, regions, ct), await ProjectsAsync(ct),
            [.. ReportWords.Quotes(subject, from, to, language)],
            new(Figure(headline, all, Measures.Declarations), Figure(headline, all, Measures.Expected),
                Figure(headline, all, Measures.Completeness)),
            [.. ReportWords.Notes.Select(note => note.In(language))],
            [.. ReportWords.Definitions.Select(
                word => new ReportDefinition(word.Term.In(language), word.Text.In(language), word.Formula?.In(language)))],
            [.. ReportWords.Sources.Select(source => source.In(language))], revision, Links());
    }

    private async Task<List<ReportTheme>> ThemesAsync(CancellationToken ct)
    {
        var question = Question with { Measures = [Measures.ExpensePerYear, Measures.ExpenseShare] };
        var themes = await IndicatorTable.ReadAsync(connection, question with { GroupBy = [Dimensions.Theme] }, ct);
        var axes = await IndicatorTable.ReadAsync(connection, question with { GroupBy = [Dimensions.Theme, Dimensions.Axis] }, ct);
        var ranks = await db.Themes.ToDictionaryAsync(theme => theme.Code, theme => theme.Rank, ct);

        return
        [
            .. themes.Rows.OrderBy(row => ranks[row.Groups[0].Code!]).Select(theme => new ReportTheme(
                theme.Groups[0].Code!, theme.Groups[0].Label,
                Figure(themes, theme, Measures.ExpensePerYear, print.ShortMillions), Figure(themes, theme, Measures.ExpenseShare),
                [
                    .. axes.Rows.Where(axis => axis.Groups[0].Code == theme.Groups[0].Code).Select(axis => new ReportAxis(
                        axis.Groups[1].Code!, axis.Groups[1].Label,
                        Figure(axes, axis, Measures.ExpensePerYear), Figure(axes, axis, Measures.ExpenseShare))),
                ],
                LinksOf(themes.Request.Narrowed(theme.Groups)))),
        ];
    }

    private async Task<ReportParts> PartsAsync(CancellationToken ct)
    {
        var question = Question with
        {
            GroupBy = [subject.Next],
            Sort = [new(Measures.Dwellings, null, Descending: true)],
            Measures =
            [
                Measures.Dwellings, Measures.Inhabitants, Measures.ExpensePerYear, Measures.ExpensePerDwelling,
                Measures.CoverageRate, Measures.Completeness,
            ],
        };
        var parts = await IndicatorTable.ReadAsync(connection, question, ct);
        return new(subject.Next.Name,
        [
            .. parts.Rows.Select(row => new ReportPart(
                row.Groups[0].Code, row.Groups[0].Label,
                Figure(parts, row, Measures.Dwellings), Figure(parts, row, Measures.Inhabitants),
                Figure(parts, row, Measures.ExpensePerYear),
                Figure(parts, row, Measures.ExpensePerDwelling), Figure(parts, row, Measures.CoverageRate),
                Figure(parts, row, Measures.Completeness),
                row.Groups[0].Code is { } code ? PathOf(subject.Next.Name, code) : null, LinksOf(parts.Request.Narrowed(row.Groups)))),
        ]);
    }

    private ReportYear Year(IndicatorTable years, IndicatorFigures row)
    {
        var year = int.Parse(row.Groups[0].Code!, CultureInfo.InvariantCulture);
        return new(year, year >= from, Figures(years, row), LinksOf(years.Request.Narrowed(row.Groups)));
    }

    /// <summary>A larger territory that counts the same declarations is the same, and left out.</summary>
    private async Task<List<ReportComparison>> ComparisonsAsync(
        string label, IndicatorTable headline, IndicatorTable years, List<Region> regions, CancellationToken ct)
    {
        var comparisons = new List<ReportComparison> { Comparison(ReportComparisonWith.Itself, label, headline) };
        if (subject.Scope != ReportScope.Country)
        {
            var around = await IndicatorTable.ReadAsync(connection, Around(regions), ct);
            if (around.Exact(around.Rows[0], Measures.Declarations) != headline.Exact(headline.Rows[0], Measures.Declarations))
                comparisons.Add(Comparison(ReportComparisonWith.Reference, RegionsLabel(regions), around));
        }
        if (years.Rows.Any(row => string.CompareOrdinal(row.Groups[0].Code, from.ToString(CultureInfo.InvariantCulture)) < 0
            && years.Exact(row, Measures.Declarations) > 0))
        {
            var before = await IndicatorTable.ReadAsync(
                connection, Question with { From = from - Question.Years, To = from - 1, Measures = Beside }, ct);
            comparisons.Add(Comparison(ReportComparisonWith.PreviousPeriod, Years(before.Request.From, before.Request.To), before));
        }
        return comparisons;
    }

    private async Task<ReportSpread?> SpreadAsync(string label, List<Region> regions, CancellationToken ct)
    {
        var isOne = subject.Scope == ReportScope.Qpv;
        var question = (isOne ? Around(regions) : Question) with { GroupBy = [Dimensions.Qpv], Measures = [Measures.ExpensePerDwelling] };
        var qpvs = await IndicatorTable.ReadAsync(connection, question, ct);
        QpvFigures = qpvs.Rows.ToDictionary(row => row.Groups[0].Code!, row => row.Values[0]);
        if (Quartiles.Of(QpvFigures.Values) is not { } spread)
            return null;

        return new(isOne ? RegionsLabel(regions) : label, new(spread.Count, print.Count(spread.Count), Measures.Qpvs.Unit.In(language)),
            Of(spread.Lowest), Of(spread.Lower), Of(spread.Median), Of(spread.Upper), Of(spread.Highest), LinksOf(question));

        ReportFigure Of(decimal exact) => Figure(Measures.ExpensePerDwelling, exact);
    }

    private Task<List<ReportProject>> ProjectsAsync(CancellationToken ct) => subject.Projects(db, from, to).OrderBy(p => p.Id)
        .Select(p => new ReportProject(p.Title, p.Description, p.Objectives, p.AnnualBudget, p.Partners, p.LandlordName, p.Source))
        .ToListAsync(ct);

    /// <summary>The larger territory: the regions; the whole of France for a region.</summary>
    private IndicatorRequest Around(List<Region> regions) => Question with
    {
        Measures = Beside,
        Filters = regions.Count == 0 ? new Dictionary<Dimension, string[]>() : new()
        { [Dimensions.Region] = [.. regions.Select(r => r.Code)] },
    };

    private static string RegionsLabel(List<Region> regions) =>
        regions.Count == 0 ? "France" : string.Join(", ", regions.Select(r => r.Name));

    private static string Years(int from, int to) => from == to ? $"{from}" : $"{from}-{to}";

    private ReportComparison Comparison(ReportComparisonWith with, string label, IndicatorTable table) =>
        new(with, label, new(table.Request.From, table.Request.To, table.Request.Years),
            Figures(table, table.Rows[0]), LinksOf(table.Request));

    private ReportFigures Figures(IndicatorTable table, IndicatorFigures row) => new(
        Figure(table, row, Measures.ExpensePerYear, print.ShortMillions),
        Figure(table, row, Measures.AbatementPerYear, print.ShortMillions),
        Figure(table, row, Measures.ExpensePerDwelling),
        Figure(table, row, Measures.SpentPerEuroReceived), Figure(table, row, Measures.CoverageRate),
        Figure(table, row, Measures.Dwellings),
        Figure(table, row, Measures.Completeness));

    private Dictionary<string, string> Links()
    {
        var self = PathOf(subject.Scope.ToString().ToLowerInvariant(), subject.Code);
        return new()
        {
            ["self"] = self,
            ["page"] = self + "&format=html",
            ["indicators"] = Question.Path(),
            ["sources"] = Question.SourcesPath(),
        };
    }

    private string PathOf(string scope, string code) => string.Create(CultureInfo.InvariantCulture,
        $"/v1/reports/{scope}?code={code}&from={from}&to={to}{(asOf is { } revision ? $"&asOf={revision}" : "")}");

    private static ReportLinks LinksOf(IndicatorRequest question) => new(question.Path(), question.SourcesPath());

    private ReportFigure Figure(IndicatorTable table, IndicatorFigures row, Measure measure, Func<decimal?, string>? special = null) =>
        Figure(measure, table.Exact(row, measure), special);

    private ReportFigure Figure(Measure measure, decimal? exact, Func<decimal?, string>? special = null) =>
        new(measure.Round(exact), (special ?? print.Of(measure))(exact), measure.Unit.In(language));
}
