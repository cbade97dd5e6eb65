namespace GuspApi.Features.Reports;

/// <summary>The report as a plain page: headings, tables with captions and headers, no script.</summary>
internal static class ReportPage
{
    private const string Style = """
        body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
        table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:600}
        th,td{border-bottom:1px solid #767676;padding:.3rem .5rem;text-align:left}td.n,th.n{text-align:right;white-space:nowrap}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}dt{font-weight:600;text-align:right;white-space:nowrap}dd{margin:0}
        @media print{body{margin:0}}
        """;

    private static readonly Dictionary<string, string> Levels = new()
    {
        ["department"] = "Département",
        ["epci"] = "EPCI",
        ["commune"] = "Commune",
        ["qpv"] = "QPV",
        ["landlord"] = "Bailleur",
    };

    public static string Write(ReportResponse report) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{report.Label} : GUSP {report.Period.From}-{report.Period.To}</title><style>{new Html(Style)}</style></head>
        <body><main>
        <h1>{report.Label}</h1>
        <p>Investissement des bailleurs sociaux dans les quartiers prioritaires de la politique de la ville (QPV) au titre de la gestion
        urbaine et sociale de proximité (GUSP), {report.Period.From}-{report.Period.To}.</p>
        {Headline(report)}
        {Themes(report)}
        {Parts(report.Parts)}
        {Projects(report)}
        <h2>Complétude et sources</h2>
        <p>{report.Completeness.Declarations.Printed} déclarations comptées sur {report.Completeness.Expected.Printed} attendues
        ({report.Completeness.Completeness.Printed}). Ce qui n'est pas déclaré n'est pas compté.</p>
        <ul>{Html.Join(report.Sources, source => Html.Of($"<li>{source}</li>"))}{Html.Join(report.Quotes, quote => Html.Of($"<li>{quote.Printed} {quote.Label} : {quote.Source}</li>"))}</ul>
        <p>Révision {report.Revision}.</p>
        </main></body></html>
        """).Text;

    private static Html Headline(ReportResponse report)
    {
        var headline = report.Headline;
        (ReportFigure Figure, string Words)[] figures =
        [
            (headline.ExpensePerYear, "de dépenses (moyenne annuelle)"),
            (headline.CoverageRate, "des dépenses couvertes par l'abattement fiscal"),
            (headline.ExpensePerDwelling, "dépensés par logement et par an"),
            (headline.SpentPerEuroReceived, "dépensé pour 1\u00A0€ reçu"),
            (headline.Inhabitants, "personnes logées (estimation)"),
            (headline.Qpvs, "quartiers prioritaires"),
            (headline.Communes, "communes"),
        ];
        return Html.Of($"""
            <h2>Chiffres clés</h2>
            <dl>{Html.Join(figures, f => Html.Of($"<dt>{f.Figure.Printed}</dt><dd>{f.Words}</dd>"))}{Html.Join(report.Quotes, q => Html.Of($"<dt>{q.Printed}</dt><dd>{q.Label} (chiffre cité)</dd>"))}</dl>
            """);
    }

    private static Html Themes(ReportResponse report) => report.Themes.Count == 0 ? new("") : Html.Of($"""
        <h2>Répartition des dépenses</h2>
        <table><caption>Dépenses annuelles moyennes par thème et par axe</caption>
        <thead><tr><th scope="col">Thème, axe</th><th scope="col" class="n">Dépenses par an</th><th scope="col" class="n">Part</th></tr></thead>
        {Html.Join(report.Themes, theme => Html.Of($"""
            <tbody><tr><th scope="rowgroup">{theme.Label}</th><td class="n"><strong>{theme.ExpensePerYear.Printed}</strong></td><td class="n">{theme.ExpenseShare.Printed}</td></tr>
            {Html.Join(theme.Axes, axis => Html.Of($"""<tr><td>{axis.Number}. {axis.Label}</td><td class="n">{axis.ExpensePerYear.Printed}</td><td class="n">{axis.ExpenseShare.Printed}</td></tr>"""))}</tbody>
            """))}</table>
        """);

    private static Html Parts(ReportParts parts) => parts.Rows.Count == 0 ? Html.Of($"<p>Aucune donnée sur la période.</p>") : Html.Of($"""
        <h2>Par territoire</h2>
        <table><caption>{Levels[parts.Level]} : logements, dépenses et couverture</caption>
        <thead><tr><th scope="col">{Levels[parts.Level]}</th><th scope="col" class="n">Logements en QPV</th><th scope="col" class="n">Habitants (estim.)</th>
        <th scope="col" class="n">Dépenses par an</th><th scope="col" class="n">Par logement</th><th scope="col" class="n">Couverture</th><th scope="col" class="n">Complétude</th></tr></thead>
        <tbody>{Html.Join(parts.Rows, row => Html.Of($"""
            <tr><th scope="row">{row.Label}{(row.Code is null ? "" : $" ({row.Code})")}</th><td class="n">{row.Dwellings.Printed}</td><td class="n">{row.Inhabitants.Printed}</td><td class="n">{row.ExpensePerYear.Printed}</td><td class="n">{row.ExpensePerDwelling.Printed}</td><td class="n">{row.CoverageRate.Printed}</td><td class="n">{row.Completeness.Printed}</td></tr>
            """))}</tbody></table>
        """);

    private static Html Projects(ReportResponse report) => report.Projects.Count == 0 ? new("") : Html.Of($"""
        <h2>Projets</h2>
        {Html.Join(report.Projects, project => Html.Of($"""
            <article><h3>{project.Title}</h3><p>{project.Description}</p>
            <ul>{Html.Join(project.Objectives, objective => Html.Of($"<li>{objective}</li>"))}</ul>
            <p>{project.LandlordName}{(project.AnnualBudget is { } budget ? $" ; budget annuel : {FrenchPrint.Euros(budget)}" : "")}{(project.Partners.Count > 0 ? $" ; partenaires : {string.Join(", ", project.Partners)}" : "")}</p></article>
            """))}
        """);
}
