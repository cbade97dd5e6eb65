using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Reports;

/// <summary>
/// The report as a page: what the leaflet has, then what paper cannot. Every chart has its table beside it, every block a line that leads
/// to its data. Two sheets of A4 for the reference case.
/// </summary>
internal sealed class ReportPage(ReportResponse report, ReportMap map, Language language)
{
    private readonly Charts charts = new(language);

    private string T(string fr, string en) => language == Language.French ? fr : en;

    private string Colon => T(" : ", ": ");

    private string Period => Years(report.Period);

    private static string Years(ReportPeriod period) => period.Years == 1 ? $"{period.From}" : $"{period.From}-{period.To}";

    public IResult Answer(HttpContext http) => HtmlPage.Answer(http, language, $"{report.Label}{Colon}GUSP {Period}", HtmlPage.Css("Features/Reports/report.css"), Body());

    private Html Body() => Html.Of($"""
        <header><p class="kicker">{T("Gestion urbaine et sociale de proximité (GUSP)", "Neighbourhood management (GUSP)")} · {Period}</p>
        <h1>{report.Label}</h1>
        <p class="lead">{T("Investissement des bailleurs sociaux dans les quartiers prioritaires de la politique de la ville (QPV) au titre de la GUSP. Analyse de la période", "What social landlords invest in the priority neighbourhoods (QPV) under neighbourhood management. Period")} {Period}.</p></header>
        <main>
        {Headline()}
        {Themes()}
        {Parts()}
        {Evolution()}
        {Comparisons()}
        {Spread()}
        {Projects()}
        {Method()}
        </main>
        {Footer()}
        """);

    private Html Headline()
    {
        var headline = report.Headline;
        (ReportFigure Figure, string Words)[] keys =
        [
            (headline.ExpensePerYear, T("de dépenses par an (moyenne annuelle)", "spent a year (yearly mean)")),
            (headline.CoverageRate, T("des dépenses couvertes par l'abattement fiscal", "of it covered by the tax abatement")),
            (headline.ExpensePerDwelling, T("dépensés par logement et par an", "spent per dwelling and year")),
            (headline.SpentPerEuroReceived, T("dépensé pour 1 € reçu", "spent for €1 received")),
        ];
        (ReportFigure Figure, string Words)[] facts =
        [
            (headline.Inhabitants, T("personnes logées (estimation)", "persons housed (estimate)")),
            (headline.Dwellings, T("logements", "dwellings")),
            (headline.Qpvs, headline.Qpvs.Value == 1 ? T("quartier prioritaire", "priority neighbourhood") : T("quartiers prioritaires", "priority neighbourhoods")),
            (headline.Communes, headline.Communes.Value == 1 ? "commune" : "communes"),
            (headline.Landlords, headline.Landlords.Value == 1 ? T("bailleur", "landlord") : T("bailleurs", "landlords")),
            (headline.AbatementPerYear, T("d'abattement reçu par an", "of abatement received a year")),
        ];
        return Html.Of($"""
            <section aria-labelledby="key"><h2 id="key">{T("Chiffres clés", "Key figures")}</h2>
            <dl class="keys">{Html.Join(keys, k => Html.Of($"<div><dt>{k.Words}</dt><dd>{k.Figure.Printed}</dd></div>"))}</dl>
            <ul class="facts">{Html.Join(facts, f => Html.Of($"<li><strong>{f.Figure.Printed}</strong> {f.Words}</li>"))}{Html.Join(report.Quotes, q => Html.Of($"<li><strong>{q.Printed}</strong> {q.Label} {T("(chiffre cité)", "(quoted)")}</li>"))}</ul>
            {Data(new(report.Links["indicators"], report.Links["sources"]))}</section>
            """);
    }

    private Html Themes() => report.Themes.Count == 0 ? new("") : Html.Of($"""
        <section aria-labelledby="expense"><h2 id="expense">{T("Répartition des dépenses", "What it is spent on")}</h2>
        <div class="pair"><figure>{charts.Themes(report.Themes)}<figcaption>{T("Les numéros sont ceux des axes du tableau.", "The numbers are those of the axes in the table.")}</figcaption></figure>
        <div><table><caption>{T("Dépenses annuelles moyennes par thème et par axe", "Mean expense of a year by theme and axis")}</caption>
        <thead><tr><th scope="col">{T("Thème, axe", "Theme, axis")}</th><th scope="col" class="n">{T("Dépenses par an", "Expense per year")}</th><th scope="col" class="n">{T("Part", "Share")}</th>{DataHead}</tr></thead>
        {Html.Join(report.Themes, theme => Html.Of($"""
            <tbody class="group"><tr lang="fr"><th scope="rowgroup">{theme.Label}</th><td class="n"><strong>{theme.ExpensePerYear.Printed}</strong></td><td class="n"><strong>{theme.ExpenseShare.Printed}</strong></td>{DataCell(theme.Links, theme.Label)}</tr>
            {Html.Join(theme.Axes, axis => Html.Of($"""<tr lang="fr"><td class="sub">{axis.Number}. {Breakable(axis.Label)}</td><td class="n">{axis.ExpensePerYear.Printed}</td><td class="n">{axis.ExpenseShare.Printed}</td><td class="data-cell"></td></tr>"""))}</tbody>
            """))}</table></div></div></section>
        """);

