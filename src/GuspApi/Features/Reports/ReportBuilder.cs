using System.Globalization;
using GuspApi.Features.Indicators;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Reports;

/// <summary>Puts a report together from indicators; it holds no formula of its own.</summary>
internal sealed class ReportBuilder(GuspDb db, NpgsqlConnection connection, ReportScope scope, string code, int from, int to, long? asOf)
{
    /// <summary>How each measure is printed.</summary>
    private static readonly Dictionary<Measure, Func<decimal?, string>> Print = new()
    {
        [Measures.ExpensePerYear] = FrenchPrint.Euros,
        [Measures.AbatementPerYear] = FrenchPrint.Euros,
        [Measures.ExpensePerDwelling] = FrenchPrint.Euros,
        [Measures.SpentPerEuroReceived] = FrenchPrint.EurosAndCents,
        [Measures.CoverageRate] = FrenchPrint.Percent,
        [Measures.ExpenseShare] = FrenchPrint.Percent,
        [Measures.Completeness] = FrenchPrint.WholePercent,
    };

    private static readonly string[] LineSources =
    [
        "Dépenses : déclarations GUSP validées des bailleurs (réalisé).",
        "Logements et abattement : patrimoine déclaré par les bailleurs au 1er janvier (CGI, art. 1388 bis).",
        "Habitants : estimation de deux personnes par logement, arrondie à 50 près.",
        "Axes : cadre national d'utilisation de l'abattement de TFPB, 29 avril 2015 ; thèmes : regroupement régional.",
    ];

    private IndicatorRequest Question => new(from, to) { AsOf = asOf, Filters = new Dictionary<Dimension, string[]> { [Own] = [code] } };

    private Dimension Own => scope switch
    {
        ReportScope.Region => Dimensions.Region,
        ReportScope.Department => Dimensions.Department,
        ReportScope.Epci => Dimensions.Epci,
        ReportScope.Commune => Dimensions.Commune,
        ReportScope.Qpv => Dimensions.Qpv,
        _ => Dimensions.Landlord,
    };

    private Dimension Next => scope switch
    {
        ReportScope.Region => Dimensions.Department,
        ReportScope.Department => Dimensions.Epci,
        ReportScope.Epci => Dimensions.Commune,
        ReportScope.Commune => Dimensions.Qpv,
        ReportScope.Qpv => Dimensions.Landlord,
        _ => Dimensions.Department,
    };

    /// <summary>The name of what the report speaks of; null when there is no such code.</summary>
    public Task<string?> LabelAsync(CancellationToken ct) => (scope switch
    {
        ReportScope.Region => db.Regions.Where(r => r.Code == code).Select(r => r.Name),
        ReportScope.Department => db.Departments.Where(d => d.Code == code).Select(d => d.Name),
        ReportScope.Epci => db.Epcis.Where(e => e.Code == code).Select(e => e.Name),
        ReportScope.Commune => db.Communes.Where(c => c.Code == code).Select(c => c.Name),
        ReportScope.Qpv => db.Qpvs.Where(q => q.Code == code).Select(q => q.Name),
        _ => db.Landlords.Where(l => l.Siren == code).Select(l => l.Name),
    }).FirstOrDefaultAsync(ct);

