using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Imports;

/// <summary>Files of many rows: received, checked row by row, written in one transaction.</summary>
internal static class ImportEndpoints
{
    private const int LongestWait = 30;
    private const string RetryAfter = "1";

    public static void AddImports(this IServiceCollection services)
    {
        services.AddSingleton<ImportReception>();
        services.AddSingleton<ImportSignal>();
        services.AddHostedService<ImportWorker>();
    }

    public static void MapImports(this RouteGroupBuilder api)
    {
        var imports = api.MapGroup("/imports").WithTags("Imports").RequireAuthorization(Policies.Declare);
        imports.MapPost("/", Post).WithName("PostImport").WithMetadata(new RequiredParameter("dataset"), new TakesFile(
                ["text/csv", "application/json", "application/x-ndjson", "application/geo+json", ImportFormats.Workbook],
                "siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise\n999590011;QP059001;2024;A1;3;Nettoyage renforcé;RENFORCEMENT;1 234,56\n"))
            .Produces<ImportResponse>(200).Produces<ImportResponse>(202)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        imports.MapGet("/", List).WithName("ListImports").Produces<Collection<ImportResponse>>();
        imports.MapGet("/{id:guid}", Get).WithName("GetImport").Produces<ImportResponse>().ProducesProblem(404);
        imports.MapGet("/{id:guid}/errors", Errors).WithName("ListImportErrors").Produces<Collection<ImportErrorResponse>>().ProducesProblem(404);
        imports.MapTemplate();
        api.MapSchema();
    }

