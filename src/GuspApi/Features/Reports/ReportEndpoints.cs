using System.Diagnostics.CodeAnalysis;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Reports;

/// <summary>The leaflet, of any territory or landlord and any period.</summary>
internal static class ReportEndpoints
{
    public static void MapReports(this RouteGroupBuilder api)
    {
        var reports = api.MapGroup("/reports").WithTags("Reports").RequireAuthorization(Policies.Open)
            .WithMetadata(new TagsWithRevision(), new Expensive());
        reports.MapGet("/regional", GetRegional).WithName("GetRegionalReport").WithMetadata(new RequiredParameter("region"))
            .Produces<ReportResponse>(200, "application/json", "text/html").ProducesProblem(400).ProducesProblem(404).ProducesProblem(406);
        reports.MapGet("/{scope}", Get).WithName("GetReport").WithMetadata(new RequiredParameter("code", "of every scope but country"))
            .Produces<ReportResponse>(200, "application/json", "text/html").ProducesProblem(400).ProducesProblem(404).ProducesProblem(406);
    }

    /// <summary>The report of a region: the same as <c>/v1/reports/region</c>.</summary>
    private static Task<IResult> GetRegional(
        [AsParameters] RegionalReportFilter filter, HttpContext http, GuspDb db, Snapshot snapshot,
        TimeProvider time, CancellationToken ct) =>
        AnswerAsync(ReportScope.Region, "region", filter.Region?.Value, filter.From, filter.To, filter.Format,
            http, db, snapshot, time, ct);

    /// <summary>
    /// The report of a region, département, EPCI, commune, QPV or landlord, or of the whole of France: figures exact and as printed.
    /// </summary>
    private static Task<IResult> Get(
        One<ReportScope, ScopeOfReportForm> scope, [AsParameters] ReportFilter filter, HttpContext http, GuspDb db, Snapshot snapshot,
        TimeProvider time, CancellationToken ct) =>
        AnswerAsync(scope.Value, "code", filter.Code?.Value, filter.From, filter.To, filter.Format, http, db, snapshot, time, ct);

    private static async Task<IResult> AnswerAsync(
        ReportScope scope, string parameter, string? code, One<short, YearForm>? from, One<short, YearForm>? to,
        One<ReportFormat, LowerCaseForm<ReportFormat>>? format, HttpContext http, GuspDb db, Snapshot snapshot,
        TimeProvider time, CancellationToken ct)
    {
        var lastComplete = Campaign.Today(time).Year - 1;
        var (first, last) = (from?.Value ?? lastComplete, to?.Value ?? lastComplete);
        var errors = Faults(scope, parameter, code, first, last).ToList();
        if (errors.Count > 0)
            return Problems.InvalidParameters(errors);
        if ((format?.Value ?? Accepted(http.Request)) is not { } form)
            return Problems.NotAcceptable("application/json, text/html");

        var language = RequestLanguage.Preferred(http.Request) ?? Language.French;
        var subject = new ReportSubject(scope, code ?? ReportSubject.France);
        if (await subject.LabelAsync(db, ct) is not { } label)
            return Problems.NotFound(scope.ToString().ToLowerInvariant(), subject.Code);
        var builder = new ReportBuilder(db, (NpgsqlConnection)db.Database.GetDbConnection(), subject, first, last, snapshot.AsOf, language);
        var report = await builder.BuildAsync(label, snapshot.Revision, ct);

        http.Response.Headers.ContentLanguage = HtmlPage.Code(language);
        if (form == ReportFormat.Json)
            return TypedResults.Ok(report);
        var map = new ReportMap(report, builder.QpvFigures,
            await QpvOutlines.ReadAsync(db, subject, builder.QpvFigures.Keys, ct), language);
        return new ReportPage(report, map, language).Answer(http);
    }