    /// <summary>On a narrow page "concertation/sensibilisation" may go on after the slash.</summary>
    private static Html Breakable(string label) => new(string.Join("/<wbr>", label.Split('/').Select(part => Html.Of($"{part}").Text)));

    private Html Parts()
    {
        if (report.Parts.Rows.Count == 0)
            return Html.Of($"<p>{T("Aucune donnée sur la période.", "No data in this period.")}</p>");
        var level = Level(report.Parts.Level);
        var drawing = map.Draw() is { } drawn ? Html.Of($"<figure>{drawn.Drawing}{map.Legend()}<figcaption>{T("Teinte : dépense annuelle par logement, par quarts.", "Shade: expense of a year per dwelling, by quarters.")} {drawn.Note}</figcaption></figure>") : new("");
        return Html.Of($"""
            <section aria-labelledby="parts"><h2 id="parts">{T("Répartition par", "By")} {level.ToLowerInvariant().Replace("qpv", "QPV").Replace("epci", "EPCI")}</h2>
            <div class="pair">{drawing}
            <div class="scroll parts" tabindex="0" role="region" aria-label="{T("Tableau par", "Table by")} {level}"><table><caption>{T("Logements, dépenses et couverture, par an", "Dwellings, expense and coverage, per year")}</caption>
            <thead><tr><th scope="col">{level}</th><th scope="col" class="n">{T("Logements en QPV", "Dwellings in QPVs")}</th><th scope="col" class="n">{T("Habitants (estim.)", "Inhabitants (est.)")}</th>
            <th scope="col" class="n">{T("Dépenses", "Expense")}</th><th scope="col" class="n">{T("Par logement", "Per dwelling")}</th><th scope="col" class="n">{T("Couver\u00ADture", "Coverage")}</th><th scope="col" class="n">{T("Complé\u00ADtude", "Complete")}</th>{DataHead}</tr></thead>
            <tbody>{Html.Join(report.Parts.Rows, row => Html.Of($"""
                <tr><th scope="row">{(row.Report is null ? Html.Of($"{row.Label}") : Html.Of($"""<a href="{row.Report}&amp;format=html">{row.Label}</a>{Code(row)}"""))}</th><td class="n">{row.Dwellings.Printed}</td><td class="n">{row.Inhabitants.Printed}</td><td class="n">{row.ExpensePerYear.Printed}</td><td class="n">{row.ExpensePerDwelling.Printed}</td><td class="n">{row.CoverageRate.Printed}</td><td class="n">{row.Completeness.Printed}</td>{DataCell(row.Links, row.Label)}</tr>
                """))}</tbody></table></div></div></section>
            """);
    }

    /// <summary>The code where people know it, or where names are not unique.</summary>
    private Html Code(ReportPart row) => report.Parts.Level is "epci" or "landlord" ? new("") : Html.Of($""" <span class="small">{row.Code}</span>""");

    private Html Evolution() => report.Years.Count == 0 ? new("") : Html.Of($"""
        <section aria-labelledby="evolution"><h2 id="evolution">{T("Évolution par année", "Year by year")}</h2>
        <div class="pair"><figure>{charts.Years(report.Years)}</figure>
        <div class="scroll" tabindex="0" role="region" aria-label="{T("Tableau par année", "Table by year")}"><table><caption>{T("Dépenses et abattement par année", "Expense and abatement by year")}</caption>
        <thead><tr><th scope="col">{T("Année", "Year")}</th>{FiguresHead}{DataHead}</tr></thead>
        <tbody>{Html.Join(report.Years, year => Html.Of($"""<tr><th scope="row">{year.Year}</th>{Cells(year.Figures)}{DataCell(year.Links, $"{year.Year}")}</tr>"""))}</tbody></table>
        </div></div></section>
        """);

