using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>The figures: what was spent, for how many dwellings, against which abatement.</summary>
internal static class IndicatorEndpoints
{
    public static void MapIndicators(this RouteGroupBuilder api)
    {
        var indicators = api.MapGroup("/indicators").WithTags("Indicators").RequireAuthorization(Policies.Open);
        indicators.MapGet("/", List).WithName("ListIndicators").WithMetadata(new TagsWithRevision(), new Expensive())
            .AnswersIn<IndicatorPage>([.. AnswersIn.Tables, TableFormat.GeoJson])
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);
        indicators.MapGet("/sources", Sources).WithName("ListIndicatorSources").RequireAuthorization(Policies.Read)
            .WithMetadata(new TagsWithRevision(), new Expensive())
            .AnswersIn<Collection<IndicatorSource>>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);
        indicators.MapGet("/definitions", Definitions).WithName("GetIndicatorDefinitions");
    }

    /// <summary>
    /// Figures by any dimension: sum first, divide once, round last. The <c>links.sources</c> of a row lead to the declarations and
    /// holdings behind it; with <c>asOf</c> the figures are those of a past state. GeoJSON, with <c>qpv</c> in <c>groupBy</c>, has the
    /// figures as properties of the contours.
    /// </summary>
    private static async Task<IResult> List(
        [AsParameters] IndicatorFilter filter, Page page, Listing listing, HttpContext http, GuspDb db, Snapshot snapshot, Caller caller,
        TimeProvider time, CancellationToken ct)
    {
        var (request, errors) = filter.Read(caller, Campaign.Today(time), snapshot.AsOf);
        if (Refusal(request, errors, caller) is { } refusal)
            return refusal;
        if (listing.Format == TableFormat.GeoJson && !request.GroupBy.Contains(Dimensions.Qpv))
            return Problems.InvalidParameters([IndicatorFile.WithoutContours(http.Request.Query["groupBy"])]);
        if (page.After is { } after)
        {
            if (IndicatorFilter.Position(after, request) is not { } position)
                return Problems.InvalidParameters([WrongCursor(http.Request.Query["cursor"])]);
            request = request with { After = position };
        }

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var unknown = await IndicatorWarnings.UnknownCodesAsync(connection, request, ct);
        var isNothing = request.GroupBy.Count == 0 && unknown.Count > 0 && await IsEmptyAsync(connection, request, ct);
        if (listing.IsWhole)
            return await new IndicatorFile(connection, request, listing.Format).WholeAsync(isNothing, filter.Totals is { Value: true }, ct);

        var totals = filter.Totals is { Value: true } ? (await IndicatorTable.ReadAsync(connection, request.Total(), ct))
            .Rows.Single() : null;
        // One row more than the page tells whether there is a next one. Contours, if any, are read after it.
        var table = await IndicatorTable.ReadAsync(
            connection, request with { Limit = page.Limit + 1 }, ct, endsTransaction: listing.Format != TableFormat.GeoJson);
        IReadOnlyList<IndicatorFigures> rows = isNothing ? [] : table.Rows;
        var shown = rows.Take(page.Limit).ToList();
        var language = RequestLanguage.Of(http.Request);
        var warnings = unknown.Concat(IndicatorWarnings.NotComparable(request, shown))
            .Concat(IndicatorWarnings.Nulls(request, totals is null ? shown : shown.Append(totals))).Select(text => text.In(language));
        var collection = page.Of(rows, isNothing ? 0 : table.Total, snapshot.Revision,
            row => [.. row.Keys.Select(key => key ?? "")], warnings);
        if (listing.Format != TableFormat.Json)
            return new IndicatorFile(connection, request, listing.Format).Of(shown.ToAsyncEnumerable(), totals);
        return TypedResults.Ok(new IndicatorPage(
            [.. collection.Data.Select(row => IndicatorRow.From(request, row))],
            totals is null ? null : IndicatorRow.From(request.Total(), totals), collection.Meta, collection.Links));
    }

    /// <summary>
    /// The declarations and holdings behind a figure, at the versions that count: same parameters, and the sums of the amounts give it.
    /// <c>groupBy</c>, <c>measures</c>, <c>sort</c> and <c>totals</c> change nothing here. <c>expected</c> and <c>completeness</c> speak of
    /// all holdings: ask with <c>perimeter=all</c>.
    /// </summary>
    private static async Task<IResult> Sources(
        [AsParameters] IndicatorFilter filter, Page page, Listing listing, HttpContext http, GuspDb db, Snapshot snapshot, Caller caller,
        TimeProvider time, CancellationToken ct)
    {
        var (request, errors) = filter.Read(caller, Campaign.Today(time), snapshot.AsOf);
        if (Refusal(request, errors, caller) is { } refusal)
            return refusal;

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (listing.IsWhole)
            return new TableFile<IndicatorSource>(
                IndicatorSources.Columns, IndicatorSources.AllAsync(connection, request with { After = page.After }));
        var unknown = await IndicatorWarnings.UnknownCodesAsync(connection, request, ct);
        var (rows, total) = await IndicatorSources.ReadAsync(connection, request with { After = page.After, Limit = page.Limit + 1 }, ct);
        return listing.Answer(
            page.Of(rows, total, snapshot.Revision, IndicatorSources.Key,
                unknown.Select(text => text.In(RequestLanguage.Of(http.Request)))),
            IndicatorSources.Columns);
    }

    private static Problem? Refusal(IndicatorRequest request, IReadOnlyList<ApiError> errors, Caller caller)
    {
        if (errors.Count > 0)
            return Problems.InvalidParameters(errors);
        if (request.Status == IndicatorStatus.Submitted && !(caller.IsAdmin || caller.Declare || caller.Review))
            return caller.SeesLines ? Problems.Forbidden() : Problems.Unauthorized(keySent: false);
        return null;
    }

    /// <summary>
    /// What each measure means: formula, unit, decimals, the dimensions it allows and its source; and what each basis does.
    /// </summary>
    private static Ok<IndicatorDefinitions> Definitions() => TypedResults.Ok(new IndicatorDefinitions(
        [.. Measures.All.Select(MeasureDefinition.Of)],
        [.. Dimensions.All.Select(d => new DimensionDefinition(d.Name, Translated.Of(d.Label)))],
        Bases.All));

    /// <summary>A code that does not exist gives no row, not a row of zeros.</summary>
    private static async Task<bool> IsEmptyAsync(NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
    {
        var any = request with { GroupBy = [Dimensions.Qpv], Measures = [Measures.Expense], Sort = [], Limit = 1 };
        return (await IndicatorTable.ReadAsync(connection, any, ct)).Rows.Count == 0;
    }

    private static ApiError WrongCursor(string? cursor) => ApiError.OfParameter("INVALID_CURSOR",
        new("This cursor does not belong to this query. Follow links.next from the first page.",
            "Ce curseur n'appartient pas à cette requête. Suivez links.next depuis la première page."),
        "cursor", cursor, CursorForm.Expected);
}
