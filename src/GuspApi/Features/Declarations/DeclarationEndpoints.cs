using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Declarations;

/// <summary>What landlords spent, QPV by QPV and year by year, and how it is submitted and validated.</summary>
internal static class DeclarationEndpoints
{
    private const string One = "/{siren}/{year}/{qpvCode}";

    public static void MapDeclarations(this RouteGroupBuilder api)
    {
        var declarations = api.MapGroup("/declarations").WithTags("Declarations").RequireAuthorization(Policies.Read)
            .ProducesProblem(400).ProducesProblem(401);
        declarations.MapGet("/", List).WithName("ListDeclarations").WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<DeclarationResponse>>();
        declarations.MapGet(One, Get).WithName("GetDeclaration").Produces<DeclarationResponse>().ProducesProblem(404);
        declarations.MapPut(One, Put).WithName("PutDeclaration").Gives("DECLARATION_VALIDATED", "CAMPAIGN_NOT_OPEN", "CAMPAIGN_CLOSED")
            .Accepts<DeclarationLines>("application/json")
            .WithMetadata(new ForecastsAs(typeof(DeclarationForecast)))
            .Produces<DeclarationResponse>().Produces<DeclarationResponse>(201)
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).ProducesProblem(428);
        declarations.MapDelete(One, Delete).WithName("DeleteDeclaration")
            .Gives("FORBIDDEN_TRANSITION", "CAMPAIGN_NOT_OPEN", "CAMPAIGN_CLOSED").Produces(204).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(412);
        declarations.MapGet(One + "/versions", Versions).WithName("ListDeclarationVersions").WithMetadata(new TagsWithRevision())
            .Produces<Collection<VersionResponse>>().ProducesProblem(404);
        declarations.MapGet(One + "/versions/{version}", Version).WithName("GetDeclarationVersion").Produces<DeclarationResponse>()
            .ProducesProblem(404);
        declarations.MapGet(One + "/diff", Diff).WithName("DiffDeclaration").Produces<DiffResponse>().ProducesProblem(404);
        declarations.MapPut(One + "/anomalies/{code}", DeclarationJustify.Put).WithName("JustifyAnomaly")
            .Gives("DECLARATION_VALIDATED", "ERROR_NOT_JUSTIFIABLE").Accepts<JustificationComment>("application/json")
            .Produces<DeclarationResponse>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412)
            .ProducesProblem(422);

        declarations.MapStep("submit", "Submit", Policies.Declare, Submit, SubmitMany);
        declarations.MapStep("validate", "Validate", Policies.Review, Validate, ValidateMany);
        declarations.MapStep("request-changes", "RequestChangesOf", Policies.Review, RequestChanges, RequestChangesOfMany);
        declarations.MapStep("reopen", "Reopen", Policies.Review, Reopen, ReopenMany);
    }

    private static void MapStep(this RouteGroupBuilder declarations, string step, string name, string scope, Delegate one, Delegate many)
    {
        declarations.MapPost($"{One}/{step}", one).WithName($"{name}Declaration").Gives(
            "FORBIDDEN_TRANSITION", "CAMPAIGN_NOT_OPEN", "CAMPAIGN_CLOSED").Accepts<StepComment>(isOptional: true, "application/json")
            .Produces<DeclarationResponse>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412)
            .ProducesProblem(422);
        declarations.MapPost($"/{step}", many).WithName($"{name}Declarations").RequireAuthorization(scope).WithMetadata(new Expensive())
            .Accepts<StepComment>(isOptional: true, "application/json").Produces<StepsResponse>();
    }

    /// <summary>
    /// The declarations that the caller may see, in the order of landlord, year and QPV; with <c>asOf</c>, as they stood then. CSV and XLSX
    /// have a row a line, in the columns of the import: a declaration without lines is not in them. NDJSON has an object a declaration,
    /// with its lines.
    /// </summary>
    private static async Task<IResult> List(
        [AsParameters] DeclarationFilter filter, [FromQuery] One<string, IncludedInDeclarationForm>? include,
        [FromQuery] One<AsOf, AsOfForm>? asOf, Page page,
        Listing listing, HttpContext http, Snapshot snapshot, GuspDb db, Caller caller, CancellationToken ct)
    {
        var reader = Reader(db, caller, http, snapshot.AsOf);
        if (listing.IsWhole)
            return DeclarationExport.Whole(reader, filter, page, listing.Format);
        var isJson = listing.Format == TableFormat.Json;
        var (rows, total) = await reader.ListAsync(filter, page, include is not null || !isJson, ct);
        await filter.WarnAsync(listing, db, total > 0, ct);

        var collection = page.Of(rows, total, snapshot.Revision, DeclarationExport.Key, listing.Warnings);
        return isJson ? TypedResults.Ok(collection) : DeclarationExport.Page(collection.Data, listing.Format);
    }

    /// <summary>
    /// One declaration with its lines, totals, anomalies and the steps that the caller may take; with <c>asOf</c>, as it stood then.
    /// </summary>
    private static async Task<IResult> Get(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, [FromQuery] One<AsOf, AsOfForm>? asOf,
        HttpContext http, Snapshot snapshot, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        return await Reader(db, caller, http, snapshot.AsOf).OneAsync(key, ct) is { } declaration
            ? Etag.Resource(http, declaration, declaration.Version)
            : NotFound(key);
    }

    /// <summary>
    /// Creates (If-None-Match: *) or replaces (If-Match) the lines of a declaration. A draft stays a draft, a submitted one goes back to
    /// draft, unless <c>submit=true</c>; a validated one is refused. What changes nothing makes no version.
    /// </summary>
    private static async Task<IResult> Put(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode,
        [FromQuery] One<bool, BooleanForm>? submit, [FromQuery] One<bool, BooleanForm>? dryRun,
        HttpContext http, GuspDb db, Caller caller, TimeProvider time, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        if (!caller.Declares(key.LandlordSiren))
            return await RefusedAsync(http, db, caller, key, ct);
        var creates = http.Request.Headers.IfNoneMatch.ToString().Trim() == "*";
        if (!creates && http.Request.Headers.IfMatch.Count == 0)
            return Problems.PreconditionRequired();

        var (document, unreadable) = await JsonBody.ReadAsync(http.Request, ct);
        if (unreadable is not null)
            return unreadable;
        using var _ = document;
        var body = new JsonBody();
        var lines = DeclarationBody.Lines(document!.RootElement, body);
        if (body.Errors.Count > 0)
            return Problems.InvalidBody(DeclarationBody.WrongTypes, body.Errors);

        var form = new List<Finding>();
        LineRules.CheckKey(key.LandlordSiren, key.Year, key.QpvCode, Campaign.Today(time).Year, form);
        if (lines is null)
            form.Add(DeclarationFindings.Of("REQUIRED", "lines", null, new(
                "an array of lines, which may be empty", "un tableau de lignes, éventuellement vide")));
        else
            LineRules.CheckAll(lines, form);

        await using var write = await Write.BeginAsync(http, db, ct);
        var save = new DeclarationSave(write.Connection, key, lines ?? [], submit?.Value == true, BoundOn(http, caller));
        var known = await save.LookAsync(lockIt: dryRun?.Value != true, ct);

        if (creates ? known.Version is not null : known.Version is not { } current || !Etag.Matches(http.Request, Etag.Of(current)))
            return Problems.PreconditionFailed(known.Version is { } version ? Etag.Of(version) : null);
        var errors = DeclarationSave.Errors(form, known).ToList();
        if (form.Count == 0 && errors.Find(error => error.Code == "DECLARATION_VALIDATED") is { } validated)
            return Problems.Conflict("DECLARATION_VALIDATED", validated.Words!.Value) with
            {
                Extensions = new Dictionary<string, object?> { ["allowedActions"] = new[] { "reopen" } },
            };
        if (form.Count == 0 && errors.Find(error => error.Code is "CAMPAIGN_NOT_OPEN" or "CAMPAIGN_CLOSED") is { } barred)
            return DeclarationSteps.Barred(barred.Code, barred.Words!.Value, barred.Value, barred.ExpectedWords);
        if (errors.Count > 0)
            return Problems.RulesBroken(errors);
        if (dryRun?.Value == true)
        {
            var language = RequestLanguage.Of(http.Request);
            return TypedResults.Ok(new DeclarationForecast(
                true, known.Outcome, [.. known.Findings.Select(found => ApiError.Of(DeclarationSave.InLine(found)).In(language))]));
        }

        if (await save.ApplyAsync(known, ct) is not { } written)
            return Problems.PreconditionFailed(Etag.Of(1));
        await write.CommitAsync(ct);
        return await AnswerAsync(http, db, caller, key, written, created: known.Version is null, ct);
    }

    /// <summary>Deletes a draft that was never submitted. Its versions stay.</summary>
    private static async Task<IResult> Delete(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode,
        HttpContext http, GuspDb db, Caller caller, CancellationToken ct) =>
        await StepAsync(DeclarationAction.Deleted, new(siren.Value, year.Value, qpvCode.Value), http, db, caller, ct);

    /// <summary>Every version ever accepted, oldest first: state, step, comment, who and when.</summary>
    private static async Task<IResult> Versions(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, Page page,
        HttpContext http, Snapshot snapshot, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        if (await Reader(db, caller, http).VersionsAsync(key, ct) is not { Count: > 0 } versions)
            return NotFound(key);
        var after = page.After is [var last] ? int.Parse(last, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var rows = versions.Where(version => version.Version > after).Take(page.Limit + 1).ToList();
        return TypedResults.Ok(page.Of(
            rows, versions.Count, snapshot.Revision, row => [row.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)]));
    }

    /// <summary>The declaration as it was at a version.</summary>
    private static async Task<IResult> Version(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, One<int, VersionForm> version,
        HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        return await Reader(db, caller, http).VersionAsync(key, version.Value, ct) is { } declaration
            ? Etag.Resource(http, declaration, declaration.Version)
            : Problems.NotFound("version", $"{key}/versions/{version.Value}");
    }

    /// <summary>
    /// What changed between two versions, line by line. <c>to</c> is the version that the caller sees unless said, <c>from</c> the one
    /// before it of those that the caller sees, or itself where it is the first.
    /// </summary>
    private static async Task<IResult> Diff(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, [FromQuery] One<int, VersionForm>? from,
        [FromQuery] One<int, VersionForm>? to, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        var reader = Reader(db, caller, http);
        if (await reader.VersionsAsync(key, ct) is not { Count: > 0 } versions)
            return NotFound(key);
        var last = to?.Value ?? versions[^1].Version;
        var first = from?.Value ?? versions.Where(v => v.Version < last && v.Status != DeclarationStatus.Deleted).Select(v => v.Version)
            .DefaultIfEmpty(last).Max();

        if (await reader.VersionAsync(key, last, ct) is not { } after)
            return Problems.NotFound("version", $"{key}/versions/{last}");
        return await reader.VersionAsync(key, first, ct) is { } before
            ? TypedResults.Ok(DeclarationDiff.Of(before, after))
            : Problems.NotFound("version", $"{key}/versions/{first}");
    }

    /// <summary>Submits a draft, or one whose changes were requested, to review.</summary>
    private static Task<IResult> Submit(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, HttpContext http, GuspDb db,
        Caller caller, CancellationToken ct) =>
        StepAsync(DeclarationAction.Submitted, new(siren.Value, year.Value, qpvCode.Value), http, db, caller, ct);

    /// <summary>Validates a submitted declaration: its figures are published. Whoever declares for the landlord may not.</summary>
    private static Task<IResult> Validate(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, HttpContext http, GuspDb db,
        Caller caller, CancellationToken ct) =>
        StepAsync(DeclarationAction.Validated, new(siren.Value, year.Value, qpvCode.Value), http, db, caller, ct);

    /// <summary>Sends a submitted declaration back to its landlord, who may change it and submit again.</summary>
    private static Task<IResult> RequestChanges(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, HttpContext http, GuspDb db,
        Caller caller, CancellationToken ct) =>
        StepAsync(DeclarationAction.ChangesRequested, new(siren.Value, year.Value, qpvCode.Value), http, db, caller, ct);

    /// <summary>Reopens a validated declaration, with a comment. Published figures keep counting the last validated version.</summary>
    private static Task<IResult> Reopen(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, HttpContext http, GuspDb db,
        Caller caller, CancellationToken ct) =>
        StepAsync(DeclarationAction.Reopened, new(siren.Value, year.Value, qpvCode.Value), http, db, caller, ct);

    /// <summary>Submits every declaration that the filters select; an answer for each.</summary>
    private static Task<IResult> SubmitMany(
        [AsParameters] DeclarationFilter filter, HttpContext http, GuspDb db, Caller caller, CancellationToken ct) =>
        StepsAsync(DeclarationAction.Submitted, filter, http, db, caller, ct);

    /// <summary>Validates every declaration that the filters select; an answer for each.</summary>
    private static Task<IResult> ValidateMany(
        [AsParameters] DeclarationFilter filter, HttpContext http, GuspDb db, Caller caller, CancellationToken ct) =>
        StepsAsync(DeclarationAction.Validated, filter, http, db, caller, ct);

    /// <summary>Requests changes of every declaration that the filters select; an answer for each.</summary>
    private static Task<IResult> RequestChangesOfMany(
        [AsParameters] DeclarationFilter filter, HttpContext http, GuspDb db, Caller caller, CancellationToken ct) =>
        StepsAsync(DeclarationAction.ChangesRequested, filter, http, db, caller, ct);

    /// <summary>Reopens every declaration that the filters select; an answer for each.</summary>
    private static Task<IResult> ReopenMany(
        [AsParameters] DeclarationFilter filter, HttpContext http, GuspDb db, Caller caller, CancellationToken ct) =>
        StepsAsync(DeclarationAction.Reopened, filter, http, db, caller, ct);

    private static async Task<IResult> StepAsync(
        DeclarationAction action, DeclarationKey key, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        var (comment, refusal) = action == DeclarationAction.Deleted ? (null, null) : await DeclarationBody.CommentAsync(http.Request, ct);
        if (refusal is not null)
            return refusal;

        await using var write = await Write.BeginAsync(http, db, ct, comment);
        var taken = await DeclarationSteps.TakeAsync(
            write.Connection, caller, action, comment,
            parameters =>
            {
                DeclarationReader.AddKey(parameters, key);
                return " AND " + DeclarationReader.KeyIs;
            },
            version => http.Request.Headers.IfMatch.Count > 0 && !Etag.Matches(http.Request, Etag.Of(version))
                ? Problems.PreconditionFailed(Etag.Of(version))
                : null,
            BoundOn(http, caller), ct);
        if (taken.Count == 0)
            return NotFound(key);
        if (taken[0].Refusal is { } refused)
            return refused;

        await write.CommitAsync(ct);
        return action == DeclarationAction.Deleted
            ? TypedResults.NoContent()
            : await AnswerAsync(http, db, caller, key, taken[0].Version, created: false, ct);
    }

    /// <summary>
    /// An answer for each that the caller sees, those that it may not step refused. A step for all there is, by a query string that was
    /// forgotten, would be hard to take back: a filter is required.
    /// </summary>
    private static async Task<IResult> StepsAsync(
        DeclarationAction action, DeclarationFilter filter, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        if (http.Request.Query.Count == 0)
            return Problems.InvalidParameters([ApiError.OfParameter("FILTER_REQUIRED",
                new("Say which declarations: give at least one filter, such as landlord or year.",
                    "Dites quelles déclarations : donnez au moins un filtre, tel que landlord ou year."), "landlord")]);
        var (comment, refusal) = await DeclarationBody.CommentAsync(http.Request, ct);
        if (refusal is not null)
            return refusal;

        await using var write = await Write.BeginAsync(http, db, ct, comment);
        var taken = await DeclarationSteps.TakeAsync(
            write.Connection, caller, action, comment, parameters => filter.Conditions(parameters), null, BoundOn(http, caller), ct);
        if (taken.Count > DeclarationSteps.Most)
            return Problems.InvalidParameters([ApiError.OfParameter("FILTER_TOO_WIDE",
                new($"The filters select more than {DeclarationSteps.Most} declarations: narrow them, by landlord, department or year.",
                    $"Les filtres retiennent plus de {DeclarationSteps.Most} déclarations : resserrez-les (landlord, department, year)."),
                    "landlord")]);
        await write.CommitAsync(ct);

        var language = RequestLanguage.Of(http.Request);
        var data = taken.Select(step => new StepResponse(
            step.Key.ToString(), $"/v1/declarations/{step.Key}", step.Refusal is null ? "done" : "refused", step.Version, step.Status,
            step.Refusal is { } problem
                ? new(problem.Status, problem.Code, problem.Detail.In(language),
                    problem.Extensions.GetValueOrDefault("allowedActions") as IReadOnlyList<string> ?? [],
                    [.. problem.Errors.Select(error => error.In(language))])
                : null)).ToList();
        var done = data.Count(step => step.Problem is null);
        return TypedResults.Ok(new StepsResponse(data, new(data.Count, done, data.Count - done)));
    }

    /// <summary>The version just written, even if another one followed it at once.</summary>
    internal static async Task<IResult> AnswerAsync(
        HttpContext http, GuspDb db, Caller caller, DeclarationKey key, int version, bool created, CancellationToken ct)
    {
        var declaration = await ConnectedAsync(db, () => Reader(db, caller, http).VersionAsync(key, version, ct), ct);
        if (declaration is null)
            return NotFound(key);
        http.Response.Headers.ETag = Etag.Of(version);
        return created ? TypedResults.Created($"/v1/declarations/{key}", declaration) : TypedResults.Ok(declaration);
    }

    /// <summary>Where GET would be 404 a forbidden write is 404, else 403.</summary>
    internal static async Task<IResult> RefusedAsync(
        HttpContext http, GuspDb db, Caller caller, DeclarationKey key, CancellationToken ct) =>
        await ConnectedAsync(db, () => Reader(db, caller, http).OneAsync(key, ct), ct) is null ? NotFound(key) : Problems.Forbidden();

    /// <summary>What is read outside of a transaction; its connection is given back before the answer is sent.</summary>
    private static async Task<T> ConnectedAsync<T>(GuspDb db, Func<Task<T>> read, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            return await read();
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    internal static Problem NotFound(DeclarationKey key) => Problems.NotFound("declaration", key.ToString());

    private static NpgsqlConnection Connection(GuspDb db) => (NpgsqlConnection)db.Database.GetDbConnection();

    internal static DeclarationReader Reader(GuspDb db, Caller caller, HttpContext http, long? asOf = null) =>
        new(Connection(db), caller, RequestLanguage.Of(http.Request), asOf) { Day = BoundOn(http, caller) };

    /// <summary>The day on which campaigns bind the caller; null for admin, whom they do not.</summary>
    private static DateOnly? BoundOn(HttpContext http, Caller caller) =>
        caller.IsAdmin ? null : Campaign.Today(http.RequestServices.GetRequiredService<TimeProvider>());
}