    private Html Comparisons()
    {
        var before = new ReportPeriod(report.Period.From - report.Period.Years, report.Period.From - 1, report.Period.Years);
        var remarks = new List<string>();
        if (report.Comparisons.All(c => c.With != ReportComparisonWith.Reference) && report.Scope != ReportScope.Country)
            remarks.Add(T("Rien d'autre n'est déclaré autour de ce territoire : il n'y a pas de moyenne plus large à lui comparer.",
                "Nothing else is declared around this territory: there is no wider mean to compare it with."));
        if (report.Comparisons.All(c => c.With != ReportComparisonWith.PreviousPeriod))
            remarks.Add(T($"Aucune déclaration validée pour la période précédente ({Years(before)}).", $"No validated declaration in the period before ({Years(before)})."));
        return Html.Of($"""
            <section aria-labelledby="compare"><h2 id="compare">{T("Comparaisons", "Comparisons")}</h2>
            {(report.Comparisons.Count == 1 ? new Html("") : Html.Of($"""
            <div class="scroll" tabindex="0" role="region" aria-label="{T("Tableau des comparaisons", "Table of comparisons")}"><table><caption>{T("Moyennes annuelles", "Yearly means")}</caption>
            <thead><tr><th scope="col">{T("Territoire, période", "Territory, period")}</th>{FiguresHead}{DataHead}</tr></thead>
            <tbody>{Html.Join(report.Comparisons, c => Html.Of($"""<tr><th scope="row">{(c.With == ReportComparisonWith.PreviousPeriod ? T("Période précédente", "Period before") : c.Label)}, {Years(c.Period)}</th>{Cells(c.Figures)}{DataCell(c.Links, c.Label)}</tr>"""))}</tbody></table></div>
            """))}
            {Html.Join(remarks, remark => Html.Of($"<p>{remark}</p>"))}</section>
            """);
    }

    private Html Spread() => report.Spread is not { } spread || spread.Qpvs.Value < 2 ? new("") : Html.Of($"""
        <section aria-labelledby="between"><h2 id="between">{T("Écarts entre QPV", "Spread between QPVs")}</h2>
        <div class="pair"><figure>{charts.Spread(spread, report.Headline.ExpensePerDwelling)}<figcaption>{T("La boîte contient la moitié des QPV ; le trait épais est la médiane.", "The box holds half of the QPVs; the thick line is the median.")}</figcaption></figure>
        <div><table><caption>{T("Dépense annuelle par logement", "Expense of a year per dwelling")}{Colon}{spread.Qpvs.Printed} QPV ({spread.Among})</caption>
        <thead><tr><th scope="col">{T("Rang", "Rank")}</th><th scope="col" class="n">{T("Par logement", "Per dwelling")}</th></tr></thead>
        <tbody>{Html.Join(new[]
        {
            (T("Le plus bas", "Lowest"), spread.Lowest), (T("Premier quartile : un quart des QPV sont en dessous", "Lower quartile: a quarter of the QPVs are below"), spread.LowerQuartile),
            (T("Médiane : la moitié des QPV sont en dessous", "Median: half of the QPVs are below"), spread.Median),
            (T("Troisième quartile : un quart des QPV sont au-dessus", "Upper quartile: a quarter of the QPVs are above"), spread.UpperQuartile), (T("Le plus haut", "Highest"), spread.Highest),
        }, row => Html.Of($"""<tr><th scope="row">{row.Item1}</th><td class="n">{row.Item2.Printed}</td></tr>"""))}</tbody></table>{Data(spread.Links)}</div></div></section>
        """);

    private Html Projects() => report.Projects.Count == 0 ? new("") : Html.Of($"""
        <section aria-labelledby="projects"><h2 id="projects">{T("Projets en QPV : illustrations concrètes", "Projects in QPVs, for example")}</h2>
        <div class="projects" lang="fr">{Html.Join(report.Projects, project => Html.Of($"""
            <article><h3>{project.Title}</h3><p>{project.Description}</p>
            {(project.Objectives.Count == 0 ? new Html("") : Html.Of($"<p><strong>Objectifs</strong></p><ul>{Html.Join(project.Objectives, objective => Html.Of($"<li>{objective}</li>"))}</ul>"))}
            <dl>{(project.AnnualBudget is { } budget ? Html.Of($"<div><dt>Budget global (annuel) :</dt> <dd>{FigurePrint.French.Euros(budget)}</dd></div>") : new(""))}{(project.Partners.Count == 0 ? new Html("") : Html.Of($"<div><dt>Partenaires :</dt> <dd>{string.Join(", ", project.Partners)}</dd></div>"))}<div><dt>Bailleur :</dt> <dd>{project.LandlordName}</dd></div></dl></article>
            """))}</div></section>
        """);