    /// <summary>
    /// Sends a file: CSV (any separator, French or English headers), XLSX, JSON, NDJSON, or GeoJSON for qpvs. Idempotency-Key is required; the same
    /// request again gives the same import. 202 with its address, or 200 when it ends within <c>Prefer: wait=N</c> (N ≤ 30 seconds).
    /// </summary>
    private static async Task<IResult> Post(
        [AsParameters] ImportParameters asked, HttpContext http, Caller caller, GuspDb db, ImportReception reception, ImportSignal signal, CancellationToken ct)
    {
        if (asked.Dataset is not { Wrong: null } dataset)
            return Problems.InvalidParameters([ApiError.OfParameter("REQUIRED",
                new("Say what the file holds.", "Dites ce que contient le fichier."), "dataset", null, DatasetForm.Expected)]);
        if (!caller.IsAdmin)
            return Problems.Forbidden();
        if (http.Request.Headers["Idempotency-Key"] is not [{ Length: > 0 and <= 200 } key] || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return ImportProblems.KeyMissing();
        if (!TryWait(http.Request, out var wait))
            return Problems.InvalidHeader(new("Prefer: wait=N takes 0 to 30 seconds.", "Prefer: wait=N accepte de 0 à 30 secondes."));
        if (!ImportFormats.IsTaken(http.Request.ContentType, dataset.Value))
            return Problems.UnsupportedMediaType(ImportFormats.Accepted);
        if (ImportFormats.Charset(http.Request.ContentType) is { } charset && !Latin.Knows(charset))
            return Problems.UnsupportedMediaType("UTF-8, windows-1252, iso-8859-1 or iso-8859-15");
        if (http.Request.ContentLength > ImportReception.BodyLimit)
            return Problems.TooLarge(ImportReception.BodyLimit);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = ImportReception.BodyLimit;

        var order = new ImportOrder(caller.Name, key, dataset.Value, asked.Mode?.Value ?? "apply", asked.Submit?.Value ?? false,
            asked.Atomicity?.Value ?? "declaration", http.Request.ContentType);
        var (id, replayed, refusal) = await reception.ReceiveAsync(order, http.Request.Body, ct);
        if (refusal is not null)
            return refusal;

        signal.Raise();
        if (replayed)
            http.Response.Headers["Idempotent-Replayed"] = "true";
        return await AnswerAsync(http, db, id, wait, ct);
    }

    /// <summary>The imports, the newest first: one's own; all, for admin.</summary>
    private static async Task<IResult> List(HttpContext http, GuspDb db, Caller caller, Page page, Snapshot snapshot, CancellationToken ct)
    {
        var visible = db.Imports.VisibleTo(caller);
        var total = await visible.LongCountAsync(ct);
        if (page.After is [var after] && Guid.TryParse(after, out var last))
            visible = visible.Where(import => import.Id < last);

        // Version 7 identifiers: their order is that of reception.
        var rows = await WithRevision(db, visible.OrderByDescending(import => import.Id).Take(page.Limit + 1)).ToListAsync(ct);

        var language = RequestLanguage.Of(http.Request);
        var data = rows.Select(row => ImportResponse.From(row.Import, row.Revision, language)).ToList();
        return TypedResults.Ok(page.Of(data, total, snapshot.Revision, import => [import.Id.ToString()]));
    }

    /// <summary>An import: its state, its progress, its outcome.</summary>
    private static async Task<IResult> Get(Guid id, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        if (await ReadAsync(http, db, caller, id, ct) is not { } import)
            return Problems.NotFound("import", id.ToString());
        if (!import.Ended)
            http.Response.Headers.RetryAfter = RetryAfter;
        return TypedResults.Ok(import);
    }

    /// <summary>Everything that is wrong with the rows of an import, warnings included, in the order it was found.</summary>
    private static async Task<IResult> Errors(Guid id, HttpContext http, GuspDb db, Caller caller, Page page, Snapshot snapshot, CancellationToken ct)
    {
        if (!await db.Imports.VisibleTo(caller).AnyAsync(import => import.Id == id, ct))
            return Problems.NotFound("import", id.ToString());

        var errors = db.ImportErrors.Where(error => error.ImportId == id);
        var total = await errors.LongCountAsync(ct);
        var after = page.After is [var no] ? int.Parse(no, CultureInfo.InvariantCulture) : 0;

        var rows = await errors.Where(error => error.No > after).OrderBy(error => error.No).Take(page.Limit + 1)
            .Select(ImportErrorResponse.In(RequestLanguage.Of(http.Request) == Language.French)).ToListAsync(ct);
        return TypedResults.Ok(page.Of(rows, total, snapshot.Revision, error => [error.No.ToString(CultureInfo.InvariantCulture)]));
    }

    private static IQueryable<Import> VisibleTo(this IQueryable<Import> imports, Caller caller) =>
        caller.IsAdmin ? imports : imports.Where(import => import.Actor == caller.Name);

    private sealed record Numbered(Import Import, long? Revision);

    private static IQueryable<Numbered> WithRevision(GuspDb db, IQueryable<Import> imports) =>
        imports.Select(import => new Numbered(import, db.ChangeSets.Where(set => set.Id == import.ChangeSetId).Select(set => set.Revision).FirstOrDefault()));

    private static async Task<ImportResponse?> ReadAsync(HttpContext http, GuspDb db, Caller? caller, Guid id, CancellationToken ct)
    {
        var imports = caller is null ? db.Imports : db.Imports.VisibleTo(caller);
        var row = await WithRevision(db, imports.Where(import => import.Id == id)).SingleOrDefaultAsync(ct);
        return row is null ? null : ImportResponse.From(row.Import, row.Revision, RequestLanguage.Of(http.Request));
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, GuspDb db, Guid id, int wait, CancellationToken ct)
    {
        var until = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var import = (await ReadAsync(http, db, null, id, ct))!;
            var late = TimeProvider.System.GetElapsedTime(until) >= TimeSpan.FromSeconds(wait);
            if (import.Ended && (wait > 0 || late))
            {
                if (import.Revision is { } revision)
                    http.Response.Headers["Gusp-Revision"] = revision.ToString(CultureInfo.InvariantCulture);
                if (wait > 0)
                    http.Response.Headers["Preference-Applied"] = $"wait={wait}";
                return TypedResults.Ok(import);
            }
            if (late)
            {
                http.Response.Headers.RetryAfter = RetryAfter;
                return TypedResults.Accepted($"/v1/imports/{id}", import);
            }
            await Task.Delay(15, ct);
        }
    }

    private static bool TryWait(HttpRequest request, out int seconds)
    {
        seconds = 0;
        foreach (var preference in request.Headers["Prefer"].SelectMany(value => (value ?? "").Split(',')).Select(value => value.Trim()))
        {
            if (!preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!int.TryParse(preference.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds > LongestWait)
                return false;
        }
        return true;
    }
}
