using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Landing;

/// <summary>A place or landlord whose report can be read.</summary>
/// <param name="Scope">As in the path of the report.</param>
/// <param name="Code">Its code, or SIREN.</param>
/// <param name="Name">Its name.</param>
internal sealed record ReportChoice(string Scope, string Code, string Name);

/// <summary>
/// Where people begin: what this is, the report of any territory or landlord by a plain form, and where developers go on. French, or
/// English where <c>Accept-Language</c> prefers it.
/// </summary>
internal static class StartPage
{
    private const int Most = 12;

    public static void MapStartPage(this WebApplication app) => app.MapGroup("/").AddEndpointFilterFactory(RequestFilter.Create).AddEndpointFilter(Snapshot.OpenAsync)
        .MapGet("/", Get).ExcludeFromDescription().AllowAnonymous().WithMetadata(new TagsWithRevision());

    private static async Task<IResult> Get(
        [AsParameters] StartFilter filter, HttpContext http, GuspDb db, Snapshot snapshot, IAuthorizationService authorization, CancellationToken ct)
    {
        var language = RequestLanguage.Preferred(http.Request) ?? Language.French;
        var isOpen = (await authorization.AuthorizeAsync(http.User, Policies.Open)).Succeeded;
        var picker = isOpen ? await PickerAsync(filter, db, language, ct) : new Html("");
        var title = language == Language.French ? "GuspApi : ce que les bailleurs dépensent dans les quartiers" : "GuspApi: what landlords spend in the neighbourhoods";
        return HtmlPage.Answer(http, language, title, HtmlPage.Css("Features/Landing/start.css"), Body(http.Request, snapshot.Revision, picker, language));
    }

    private static async Task<Html> PickerAsync(StartFilter filter, GuspDb db, Language language, CancellationToken ct)
    {
        string T(string fr, string en) => language == Language.French ? fr : en;
        var years = await db.Holdings.GroupBy(_ => 1).Select(all => new { From = all.Min(h => h.Year), To = all.Max(h => h.Year) }).FirstOrDefaultAsync(ct);
        int to = filter.To?.Value ?? years?.To ?? DateTime.UtcNow.Year - 1;
        int from = filter.From?.Value ?? Math.Max(years?.From ?? to, to - 3);
        var words = filter.Q?.Value ?? "";
        var found = words.Length > 0 ? await FindAsync(db, words, ct) : await db.Regions.Where(r => db.Qpvs.Any(q => q.Department!.RegionCode == r.Code))
            .OrderBy(r => r.Name).Select(r => new ReportChoice("region", r.Code, r.Name)).ToListAsync(ct);
        return Html.Of($"""
            <section aria-labelledby="pick"><h2 id="pick">{T("Lire un rapport", "Read a report")}</h2>
            <form action="/" method="get" role="search">
            <div><label for="q">{T("Territoire ou bailleur : nom ou code", "Territory or landlord: name or code")}</label><input id="q" name="q" value="{words}" maxlength="100" required></div>
            <div><label for="from">{T("De", "From")}</label><input id="from" name="from" type="number" min="2015" max="2099" value="{from}"></div>
            <div><label for="to">{T("À", "To")}</label><input id="to" name="to" type="number" min="2015" max="2099" value="{to}"></div>
            <button>{T("Chercher", "Search")}</button></form>
            <p class="small">{(from > to ? T("La première année est après la dernière.", "The first year is after the last.") : words.Length == 0 ? T("Région, département, intercommunalité, commune, quartier (QPV) ou bailleur social. Par exemple :", "Region, département, group of communes, commune, neighbourhood (QPV) or landlord. For instance:") : found.Count == 0 ? T($"Rien ne s'appelle « {words} ».", $"Nothing is called \"{words}\".") : T($"Trouvé pour « {words} » :", $"Found for \"{words}\":"))}</p>
            {(from > to ? new Html("") : Html.Of($"""<ul class="choices">{Html.Join(found, choice => Html.Of($"""<li><a href="/v1/reports/{choice.Scope}?code={choice.Code}&amp;from={from}&amp;to={to}&amp;format=html">{choice.Name}</a> <span class="small">{Scope(choice.Scope, language)} {choice.Code}</span></li>"""))}</ul>"""))}</section>
            """);
    }