    public async Task<ReportResponse> BuildAsync(string label, long revision, CancellationToken ct)
    {
        var headline = await IndicatorTable.ReadAsync(connection, Question, ct);
        var all = headline.Rows[0];
        return new ReportResponse(
            scope, code, label, new(from, to, Question.Years),
            new(
                Figure(headline, all, Measures.ExpensePerYear, FrenchPrint.Millions),
                Figure(headline, all, Measures.CoverageRate), Figure(headline, all, Measures.ExpensePerDwelling),
                Figure(headline, all, Measures.SpentPerEuroReceived), Figure(headline, all, Measures.AbatementPerYear),
                Figure(headline, all, Measures.Dwellings), Figure(headline, all, Measures.Inhabitants),
                Figure(headline, all, Measures.Qpvs), Figure(headline, all, Measures.Communes), Figure(headline, all, Measures.Landlords)),
            await ThemesAsync(ct), await PartsAsync(ct), await ProjectsAsync(ct), [.. Quotes()],
            new(Figure(headline, all, Measures.Declarations), Figure(headline, all, Measures.Expected), Figure(headline, all, Measures.Completeness)),
            LineSources, revision, Links());
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
                Figure(themes, theme, Measures.ExpensePerYear, FrenchPrint.ShortMillions), Figure(themes, theme, Measures.ExpenseShare),
                [
                    .. axes.Rows.Where(axis => axis.Groups[0].Code == theme.Groups[0].Code).Select(axis => new ReportAxis(
                        axis.Groups[1].Code!, axis.Groups[1].Label,
                        Figure(axes, axis, Measures.ExpensePerYear), Figure(axes, axis, Measures.ExpenseShare))),
                ])),
        ];
    }

    private async Task<ReportParts> PartsAsync(CancellationToken ct)
    {
        var parts = await IndicatorTable.ReadAsync(
            connection, Question with { GroupBy = [Next], Sort = [new(Measures.Dwellings, null, Descending: true)] }, ct);
        return new(Next.Name,
        [
            .. parts.Rows.Select(row => new ReportPart(
                row.Groups[0].Code, row.Groups[0].Label,
                Figure(parts, row, Measures.Dwellings), Figure(parts, row, Measures.Inhabitants), Figure(parts, row, Measures.ExpensePerYear),
                Figure(parts, row, Measures.ExpensePerDwelling), Figure(parts, row, Measures.CoverageRate), Figure(parts, row, Measures.Completeness))),
        ]);
    }

    /// <summary>Projects of the period told of this territory or landlord; those without a place illustrate their region only.</summary>
    private Task<List<ReportProject>> ProjectsAsync(CancellationToken ct)
    {
        var projects = db.Projects.Where(p => p.Year == null || (p.Year >= from && p.Year <= to));
        projects = scope switch
        {
            ReportScope.Region => projects.Where(p => p.Commune == null || db.Departments.Any(d => d.Code == p.Commune.DepartmentCode && d.RegionCode == code)),
            ReportScope.Department => projects.Where(p => p.Commune!.DepartmentCode == code),
            ReportScope.Epci => projects.Where(p => p.Commune!.EpciCode == code),
            ReportScope.Commune => projects.Where(p => p.CommuneCode == code),
            ReportScope.Qpv => projects.Where(p => p.QpvCode == code),
            _ => projects.Where(p => p.LandlordSiren == code),
        };
        return projects.OrderBy(p => p.Id)
            .Select(p => new ReportProject(p.Title, p.Description, p.Objectives, p.AnnualBudget, p.Partners, p.LandlordName, p.Source))
            .ToListAsync(ct);
    }

    /// <summary>The share of the social stock is the leaflet's own figure: the stock outside QPVs is not declared here.</summary>
    private IEnumerable<ReportQuote> Quotes()
    {
        if ((scope, code, from, to) == (ReportScope.Region, "32", 2019, 2022))
        {
            yield return new("36" + FrenchPrint.NoBreak + "%", "du parc de logement social régional situé en QPV",
                "Plaquette « Investissement des bailleurs sociaux dans les QPV au titre de la GUSP », Hauts-de-France, 2019-2022 ; chiffre cité, non calculé.");
        }
    }

    private Dictionary<string, string> Links()
    {
        var period = string.Create(CultureInfo.InvariantCulture, $"from={from}&to={to}") + (asOf is { } revision ? $"&asOf={revision}" : "");
        var self = $"/v1/reports/{scope.ToString().ToLowerInvariant()}?code={code}&{period}";
        return new()
        {
            ["self"] = self,
            ["page"] = self + "&format=html",
            ["indicators"] = $"/v1/indicators?{Own.Name}={code}&{period}",
            ["sources"] = Question.SourcesPath(),
        };
    }

    private static ReportFigure Figure(IndicatorTable table, IndicatorFigures row, Measure measure, Func<decimal?, string>? print = null)
    {
        var exact = table.Exact(row, measure);
        print ??= Print.GetValueOrDefault(measure, FrenchPrint.Count);
        return new(measure.Round(exact), print(exact), measure.Unit.En);
    }
}
