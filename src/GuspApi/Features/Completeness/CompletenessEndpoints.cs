using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Completeness;

/// <summary>
/// Which declarations are there, of those expected: the counts for everybody, the list of the missing for those concerned.
/// </summary>
internal static class CompletenessEndpoints
{
    public static void MapCompleteness(this RouteGroupBuilder api)
    {
        var completeness = api.MapGroup("/completeness").WithTags("Completeness").WithMetadata(new TagsWithRevision(), new Expensive());
        completeness.MapGet("", Count).WithName("ListCompleteness").RequireAuthorization(Policies.Open).AnswersIn<CompletenessPage>();
        completeness.MapGet("/missing", Missing).WithName("ListMissingDeclarations").RequireAuthorization(Policies.Perimeter)
            .AnswersIn<Collection<MissingDeclaration>>();
    }

    /// <summary>
    /// Declarations expected, received, late, validated and missing, by landlord, département, EPCI or year; the last complete year unless
    /// said. A QPV in two EPCI is whole under each and once in the totals.
    /// </summary>
    private static async Task<IResult> Count(
        [AsParameters] CompletenessFilter filter, Many<CompletenessDimension, LowerCaseForm<CompletenessDimension>>? groupBy, Page page,
        HttpContext http, Listing listing, Snapshot snapshot, GuspDb db, TimeProvider time, CancellationToken ct)
    {
        var currentYear = Campaign.Today(time).Year;
        if (filter.Refusal(currentYear) is { } refusal)
            return refusal;
        var groups = groupBy?.Values ?? [];
        var query = new CompletenessQuery(Connection(db), filter, currentYear);
        var (rows, total) = await query.CountAsync(groups, page.After, listing.IsWhole ? int.MaxValue : page.Limit + 1, ct);
        if (listing.IsWhole)
            return new TableFile<CompletenessRow>(CompletenessRow.Columns(groups), rows.ToAsyncEnumerable());
        var totals = await query.TotalAsync(ct);
        await filter.WarnAsync(listing, db, ct);

        var warnings = rows.Exists(row => row.Late is null)
            ? listing.Warnings.Append(NoCampaign.In(RequestLanguage.Of(http.Request)))
            : listing.Warnings;
        var collection = page.Of(rows, total, snapshot.Revision, row => CompletenessQuery.Position(row, groups), warnings);
        return listing.Format == TableFormat.Json
            ? TypedResults.Ok(new CompletenessPage(collection.Data, totals, collection.Meta, collection.Links))
            : listing.Answer(collection, CompletenessRow.Columns(groups));
    }

    /// <summary>
    /// The declarations that are expected and were not submitted: a landlord's own, those of a reviewer's départements, all for admin; by
    /// landlord, year and QPV. The last complete year unless said.
    /// </summary>
    private static async Task<IResult> Missing(
        [AsParameters] CompletenessFilter filter, Page page, Listing listing, Snapshot snapshot, GuspDb db,
        Caller caller, TimeProvider time,
        CancellationToken ct)
    {
        var currentYear = Campaign.Today(time).Year;
        if (filter.Refusal(currentYear) is { } refusal)
            return refusal;
        var query = new CompletenessQuery(Connection(db), filter, currentYear);
        if (listing.IsWhole)
            return new TableFile<MissingDeclaration>(
                MissingDeclaration.Columns, query.MissingAsync(caller, page.After, limit: null).Select(found => found.Row));
        var found = await query.MissingAsync(caller, page.After, page.Limit + 1, ct).ToListAsync(ct);
        await filter.WarnAsync(listing, db, ct);
        return listing.Answer(
            page.Of(
                found.ConvertAll(item => item.Row), found.FirstOrDefault().Total, snapshot.Revision,
                row => [row.Landlord.Siren, row.Year.ToString(System.Globalization.CultureInfo.InvariantCulture), row.Qpv.Code],
                listing.Warnings),
            MissingDeclaration.Columns);
    }

    private static readonly Text NoCampaign = new(
        "late is null where no year has a campaign.", "late est nul là où aucune année n'a de campagne.");

    private static NpgsqlConnection Connection(GuspDb db) => (NpgsqlConnection)db.Database.GetDbConnection();
}