    /// <summary>Those with a neighbourhood alone: others have nothing to report. The largest territories first.</summary>
    private static async Task<List<ReportChoice>> FindAsync(GuspDb db, string words, CancellationToken ct)
    {
        List<ReportChoice> found =
        [
            .. await db.Regions.Where(r => (r.Code == words || GuspDb.Fold(r.Name).Contains(GuspDb.Fold(words))) && db.Qpvs.Any(q => q.Department!.RegionCode == r.Code))
                .OrderBy(r => r.Name).Select(r => new ReportChoice("region", r.Code, r.Name)).Take(Most).ToListAsync(ct),
            .. await db.Departments.Where(d => (d.Code == words || GuspDb.Fold(d.Name).Contains(GuspDb.Fold(words))) && db.Qpvs.Any(q => q.DepartmentCode == d.Code))
                .OrderBy(d => d.Name).Select(d => new ReportChoice("department", d.Code, d.Name)).Take(Most).ToListAsync(ct),
            .. await db.Epcis.Where(e => (e.Code == words || GuspDb.Fold(e.Name).Contains(GuspDb.Fold(words))) && db.Qpvs.Any(q => q.Communes.Any(c => c.Commune!.EpciCode == e.Code)))
                .OrderBy(e => e.Name).Select(e => new ReportChoice("epci", e.Code, e.Name)).Take(Most).ToListAsync(ct),
            .. await db.Communes.Where(m => (m.Code == words || GuspDb.Fold(m.Name).Contains(GuspDb.Fold(words))) && db.Qpvs.Any(q => q.Communes.Any(c => c.CommuneCode == m.Code)))
                .OrderBy(m => m.Name).Select(m => new ReportChoice("commune", m.Code, m.Name)).Take(Most).ToListAsync(ct),
            .. await db.Qpvs.Where(q => q.Code == words || GuspDb.Fold(q.Name).Contains(GuspDb.Fold(words)))
                .OrderBy(q => q.Name).ThenBy(q => q.Code).Select(q => new ReportChoice("qpv", q.Code, q.Name)).Take(Most).ToListAsync(ct),
            .. await db.Landlords.Where(l => l.Siren == words || GuspDb.Fold(l.Name).Contains(GuspDb.Fold(words)))
                .OrderBy(l => l.Name).ThenBy(l => l.Siren).Select(l => new ReportChoice("landlord", l.Siren, l.Name)).Take(Most).ToListAsync(ct),
        ];
        return found;
    }

    private static Html Body(HttpRequest request, long revision, Html picker, Language language)
    {
        string T(string fr, string en) => language == Language.French ? fr : en;
        var here = $"{request.Scheme}://{request.Host}";
        return Html.Of($"""
            <header><p class="kicker">{T("Gestion urbaine et sociale de proximité (GUSP)", "Neighbourhood management (GUSP)")}</p><h1>GuspApi</h1>
            <p class="lead">{T("Les bailleurs sociaux paient 30 % de taxe foncière en moins sur leurs logements des quartiers prioritaires (QPV), et agissent en échange dans ces quartiers. Cette page montre ce qu'ils y dépensent, chaque année, quartier par quartier, et d'où vient chaque chiffre.", "French social landlords pay 30% less property tax on their dwellings in priority neighbourhoods (QPV), and act in these neighbourhoods in return. Here is what they spend, each year, neighbourhood by neighbourhood, and where each figure comes from.")}</p></header>
            <main>{picker}
            <section aria-labelledby="build"><h2 id="build">{T("Pour les développeurs", "For developers")}</h2>
            <ul class="doors">
            <li><a href="/swagger">Swagger UI</a><br>{T("essayer chaque opération", "try each operation")}</li>
            <li><a href="/openapi/v1.json">OpenAPI 3.0</a>, <a href="/openapi/v1-3.1.json">3.1</a><br>{T("le contrat, pour produire un client", "the contract, to generate a client")}</li>
            <li><a href="/v1">/v1</a><br>{T("les ressources", "the resources")}</li>
            <li><a href="/v1/indicators/definitions">{T("Définitions", "Definitions")}</a><br>{T("formule et source de chaque indicateur", "formula and source of each indicator")}</li></ul>
            <h3>{T("Une première requête", "A first request")}</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="{T("Exemple de requête", "Example of a request")}"><pre>curl -fsS "{here}/v1/reports/regional?region=32&amp;from=2019&amp;to=2022"</pre></div>
            <p>{T("Les données ouvertes se lisent sans clé ; écrire, ou lire le détail des déclarations, en demande une : Authorization: Bearer …", "Open data need no key; to write, or to read declarations in detail, send one: Authorization: Bearer …")}</p></section>
            <section aria-labelledby="status"><h2 id="status">{T("État", "Status")}</h2>
            <p>{T("En service", "In service")} · version {typeof(StartPage).Assembly.GetName().Version!.ToString(3)} · {T("révision des données", "revision of the data")} {revision} · <a href="/health/ready">{T("sonde", "probe")}</a></p></section></main>
            <footer><p class="small">{T("Programme libre, licence EUPL-1.2.", "Free software, licence EUPL-1.2.")}</p></footer>
            """);
    }

    private static string Scope(string scope, Language language) => (scope, language) switch
    {
        ("region", Language.French) => "région",
        ("department", _) => "département",
        ("epci", _) => "EPCI",
        ("qpv", _) => "QPV",
        ("landlord", Language.French) => "bailleur",
        _ => scope,
    };
}

/// <summary>What the picker sends.</summary>
/// <param name="Q">Words of a name, or a code.</param>
/// <param name="From">First year of the report.</param>
/// <param name="To">Last year of the report.</param>
internal sealed record StartFilter(One<string, WordsForm>? Q, One<short, YearForm>? From, One<short, YearForm>? To) : IUrlParameters;