    private static IEnumerable<ApiError> Faults(ReportScope scope, string parameter, string? code, int from, int to)
    {
        var (isCode, expected) = scope switch
        {
            ReportScope.Region => Read<RegionForm>(code),
            ReportScope.Department => Read<DepartmentForm>(code),
            ReportScope.Epci => Read<EpciForm>(code),
            ReportScope.Commune => Read<CommuneForm>(code),
            ReportScope.Qpv => Read<QpvForm>(code),
            ReportScope.Country => (code is null or ReportSubject.France, new Text(ReportSubject.France, ReportSubject.France)),
            _ => Read<SirenForm>(code),
        };
        if (!isCode)
        {
            yield return ApiError.OfParameter(code is null ? "MISSING_PARAMETER" : "INVALID_PARAMETER",
                new($"{parameter} says whose report this is: {expected.En}.",
                    $"{parameter} dit de qui est ce rapport ; attendu : {expected.Fr}."),
                parameter, code, expected);
        }
        if (from > to)
        {
            yield return ApiError.PeriodReversed(from, to, from);
        }
    }

    private static (bool IsCode, Text Expected) Read<TForm>(string? code) where TForm : IForm<string> =>
        (code is not null && TForm.TryRead(code, out _), TForm.Expected);

    private static ReportFormat? Accepted(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept.Where(type => type.Quality != 0)
            .OrderByDescending(type => type.Quality ?? 1).ToList();
        if (request.Headers.Accept.Count == 0)
            return ReportFormat.Json;
        foreach (var type in accepted)
        {
            if (type.MatchesMediaType("application/json"))
                return ReportFormat.Json;
            if (type.MatchesMediaType("text/html"))
                return ReportFormat.Html;
        }
        return null;
    }
}

/// <summary>How a report is written.</summary>
internal enum ReportFormat
{
    Json,
    Html,
}

/// <summary>What a report can be asked.</summary>
/// <param name="Code">Code of the territory, or SIREN of the landlord.</param>
/// <param name="From">First year; the last complete year unless said.</param>
/// <param name="To">Last year; the last complete year unless said.</param>
/// <param name="AsOf">A revision or an instant: the figures as the data stood then; names are today's. For known callers.</param>
/// <param name="Format">json or html; else the Accept header decides.</param>
internal sealed record ReportFilter(
    One<string, CodeForm>? Code, One<short, YearForm>? From, One<short, YearForm>? To, One<AsOf, AsOfForm>? AsOf,
    One<ReportFormat, LowerCaseForm<ReportFormat>>? Format) : IUrlParameters;

/// <summary>What the report of a region can be asked.</summary>
/// <param name="Region">Code of the region.</param>
/// <param name="From">First year; the last complete year unless said.</param>
/// <param name="To">Last year; the last complete year unless said.</param>
/// <param name="AsOf">A revision or an instant: the figures as the data stood then; names are today's. For known callers.</param>
/// <param name="Format">json or html; else the Accept header decides.</param>
internal sealed record RegionalReportFilter(
    One<string, RegionForm>? Region, One<short, YearForm>? From, One<short, YearForm>? To, One<AsOf, AsOfForm>? AsOf,
    One<ReportFormat, LowerCaseForm<ReportFormat>>? Format) : IUrlParameters;

/// <summary>Scopes as URLs write them; answers write them in capitals.</summary>
internal sealed class ScopeOfReportForm : IForm<ReportScope>
{
    public static Text Expected => LowerCaseForm<ReportScope>.Expected;
    public static IReadOnlyList<string>? Words => LowerCaseForm<ReportScope>.Words;

    public static bool TryRead(string text, out ReportScope value) => LowerCaseForm<ReportScope>.TryRead(text, out value);
}

/// <summary>A code whose form depends on the scope.</summary>
internal sealed class CodeForm : IForm<string>
{
    public static Text Expected =>
        new("the code of a territory, or the SIREN of a landlord", "le code d'un territoire, ou le SIREN d'un bailleur");
    public static string? Pattern => "^[0-9A-Za-z]{1,20}$";
    public static string? Example => "32";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 20 && text.All(char.IsAsciiLetterOrDigit);
    }
}
