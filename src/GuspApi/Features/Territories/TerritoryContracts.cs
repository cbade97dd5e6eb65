using System.Linq.Expressions;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Territories;

/// <summary>A region of France.</summary>
/// <param name="Code">INSEE code: <c>32</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where this comes from, and its licence.</param>
/// <param name="SourceDate">The day the source describes.</param>
public sealed record RegionResponse(string Code, string Name, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Region, RegionResponse>> From = r => new(r.Code, r.Name, r.Source, r.SourceDate);

    internal static readonly Columns<RegionResponse> Columns = new()
    {
        { "code", r => r.Code }, { "name", "nom", r => r.Name }, { "source", "source", r => r.Source },
        { "source_date", "date_source", r => r.SourceDate },
    };
}

/// <summary>A département, or an overseas collectivity.</summary>
/// <param name="Code">INSEE code: <c>02</c>, <c>2A</c>, <c>974</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Region">Its region.</param>
/// <param name="Source">Where this comes from, and its licence.</param>
/// <param name="SourceDate">The day the source describes.</param>
public sealed record DepartmentResponse(string Code, string Name, CodeAndName Region, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Department, DepartmentResponse>> From =
        d => new(d.Code, d.Name, new CodeAndName(d.Region!.Code, d.Region.Name), d.Source, d.SourceDate);

    internal static readonly Columns<DepartmentResponse> Columns = new()
    {
        { "code", d => d.Code }, { "name", "nom", d => d.Name }, { "region", d => d.Region.Code },
        { "region_name", "nom_region", d => d.Region.Name }, { "source", "source", d => d.Source },
        { "source_date", "date_source", d => d.SourceDate },
    };
}

/// <summary>An intercommunal body (EPCI).</summary>
/// <param name="Code">Its SIREN.</param>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where this comes from, and its licence.</param>
/// <param name="SourceDate">The day the source describes.</param>
public sealed record EpciResponse(string Code, string Name, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Epci, EpciResponse>> From = e => new(e.Code, e.Name, e.Source, e.SourceDate);

    internal static readonly Columns<EpciResponse> Columns = new()
    {
        { "code", e => e.Code }, { "name", "nom", e => e.Name }, { "source", "source", e => e.Source },
        { "source_date", "date_source", e => e.SourceDate },
    };
}

/// <summary>A commune.</summary>
/// <param name="Code">INSEE code: <c>59350</c>.</param>
/// <param name="Name">Its present name.</param>
/// <param name="Department">Its département.</param>
/// <param name="Region">Its region.</param>
/// <param name="Epci">Its EPCI, or null.</param>
/// <param name="Source">Where this comes from, and its licence.</param>
/// <param name="SourceDate">The day the source describes.</param>
public sealed record CommuneResponse(
    string Code, string Name, CodeAndName Department, CodeAndName Region, CodeAndName? Epci, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Commune, CommuneResponse>> From = c => new(
        c.Code, c.Name, new CodeAndName(c.Department!.Code, c.Department.Name),
        new CodeAndName(c.Department.Region!.Code, c.Department.Region.Name),
        c.Epci == null ? null : new CodeAndName(c.Epci.Code, c.Epci.Name), c.Source, c.SourceDate);

    internal static readonly Columns<CommuneResponse> Columns = new()
    {
        { "code", "code_insee", c => c.Code }, { "name", "nom", c => c.Name },
        { "department", "departement", c => c.Department.Code },
        { "department_name", "nom_departement", c => c.Department.Name }, { "region", "insee_reg", c => c.Region.Code },
        { "region_name", "nom_region", c => c.Region.Name }, { "epci", "siren_epci", c => c.Epci?.Code },
        { "epci_name", "epci_nom", c => c.Epci?.Name },
    };
}

internal sealed record RegionFilter(One<string, WordsForm>? Q) : IUrlParameters;

internal sealed record DepartmentFilter(One<string, WordsForm>? Q, Many<string, RegionForm>? Region) : IUrlParameters;

internal sealed record EpciFilter(One<string, WordsForm>? Q, Many<string, RegionForm>? Region, Many<string, DepartmentForm>? Department)
    : IUrlParameters;

internal sealed record CommuneFilter(
    One<string, WordsForm>? Q, Many<string, RegionForm>? Region, Many<string, DepartmentForm>? Department, Many<string, EpciForm>? Epci)
    : IUrlParameters;
