using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Territories;

/// <summary>Regions, départements, EPCI and communes, with source and date.</summary>
internal static class TerritoryEndpoints
{
    public static void MapTerritories(this RouteGroupBuilder api)
    {
        var territories = api.MapGroup("").WithTags("Territories").RequireAuthorization(Policies.Open).WithMetadata(new TagsWithRevision());
        territories.MapGet("/regions", Regions).WithName("ListRegions").AnswersIn<Collection<RegionResponse>>();
        territories.MapGet("/regions/{code}", Region).WithName("GetRegion");
        territories.MapGet("/departments", Departments).WithName("ListDepartments").AnswersIn<Collection<DepartmentResponse>>();
        territories.MapGet("/departments/{code}", Department).WithName("GetDepartment");
        territories.MapGet("/epcis", Epcis).WithName("ListEpcis").AnswersIn<Collection<EpciResponse>>();
        territories.MapGet("/epcis/{code}", Epci).WithName("GetEpci");
        territories.MapGet("/communes", Communes).WithName("ListCommunes").AnswersIn<Collection<CommuneResponse>>();
        territories.MapGet("/communes/{code}", Commune).WithName("GetCommune");
    }

    /// <summary>The regions of France.</summary>
    private static async Task<IResult> Regions(
        [AsParameters] RegionFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var regions = db.Regions.AsQueryable();
        if (filter.Q is { Value: var words })
            regions = regions.Where(r => GuspDb.Fold(r.Name).Contains(GuspDb.Fold(words)));

        var rest = page.After is [var code] ? regions.Where(r => string.Compare(r.Code, code) > 0) : regions;
        return await listing.AnswerAsync(
            page, regions, rest.OrderBy(r => r.Code).Select(RegionResponse.From),
            RegionResponse.Columns, r => [r.Code], ct);
    }

    /// <summary>One region.</summary>
    private static async Task<Results<Ok<RegionResponse>, Problem>> Region(One<string, RegionForm> code, GuspDb db, CancellationToken ct) =>
        await db.Regions.Where(r => r.Code == code.Value).Select(RegionResponse.From).SingleOrDefaultAsync(ct) is { } region
            ? TypedResults.Ok(region)
            : Problems.NotFound("region", code.Value);

    /// <summary>The départements of France.</summary>
    private static async Task<IResult> Departments(
        [AsParameters] DepartmentFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var departments = db.Departments.AsQueryable();
        if (filter.Q is { Value: var words })
            departments = departments.Where(d => GuspDb.Fold(d.Name).Contains(GuspDb.Fold(words)));
        if (filter.Region is { Values: var regions })
            departments = departments.Where(d => regions.Contains(d.RegionCode));
        await listing.WarnAsync("region", filter.Region?.Values, db.Regions.Select(r => r.Code), ct);

        var rest = page.After is [var code] ? departments.Where(d => string.Compare(d.Code, code) > 0) : departments;
        return await listing.AnswerAsync(
            page, departments, rest.OrderBy(d => d.Code).Select(DepartmentResponse.From),
            DepartmentResponse.Columns, d => [d.Code], ct);
    }

    /// <summary>One département.</summary>
    private static async Task<Results<Ok<DepartmentResponse>, Problem>> Department(
        One<string, DepartmentForm> code, GuspDb db, CancellationToken ct) =>
        await db.Departments.Where(d => d.Code == code.Value).Select(DepartmentResponse.From).SingleOrDefaultAsync(ct) is { } department
            ? TypedResults.Ok(department)
            : Problems.NotFound("department", code.Value);

    /// <summary>The intercommunal bodies known here: those of Hauts-de-France, and those imported QPV lists name.</summary>
    private static async Task<IResult> Epcis(
        [AsParameters] EpciFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var epcis = db.Epcis.AsQueryable();
        if (filter.Q is { Value: var words })
            epcis = epcis.Where(e => GuspDb.Fold(e.Name).Contains(GuspDb.Fold(words)));
        if (filter.Region is { Values: var regions })
            epcis = epcis.Where(e => db.Communes.Any(c => c.EpciCode == e.Code && regions.Contains(c.Department!.RegionCode)));
        if (filter.Department is { Values: var departments })
            epcis = epcis.Where(e => db.Communes.Any(c => c.EpciCode == e.Code && departments.Contains(c.DepartmentCode)));
        await listing.WarnAsync("region", filter.Region?.Values, db.Regions.Select(r => r.Code), ct);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);

        var rest = page.After is [var code] ? epcis.Where(e => string.Compare(e.Code, code) > 0) : epcis;
        return await listing.AnswerAsync(
            page, epcis, rest.OrderBy(e => e.Code).Select(EpciResponse.From),
            EpciResponse.Columns, e => [e.Code], ct);
    }

    /// <summary>One intercommunal body.</summary>
    private static async Task<Results<Ok<EpciResponse>, Problem>> Epci(One<string, EpciForm> code, GuspDb db, CancellationToken ct) =>
        await db.Epcis.Where(e => e.Code == code.Value).Select(EpciResponse.From).SingleOrDefaultAsync(ct) is { } epci
            ? TypedResults.Ok(epci)
            : Problems.NotFound("EPCI", code.Value);

    /// <summary>The communes known here: those of Hauts-de-France, and those imported QPV lists name.</summary>
    private static async Task<IResult> Communes(
        [AsParameters] CommuneFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var communes = db.Communes.AsQueryable();
        if (filter.Q is { Value: var words })
            communes = communes.Where(c => GuspDb.Fold(c.Name).Contains(GuspDb.Fold(words)));
        if (filter.Region is { Values: var regions })
            communes = communes.Where(c => regions.Contains(c.Department!.RegionCode));
        if (filter.Department is { Values: var departments })
            communes = communes.Where(c => departments.Contains(c.DepartmentCode));
        if (filter.Epci is { Values: var epcis })
            communes = communes.Where(c => epcis.Contains(c.EpciCode));
        await listing.WarnAsync("region", filter.Region?.Values, db.Regions.Select(r => r.Code), ct);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("epci", filter.Epci?.Values, db.Epcis.Select(e => e.Code), ct);

        var rest = page.After is [var code] ? communes.Where(c => string.Compare(c.Code, code) > 0) : communes;
        return await listing.AnswerAsync(
            page, communes, rest.OrderBy(c => c.Code).Select(CommuneResponse.From),
            CommuneResponse.Columns, c => [c.Code], ct);
    }

    /// <summary>One commune.</summary>
    private static async Task<Results<Ok<CommuneResponse>, Problem>> Commune(
        One<string, CommuneForm> code, GuspDb db, CancellationToken ct) =>
        await db.Communes.Where(c => c.Code == code.Value).Select(CommuneResponse.From).SingleOrDefaultAsync(ct) is { } commune
            ? TypedResults.Ok(commune)
            : Problems.NotFound("commune", code.Value);
}
