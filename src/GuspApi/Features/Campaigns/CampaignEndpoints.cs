using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Campaigns;

/// <summary>When the declarations of each year are made.</summary>
internal static class CampaignEndpoints
{
    public static void MapCampaigns(this RouteGroupBuilder api)
    {
        var campaigns = api.MapGroup("/campaigns").WithTags("Campaigns");
        campaigns.MapGet("", List).WithName("ListCampaigns").RequireAuthorization(Policies.Open).WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<CampaignResponse>>();
        campaigns.MapGet("/{year}", Get).WithName("GetCampaign").RequireAuthorization(Policies.Open).Produces<CampaignResponse>();
        campaigns.MapPut("/{year}", Put).WithName("PutCampaign").RequireAuthorization(Policies.Admin)
            .Produces<CampaignResponse>().Produces<CampaignResponse>(201).ProducesProblem(412).ProducesProblem(422);
    }

    /// <summary>The campaigns, by year. A year without one has no restriction.</summary>
    private static async Task<IResult> List(
        Many<short, YearForm>? year, Page page, Listing listing, GuspDb db, TimeProvider time, CancellationToken ct)
    {
        var campaigns = year is { Values: var years } ? db.Campaigns.Where(c => years.Contains(c.Year)) : db.Campaigns;
        var rest = page.After is [var last] && short.TryParse(last, out var after) ? campaigns.Where(c => c.Year > after) : campaigns;
        return await listing.AnswerAsync(
            page, campaigns, rest.OrderBy(c => c.Year).Select(CampaignResponse.On(Campaign.Today(time))), CampaignResponse.Columns,
            c => [c.Year.ToString(CultureInfo.InvariantCulture)], ct);
    }

    /// <summary>The campaign of a year, and how far it is today.</summary>
    private static async Task<IResult> Get(One<short, YearForm> year, HttpContext http, GuspDb db, TimeProvider time, CancellationToken ct)
    {
        var campaigns = db.Campaigns.Where(c => c.Year == year.Value).Select(CampaignResponse.On(Campaign.Today(time)));
        if (await campaigns.SingleOrDefaultAsync(ct) is not { } campaign)
            return Problems.NotFound("campaign", year.Value.ToString(CultureInfo.InvariantCulture));

        // Never 304: the state changes with the day, and not the version, which is what a PUT goes by.
        http.Response.Headers.ETag = Etag.Of(campaign.Version);
        return TypedResults.Ok(campaign);
    }

    /// <summary>
    /// Creates or replaces the campaign of a year. <c>If-None-Match: *</c> creates only, <c>If-Match</c> replaces what was read.
    /// </summary>
    private static async Task<IResult> Put(
        One<short, YearForm> year, PutCampaign body, One<bool, BooleanForm>? dryRun, HttpContext http, GuspDb db, TimeProvider time,
        CancellationToken ct)
    {
        await using var write = await Write.BeginAsync(http, db, ct);
        var present = await db.Campaigns.FromSql($"select * from campaign where year = {year.Value} for update").SingleOrDefaultAsync(ct);
        if (Conditions.Check(http.Request, present?.Version) is { } refusal)
            return refusal;

        var (opensOn, dueOn, closesOn) = (body.OpensOn!.Value, body.DueOn!.Value, body.ClosesOn);
        var version = present?.Version ?? 0;
        if (present is null || (present.OpensOn, present.DueOn, present.ClosesOn) != (opensOn, dueOn, closesOn))
        {
            version++;
            if (!await SaveAsync(year.Value, opensOn, dueOn, closesOn, version, db, ct))
                return Problems.PreconditionFailed("v1");
        }
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);

        http.Response.Headers.ETag = Etag.Of(version);
        var next = new CampaignResponse(
            year.Value, opensOn, dueOn, closesOn, Campaign.StateOn(Campaign.Today(time), opensOn, dueOn, closesOn), version);
        return present is null ? TypedResults.Created($"/v1/campaigns/{next.Year}", next) : TypedResults.Ok(next);
    }

    /// <summary>False when another request created it in the meantime; a replaced row is locked, so nobody changed it.</summary>
    private static async Task<bool> SaveAsync(
        short year, DateOnly opensOn, DateOnly dueOn, DateOnly? closesOn, int version, GuspDb db, CancellationToken ct)
    {
        var rows = version == 1
            ? await db.Database.ExecuteSqlAsync($"""
                insert into campaign (year, opens_on, due_on, closes_on, version) values ({year}, {opensOn}, {dueOn}, {closesOn}, 1)
                on conflict do nothing
                """, ct)
            : await db.Database.ExecuteSqlAsync($"""
                update campaign set opens_on = {opensOn}, due_on = {dueOn}, closes_on = {closesOn}, version = {version} where year = {year}
                """, ct);
        return rows == 1;
    }
}
