using System.Globalization;
using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Files of many rows: received, checked row by row, written in one transaction.</summary>
internal static class ImportEndpoints
{
    private const int LongestWait = 30;

    // Most files are small and end at once; who waits for a large one, worked on elsewhere, need not ask as often.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
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
                ["text/csv", "application/json", "application/x-ndjson", "application/geo+json", ImportFormats.Workbook,
                    "application/octet-stream"],
                "siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise\n999590011;QP059001;2024;A1;3;Nettoyage "
                    + "renforcé;RENFORCEMENT;1 234,56\n"))
            .Gives("INVALID_HEADER", "CONTENT_DIGEST_MISMATCH", "IDEMPOTENCY_KEY_IN_USE", "IDEMPOTENCY_KEY_REUSED",
                "TOO_MANY_IMPORTS", "TOO_MANY_BYTES")
            .Produces<ImportResponse>(200).Produces<ImportResponse>(202)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        imports.MapGet("/", List).WithName("ListImports").Produces<Collection<ImportResponse>>();
        imports.MapGet("/{id:guid}", Get).WithName("GetImport").Produces<ImportResponse>().ProducesProblem(404);
        imports.MapDelete("/{id:guid}", Cancel).WithName("CancelImport").Gives("CANNOT_CANCEL").Produces<ImportResponse>()
            .ProducesProblem(404).ProducesProblem(409);
        imports.MapGet("/{id:guid}/errors", Errors).WithName("ListImportErrors")
            .AnswersIn<Collection<ImportErrorResponse>>().ProducesProblem(404);
        imports.MapGet("/{id:guid}/rejects", Rejects).WithName("GetImportRejects").Gives("IMPORT_NOT_ENDED", "NO_REJECTS")
            .Produces<string>(200, "text/csv", "application/json", "application/x-ndjson", "application/geo+json", ImportFormats.Workbook)
            .ProducesProblem(404).ProducesProblem(409);
        imports.MapGet("/{id:guid}/changes", Changes).WithName("ListImportChanges").Gives("NO_PLAN")
            .AnswersIn<Collection<ImportChangeResponse>>(TableFormat.Json, TableFormat.Csv).ProducesProblem(404).ProducesProblem(409);
        imports.MapPost("/{id:guid}/apply", Apply).WithName("ApplyImport").Gives("INVALID_HEADER", "NO_PLAN", "PLAN_HAS_ERRORS", "STALE")
            .Produces<ImportResponse>(200).Produces<ImportResponse>(202).ProducesProblem(404).ProducesProblem(409);
        imports.MapTemplate();
        api.MapSchema();
    }

    /// <summary>
    /// Sends a file: CSV (any separator, French or English headers), XLSX, JSON, NDJSON, or GeoJSON for qpvs. Idempotency-Key is required;
    /// the same request again gives the same import. 202 with its address, or 200 when it ends within <c>Prefer: wait=N</c> (N ≤ 30
    /// seconds).
    /// </summary>
    private static async Task<IResult> Post(
        [AsParameters] ImportParameters asked, HttpContext http, Caller caller, GuspDb db, ImportReception reception, ImportSignal signal,
        Transfers transfers, CancellationToken ct)
    {
        if (asked.Dataset is not { Wrong: null } dataset)
            return Problems.InvalidParameters([ApiError.OfParameter("REQUIRED",
                new("Say what the file holds.", "Dites ce que contient le fichier."), "dataset", null, DatasetForm.Expected)]);
        // Territories, QPVs and landlords are admin's to write; whose declarations and holdings, each row is asked.
        if (!caller.IsAdmin && dataset.Value is not ("declarations" or "holdings"))
            return Problems.Forbidden();
        if (http.Request.Headers["Idempotency-Key"] is not [{ Length: > 0 and <= 200 } key] || key.AsSpan()
            .ContainsAnyExceptInRange(' ', '~'))
            return ImportProblems.KeyMissing();
        if (!TryWait(http.Request, out var wait))
            return WrongWait();
        if (!ContentDigest.TryRead(http.Request, out var digest))
            return ImportProblems.DigestInvalid();
        if (!ImportFormats.IsTaken(http.Request.ContentType, dataset.Value))
            return Problems.UnsupportedMediaType(ImportFormats.Accepted);
        if (http.Request.Headers.ContentEncoding is { Count: > 0 } coding && !coding.ToString()
            .Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Problems.UnsupportedMediaType(new Text(
                "bytes as they are, without Content-Encoding", "octets tels quels, sans Content-Encoding"));
        if (ImportFormats.Charset(http.Request.ContentType) is { } charset && !Latin.Knows(charset))
            return Problems.UnsupportedMediaType(new Text(
                "UTF-8, windows-1252, iso-8859-1 or iso-8859-15", "UTF-8, windows-1252, iso-8859-1 ou iso-8859-15"));
        if (http.Request.ContentLength > ImportReception.BodyLimit)
            return Problems.TooLarge(ImportReception.BodyLimit);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = ImportReception.BodyLimit;

        var upload = new ImportUpload(caller.Name, http.TraceIdentifier, caller.IsAdmin ? null : [.. caller.Landlords], key, dataset.Value,
            asked.Mode?.Value ?? "apply", asked.Submit?.Value ?? false, asked.Atomicity?.Value ?? "declaration", asked.Sheet?.Value,
            http.Request.ContentType, digest);
        var (id, replayed, refusal) = await ReceiveAsync(reception, upload, http, caller, transfers, ct);
        if (refusal is not null)
            return refusal;

        signal.TellReceived();
        if (replayed)
            http.Response.Headers["Idempotent-Replayed"] = "true";
        return await AnswerAsync(http, db, signal, transfers, id, wait, ct);
    }

    /// <summary>The imports, the newest first: one's own; all, for admin.</summary>
    private static async Task<IResult> List(
        [AsParameters] ImportFilter filter, HttpContext http, GuspDb db, Caller caller, Page page, Snapshot snapshot, CancellationToken ct)
    {
        var visible = filter.Of(db.Imports.VisibleTo(caller));
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
            return NotFound(id);
        if (!import.Ended)
            http.Response.Headers.RetryAfter = RetryAfter;
        return TypedResults.Ok(import);
    }

    /// <summary>
    /// Cancels an import that is not writing yet, or gives up the plan of a dry run. Nothing of it is kept but its record.
    /// </summary>
    private static async Task<IResult> Cancel(Guid id, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        // Taken by one statement: the worker's own step to APPLYING comes before it or after, never at the same time.
        await db.Imports.VisibleTo(caller).Where(import => import.Id == id && Cancellable.Contains(import.State)).ExecuteUpdateAsync(
            import => import.SetProperty(i => i.State, "CANCELLED").SetProperty(i => i.EndedAt, DateTime.UtcNow)
                .SetProperty(i => i.CancelledBy, caller.Name), ct);
        if (await ReadAsync(http, db, caller, id, ct) is not { } cancelled)
            return NotFound(id);
        return cancelled.State == "CANCELLED" ? TypedResults.Ok(cancelled) : ImportProblems.CannotCancel(cancelled.State);
    }

    /// <summary>Everything that is wrong with the rows of an import, warnings included, in the order it was found.</summary>
    private static async Task<IResult> Errors(
        Guid id, [AsParameters] ImportErrorFilter filter, HttpContext http, GuspDb db, Caller caller, Page page, Listing listing,
        CancellationToken ct)
    {
        if (!await db.Imports.VisibleTo(caller).AnyAsync(import => import.Id == id, ct))
            return NotFound(id);
        var errors = db.ImportErrors.Where(error => error.ImportId == id);
        if (filter.Severity is { Values: var severities })
            errors = errors.Where(error => severities.Contains(error.Severity));

        var after = page.After is [var no] ? int.Parse(no, CultureInfo.InvariantCulture) : 0;
        var rest = errors.Where(error => error.No > after).OrderBy(error => error.No)
            .Select(ImportErrorResponse.In(RequestLanguage.Of(http.Request) == Language.French));
        return await listing.AnswerAsync(
            page, errors, rest, ImportErrorResponse.Columns, error => [error.No.ToString(CultureInfo.InvariantCulture)], ct);
    }

    /// <summary>
    /// Every row of each rejected declaration, byte for byte as it was sent and in the format it was sent in, with two columns (members, in
    /// JSON) that say why: mend them and post the file again.
    /// </summary>
    private static async Task<IResult> Rejects(
        Guid id, HttpContext http, GuspDb db, Caller caller,
        Transfers transfers, [FromKeyedServices(DatabaseSetup.Transfers)] NpgsqlDataSource source, CancellationToken ct)
    {
        if (await db.Imports.VisibleTo(caller).SingleOrDefaultAsync(import => import.Id == id, ct) is not { } import)
            return NotFound(id);
        if (import.EndedAt is null)
            return ImportProblems.NotEnded();
        if (import.Rejected == 0)
            return ImportProblems.NoRejects();
        if (transfers.Download(http, connections: 2) is { } busy)
            return busy;

        // The bytes are read while the reasons are: a connection each.
        var (files, reasons) = (await ForStreamAsync(http, source, ct), await ForStreamAsync(http, source, ct));
        return await new ImportRejects(files, reasons, id, ImportOrder.Of(import), RequestLanguage.Of(http.Request)).AnswerAsync(ct);
    }

    /// <summary>
    /// What a dry run would change, object by object in the order of their keys: before, after, and the lines that differ.
    /// </summary>
    private static async Task<IResult> Changes(
        Guid id, HttpContext http, GuspDb db, Caller caller, Page page, Snapshot snapshot, CancellationToken ct)
    {
        if (await db.Imports.VisibleTo(caller).SingleOrDefaultAsync(import => import.Id == id, ct) is not { } import)
            return NotFound(id);
        if (import.Plan is null || import.State == "CANCELLED")
            return ImportProblems.NoPlan();
        if (Representation.Of(http) is { IsFile: true } asked)
            return new CsvFile("changes.csv", asked.Dialect, ImportPlan.RowsAsync(Connection(db), id, import.Dataset, ct));

        var changes = db.ImportChanges.Where(change => change.ImportId == id);
        var total = await changes.LongCountAsync(ct);
        var after = page.After is [var no] ? int.Parse(no, CultureInfo.InvariantCulture) : 0;
        var rows = await changes.Where(change => change.No > after).OrderBy(change => change.No).Take(page.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(page.Of(
            [.. rows.Select(ImportChangeResponse.From)], total, snapshot.Revision, change =>
                [change.No.ToString(CultureInfo.InvariantCulture)]));
    }

    /// <summary>
    /// Carries out the plan of a dry run on those very bytes, or refuses it with 409 STALE when something it touches has changed since.
    /// 202 with its address, or 200 when it ends within <c>Prefer: wait=N</c>. Asked again, it answers with the import as it stands.
    /// </summary>
    private static async Task<IResult> Apply(
        Guid id, HttpContext http, GuspDb db, Caller caller, ImportSignal signal, Transfers transfers, CancellationToken ct)
    {
        if (!TryWait(http.Request, out var wait))
            return WrongWait();
        if (await db.Imports.VisibleTo(caller).SingleOrDefaultAsync(import => import.Id == id, ct) is not { } import)
            return NotFound(id);
        if (import.Plan is null || import.State is "CANCELLED" or "FAILED")
            return ImportProblems.NoPlan();
        if (import.Atomicity == "all" && import.Errors > 0)
            return ImportProblems.PlanHasErrors();

        await db.Database.OpenConnectionAsync(ct);
        var state = await ImportPlan.IsStaleAsync(Connection(db), id, import.Dataset, ct) ? "STALE" : "APPLYING";
        var taken = await ImportSql.RunAsync(Connection(db), """
            update import set state = $2, ended_at = case $2 when 'STALE' then clock_timestamp() end, percent = case $2 when 'STALE'
              then 100 else 0 end,
                attempts = 0, applied_by = $3, apply_request_id = $4,
                created = case $2 when 'STALE' then 0 else created end, updated = case $2 when 'STALE' then 0 else updated end,
                unchanged = case $2 when 'STALE' then 0 else unchanged end
            where id = $1 and state = 'VALIDATED'
            """, ct, id, state, caller.Name, http.TraceIdentifier);
        await db.Database.CloseConnectionAsync();
        if (taken == 0)
            http.Response.Headers["Idempotent-Replayed"] = "true";
        signal.TellReceived();
        return await AnswerAsync(http, db, signal, transfers, id, wait, ct, refuseStale: true);
    }

    private static readonly string[] Cancellable = ["RECEIVED", "VALIDATING", "VALIDATED"];

    private static Problem NotFound(Guid id) => Problems.NotFound("import", id.ToString());

    private static Problem WrongWait() =>
        Problems.InvalidHeader(new("Prefer: wait=N takes 0 to 30 seconds.", "Prefer: wait=N accepte de 0 à 30 secondes."));

    private static async Task<(Guid Id, bool Replayed, Problem? Refusal)> ReceiveAsync(
        ImportReception reception, ImportUpload upload, HttpContext http, Caller caller, Transfers transfers, CancellationToken ct)
    {
        using var place = transfers.Upload(caller);
        return place.Refusal is { } busy ? (default, false, busy) : await reception.ReceiveAsync(upload, http.Request.Body, ct);
    }

    /// <summary>
    /// A connection that lives until the answer is sent. What is streamed from it does not change any more: no snapshot is needed.
    /// </summary>
    private static async Task<NpgsqlConnection> ForStreamAsync(HttpContext http, NpgsqlDataSource source, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        http.Response.RegisterForDisposeAsync(connection);
        return connection;
    }

    private static NpgsqlConnection Connection(GuspDb db) => (NpgsqlConnection)db.Database.GetDbConnection();

    // By what the caller may write today: rights that were taken back take the imports made with them along.
    private static IQueryable<Import> VisibleTo(this IQueryable<Import> imports, Caller caller)
    {
        if (caller.IsAdmin)
            return imports;
        var landlords = caller.Landlords.ToArray();
        return imports.Where(import => import.Actor == caller.Name && import.Landlords != null
            && import.Landlords.All(siren => landlords.Contains(siren)));
    }

    private sealed record Numbered(Import Import, long? Revision);

    private static IQueryable<Numbered> WithRevision(GuspDb db, IQueryable<Import> imports) =>
        imports.Select(import => new Numbered(
            import, db.ChangeSets.Where(set => set.Id == import.ChangeSetId).Select(set => set.Revision).FirstOrDefault()));

    private static async Task<ImportResponse?> ReadAsync(HttpContext http, GuspDb db, Caller? caller, Guid id, CancellationToken ct)
    {
        var imports = caller is null ? db.Imports : db.Imports.VisibleTo(caller);
        var row = await WithRevision(db, imports.Where(import => import.Id == id)).SingleOrDefaultAsync(ct);
        return row is null ? null : ImportResponse.From(row.Import, row.Revision, RequestLanguage.Of(http.Request));
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http, GuspDb db, ImportSignal signal, Transfers transfers, Guid id, int wait, CancellationToken ct,
        bool refuseStale = false)
    {
        using var place = transfers.Wait();
        var atMost = TimeSpan.FromSeconds(place.IsAcquired ? wait : 0);
        var pause = ShortestPause;
        var until = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var next = signal.Next;
            var import = (await ReadAsync(http, db, null, id, ct))!;
            if (refuseStale && import.State == "STALE")
                return ImportProblems.Stale();
            var late = TimeProvider.System.GetElapsedTime(until) >= atMost;
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
            Admission.Leave(http);
            await signal.WaitForWorkAsync(id, next, pause, ct);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
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
