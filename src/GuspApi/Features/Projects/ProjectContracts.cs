using System.Linq.Expressions;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Projects;

/// <summary>An action sheet: what was done in a neighbourhood, told for readers.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Title">Its title.</param>
/// <param name="Description">What was done.</param>
/// <param name="Objectives">What it aims at.</param>
/// <param name="AnnualBudget">EUR per year.</param>
/// <param name="Partners">Who took part.</param>
/// <param name="LandlordName">The landlord, as the source names it.</param>
/// <param name="Siren">SIREN of the landlord, where known.</param>
/// <param name="Qpv">Code of the QPV, where known.</param>
/// <param name="Commune">The commune, where known.</param>
/// <param name="Axis">Number of the axis, where the source says it.</param>
/// <param name="Year">The year, where the source says it.</param>
/// <param name="Source">Where this comes from.</param>
/// <param name="Version">Its version, as in the ETag.</param>
public sealed record ProjectResponse(
    long Id, string Title, string Description, IReadOnlyList<string> Objectives, decimal? AnnualBudget, IReadOnlyList<string> Partners,
    string LandlordName, string? Siren, string? Qpv, CodeAndName? Commune, int? Axis, int? Year, string Source, int Version)
{
    internal static readonly Expression<Func<Project, ProjectResponse>> From = p => new(
        p.Id, p.Title, p.Description, p.Objectives, p.AnnualBudget, p.Partners, p.LandlordName, p.LandlordSiren, p.QpvCode,
        p.Commune == null ? null : new CodeAndName(p.Commune.Code, p.Commune.Name), p.Axis, p.Year, p.Source, p.Version);

    internal static readonly Columns<ProjectResponse> Columns = new()
    {
        { "id", p => p.Id }, { "title", "titre", p => p.Title }, { "description", p => p.Description },
        { "objectives", "objectifs", p => string.Join("; ", p.Objectives) },
        { "annual_budget", "budget_annuel", p => p.AnnualBudget },
        { "partners", "partenaires", p => string.Join("; ", p.Partners) },
        { "landlord_name", "nom_bailleur", p => p.LandlordName }, { "siren", p => p.Siren },
        { "qpv_code", "code_qpv", p => p.Qpv }, { "commune", "code_commune", p => p.Commune?.Code },
        { "commune_name", "nom_commune", p => p.Commune?.Name }, { "axis", "axe", p => p.Axis },
        { "year", "annee", p => p.Year }, { "source", p => p.Source },
    };
}

internal sealed record ProjectFilter(
    One<string, WordsForm>? Q, Many<string, SirenForm>? Landlord, Many<string, QpvForm>? Qpv, Many<string, DepartmentForm>? Department,
    Many<string, CommuneForm>? Commune, Many<short, AxisForm>? Axis, Many<short, YearForm>? Year) : IUrlParameters;
