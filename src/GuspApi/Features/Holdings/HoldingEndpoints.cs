using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Holdings;

/// <summary>What landlords have in the QPVs, year by year.</summary>
internal static class HoldingEndpoints
{
    public static void MapHoldings(this RouteGroupBuilder api)
    {
        // Who may write which is decided with the holding in hand, so that a forbidden write of what is not there is 404.
        var holdings = api.MapGroup("/holdings").WithTags("Holdings").RequireAuthorization(Policies.Read);
        holdings.MapGet("", List).WithName("ListHoldings").WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<HoldingResponse>>();
        holdings.MapGet("/{siren}/{year}/{qpvCode}", Get).WithName("GetHolding").Produces<HoldingResponse>();
        holdings.MapPut("/{siren}/{year}/{qpvCode}", HoldingWrite.Put).WithName("PutHolding").Gives("HOLDING_LOCKED")
            .Produces<HoldingResponse>().Produces<HoldingResponse>(201).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422)
            .ProducesProblem(428);
        holdings.MapDelete("/{siren}/{year}/{qpvCode}", HoldingWrite.Delete).WithName("DeleteHolding").Gives("HOLDING_DECLARED")
            .Produces(204).ProducesProblem(409).ProducesProblem(412);
        holdings.MapGet("/{siren}/{year}/{qpvCode}/versions", Versions).WithName("ListHoldingVersions").WithMetadata(new TagsWithRevision())
            .Produces<Collection<ObjectVersion<PutHolding>>>().ProducesProblem(404);
        holdings.MapGet("/{siren}/{year}/{qpvCode}/versions/{version}", Version).WithName("GetHoldingVersion")
            .Produces<ObjectVersion<PutHolding>>().ProducesProblem(404);
    }

    /// <summary>The holdings, by landlord, year and QPV; with <c>asOf</c>, as they stood then.</summary>
    private static async Task<IResult> List(
        [AsParameters] HoldingFilter filter, One<AsOf, AsOfForm>? asOf, Page page, Listing listing, Snapshot snapshot,
        GuspDb db, CancellationToken ct)
    {
        var holdings = Select(filter, Seen(db, snapshot));
        await listing.WarnAsync("landlord", filter.Landlord?.Values, db.Landlords.Select(l => l.Siren), ct);
        await listing.WarnAsync("qpv", filter.Qpv?.Values, db.Qpvs.Select(q => q.Code), ct);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("commune", filter.Commune?.Values, db.Communes.Select(c => c.Code), ct);
        await listing.WarnAsync("epci", filter.Epci?.Values, db.Epcis.Select(e => e.Code), ct);

        var rest = page.After is [var siren, var text, var code] && short.TryParse(text, out var year)
            ? holdings.Where(h => EF.Functions.GreaterThan(
                ValueTuple.Create(h.LandlordSiren, h.Year, h.QpvCode), ValueTuple.Create(siren, year, code)))
            : holdings;
        return await listing.AnswerAsync(
            page, holdings, rest.OrderBy(h => h.LandlordSiren).ThenBy(h => h.Year).ThenBy(h => h.QpvCode).Select(HoldingResponse.From),
            HoldingResponse.Columns, h => [h.Landlord.Siren, h.Year.ToString(CultureInfo.InvariantCulture), h.Qpv.Code], ct);
    }

    /// <summary>One holding; with <c>asOf</c>, as it stood then.</summary>
    private static async Task<IResult> Get(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, One<AsOf, AsOfForm>? asOf,
        HttpContext http, Snapshot snapshot, GuspDb db, CancellationToken ct)
    {
        var holding = await Seen(db, snapshot)
            .Where(h => h.LandlordSiren == siren.Value && h.Year == year.Value && h.QpvCode == qpvCode.Value)
            .Select(HoldingResponse.From).SingleOrDefaultAsync(ct);
        return holding is null
            ? Problems.NotFound("holding", $"{siren.Value}/{year.Value}/{qpvCode.Value}")
            : Etag.Resource(http, holding, holding.Version);
    }

    /// <summary>Every version ever accepted of a holding, oldest first, deletions included: what, who, when, for which request.</summary>
    private static Task<IResult> Versions(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, Page page,
        ObjectVersions versions, CancellationToken ct) =>
        versions.ListAsync<PutHolding>("holding", $"{siren.Value}/{year.Value}/{qpvCode.Value}", page, ct);

    /// <summary>A holding as it was at a version.</summary>
    private static Task<IResult> Version(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, One<int, VersionForm> version,
        ObjectVersions versions, CancellationToken ct) =>
        versions.OneAsync<PutHolding>("holding", $"{siren.Value}/{year.Value}/{qpvCode.Value}", version.Value, ct);

    private static IQueryable<Holding> Seen(GuspDb db, Snapshot snapshot) =>
        snapshot.AsOf is { } revision ? db.Holdings.FromSql($"select * from holding_at({revision})") : db.Holdings;

    private static IQueryable<Holding> Select(HoldingFilter filter, IQueryable<Holding> holdings)
    {
        if (filter.Landlord is { Values: var landlords })
            holdings = holdings.Where(h => landlords.Contains(h.LandlordSiren));
        if (filter.Qpv is { Values: var qpvs })
            holdings = holdings.Where(h => qpvs.Contains(h.QpvCode));
        if (filter.Department is { Values: var departments })
            holdings = holdings.Where(h => departments.Contains(h.Qpv!.DepartmentCode));
        if (filter.Commune is { Values: var communes })
            holdings = holdings.Where(h => h.Qpv!.Communes.Any(c => communes.Contains(c.CommuneCode)));
        if (filter.Epci is { Values: var epcis })
            holdings = holdings.Where(h => h.Qpv!.Communes.Any(c => epcis.Contains(c.Commune!.EpciCode)));
        if (filter.Year is { Values: var years })
            holdings = holdings.Where(h => years.Contains(h.Year));
        return holdings;
    }
}
