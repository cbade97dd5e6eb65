using GuspApi.Features.Indicators;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Reports;

/// <summary>What a report speaks of: the territory or landlord, what it is divided into, and the regions it lies in.</summary>
internal sealed record ReportSubject(ReportScope Scope, string Code)
{
    public const string France = "FR";

    /// <summary>The dimension that selects it; null for the whole of France.</summary>
    public Dimension? Own => Scope switch
    {
        ReportScope.Country => null,
        ReportScope.Region => Dimensions.Region,
        ReportScope.Department => Dimensions.Department,
        ReportScope.Epci => Dimensions.Epci,
        ReportScope.Commune => Dimensions.Commune,
        ReportScope.Qpv => Dimensions.Qpv,
        _ => Dimensions.Landlord,
    };

    public Dimension Next => Scope switch
    {
        ReportScope.Country => Dimensions.Region,
        ReportScope.Region => Dimensions.Department,
        ReportScope.Department => Dimensions.Epci,
        ReportScope.Epci => Dimensions.Commune,
        ReportScope.Commune => Dimensions.Qpv,
        ReportScope.Qpv => Dimensions.Landlord,
        _ => Dimensions.Department,
    };

    public Dictionary<Dimension, string[]> Filters => Own is { } own ? new() { [own] = [Code] } : [];

    /// <summary>Its name; null when there is no such code.</summary>
    public Task<string?> LabelAsync(GuspDb db, CancellationToken ct) =>
        Scope == ReportScope.Country ? Task.FromResult<string?>("France") : (Scope switch
        {
            ReportScope.Region => db.Regions.Where(r => r.Code == Code).Select(r => r.Name),
            ReportScope.Department => db.Departments.Where(d => d.Code == Code).Select(d => d.Name),
            ReportScope.Epci => db.Epcis.Where(e => e.Code == Code).Select(e => e.Name),
            ReportScope.Commune => db.Communes.Where(c => c.Code == Code).Select(c => c.Name),
            ReportScope.Qpv => db.Qpvs.Where(q => q.Code == Code).Select(q => q.Name),
            _ => db.Landlords.Where(l => l.Siren == Code).Select(l => l.Name),
        }).FirstOrDefaultAsync(ct);

    /// <summary>The regions it lies in, to compare it with; none for a region, which is compared with France, and for France.</summary>
    public async Task<List<Region>> RegionsAsync(GuspDb db, CancellationToken ct)
    {
        var departments = Scope switch
        {
            ReportScope.Department => db.Departments.Where(d => d.Code == Code),
            ReportScope.Epci => db.Communes.Where(c => c.EpciCode == Code).Select(c => c.Department!),
            ReportScope.Commune => db.Communes.Where(c => c.Code == Code).Select(c => c.Department!),
            ReportScope.Qpv => db.Qpvs.Where(q => q.Code == Code).Select(q => q.Department!),
            ReportScope.Landlord => db.Holdings.Where(h => h.LandlordSiren == Code).Select(h => h.Qpv!.Department!),
            _ => null,
        };
        return departments is null ? [] : await db.Regions.Where(r => departments.Any(d => d.RegionCode == r.Code)).OrderBy(r => r.Name)
            .ToListAsync(ct);
    }

    /// <summary>Projects of the period told of this territory or landlord; those without a place illustrate their region only.</summary>
    public IQueryable<Project> Projects(GuspDb db, int from, int to)
    {
        var projects = db.Projects.Where(p => p.Year == null || (p.Year >= from && p.Year <= to));
        return Scope switch
        {
            ReportScope.Country => projects,
            ReportScope.Region => projects.Where(
                p => p.Commune == null || db.Departments.Any(d => d.Code == p.Commune.DepartmentCode && d.RegionCode == Code)),
            ReportScope.Department => projects.Where(p => p.Commune!.DepartmentCode == Code),
            ReportScope.Epci => projects.Where(p => p.Commune!.EpciCode == Code),
            ReportScope.Commune => projects.Where(p => p.CommuneCode == Code),
            ReportScope.Qpv => projects.Where(p => p.QpvCode == Code),
            _ => projects.Where(p => p.LandlordSiren == Code),
        };
    }
}