    private Html Method()
    {
        var completeness = report.Completeness;
        return Html.Of($"""
            <section class="method" aria-labelledby="method"><h2 id="method">{T("Comment lire ces chiffres", "How to read these figures")}</h2>
            <h3>{T("Période", "Period")}</h3><p>{(report.Period.Years == 1 ? T($"Année {Period}.", $"The year {Period}.") : T($"Du 1er janvier {report.Period.From} au 31 décembre {report.Period.To}, soit {report.Period.Years} ans ; les montants sont des moyennes annuelles.", $"From 1 January {report.Period.From} to 31 December {report.Period.To}, {report.Period.Years} years; amounts are yearly means."))}</p>
            <h3>{T("Ce qui manque, et comment c'est compté", "What is missing, and how it is counted")}</h3>
            <p><strong>{T($"{completeness.Declarations.Printed} déclarations comptées sur {completeness.Expected.Printed} attendues ({completeness.Completeness.Printed}).", $"{completeness.Declarations.Printed} declarations counted of {completeness.Expected.Printed} expected ({completeness.Completeness.Printed}).")}</strong></p>
            <ul>{Html.Join(report.Notes, note => Html.Of($"<li>{note}</li>"))}</ul>
            <h3>{T("Définitions", "Definitions")}</h3>
            <dl class="words">{Html.Join(report.Definitions, word => Html.Of($"<div><dt>{word.Term}</dt><dd>{word.Text}{(word.Formula is null ? new Html("") : Html.Of($" <span class=\"small\">[{word.Formula}]</span>"))}</dd></div>"))}</dl>
            <h3>Sources</h3><ul>{Html.Join(report.Sources, source => Html.Of($"<li>{source}</li>"))}{Html.Join(report.Quotes, quote => Html.Of($"<li>{quote.Printed} {quote.Label}{Colon}{quote.Source}</li>"))}{Html.Join(report.Projects.Select(p => p.Source).Distinct(), source => Html.Of($"<li>{T("Projets", "Projects")}{Colon}<span lang=\"fr\">{source}</span>.</li>"))}</ul></section>
            """);
    }

    private Html Footer() => Html.Of($"""
        <footer><p class="small">{T("Révision des données", "Revision of the data")}{Colon}{report.Revision}. <span class="data"><a href="{report.Links["self"]}&amp;format=json">{T("Ce rapport en JSON", "This report as JSON")}</a> · <a href="/v1/indicators/definitions">{T("formules", "formulas")}</a> · <a href="/">{T("un autre rapport", "another report")}</a></span></p>
        <p class="small screenless">{report.Links["page"]}</p></footer>
        """);

    private string Level(string level) => level switch
    {
        "region" => T("Région", "Region"),
        "department" => "Département",
        "epci" => "EPCI",
        "commune" => "Commune",
        "qpv" => "QPV",
        _ => T("Bailleur", "Landlord"),
    };

    private Html FiguresHead => Html.Join(new[]
    {
        T("Dépenses", "Expense"), T("Abattement", "Abatement"), T("Par logement", "Per dwelling"), T("Pour 1 € reçu", "Per €1 received"), T("Couver\u00ADture", "Coverage"),
        T("Logements", "Dwellings"), T("Complé\u00ADtude", "Complete"),
    }, head => Html.Of($"""<th scope="col" class="n">{head}</th>"""));

    private static Html Cells(ReportFigures f) => Html.Join(
        new[] { f.ExpensePerYear, f.AbatementPerYear, f.ExpensePerDwelling, f.SpentPerEuroReceived, f.CoverageRate, f.Dwellings, f.Completeness },
        figure => Html.Of($"""<td class="n">{figure.Printed}</td>"""));

    private Html DataHead => Html.Of($"""<th scope="col" class="data-cell">{T("Données", "Data")}</th>""");

    private Html DataCell(ReportLinks links, string of) => Html.Of($"""<td class="data-cell"><a href="{links.Indicators}" aria-label="{T("voir les données", "see the data")}{Colon}{of}">{T("voir", "see")}</a></td>""");

    private Html Data(ReportLinks links) => Html.Of($"""
        <p class="data">{T("Données", "Data")}{Colon}<a href="{links.Indicators}">{T("indicateurs", "indicators")}</a> · <a href="{links.Indicators}&amp;format=csv">CSV</a> · <a href="{links.Sources}">{T("déclarations derrière ces chiffres", "the declarations behind them")}</a> {T("(avec une clé)", "(with a key)")}</p>
        """);
}
