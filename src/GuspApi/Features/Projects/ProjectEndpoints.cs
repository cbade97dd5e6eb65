using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Projects;

/// <summary>The projects that illustrate what is done.</summary>
internal static class ProjectEndpoints
{
    public static void MapProjects(this RouteGroupBuilder api)
    {
        var projects = api.MapGroup("/projects").WithTags("Projects").RequireAuthorization(Policies.Open);
        projects.MapGet("", List).WithName("ListProjects").WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<ProjectResponse>>();
        projects.MapGet("/{id}", Get).WithName("GetProject").Produces<ProjectResponse>();
    }

    /// <summary>The projects, by number. <c>q</c> looks in title, description and landlord.</summary>
    private static async Task<IResult> List(
        [AsParameters] ProjectFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var projects = Select(filter, db.Projects);
        await listing.WarnAsync("landlord", filter.Landlord?.Values, db.Landlords.Select(l => l.Siren), ct);
        await listing.WarnAsync("qpv", filter.Qpv?.Values, db.Qpvs.Select(q => q.Code), ct);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("commune", filter.Commune?.Values, db.Communes.Select(c => c.Code), ct);

        var rest = page.After is [var after] && long.TryParse(after, out var id) ? projects.Where(p => p.Id > id) : projects;
        return await listing.AnswerAsync(
            page, projects, rest.OrderBy(p => p.Id).Select(ProjectResponse.From), ProjectResponse.Columns,
            p => [p.Id.ToString(CultureInfo.InvariantCulture)], ct);
    }

    /// <summary>One project.</summary>
    private static async Task<IResult> Get(One<long, NumberForm> id, HttpContext http, GuspDb db, CancellationToken ct) =>
        await db.Projects.Where(p => p.Id == id.Value).Select(ProjectResponse.From).SingleOrDefaultAsync(ct) is { } project
            ? Etag.Resource(http, project, project.Version)
            : Problems.NotFound("project", id.Value.ToString(CultureInfo.InvariantCulture));

    private static IQueryable<Project> Select(ProjectFilter filter, IQueryable<Project> projects)
    {
        if (filter.Q is { Value: var words })
            projects = projects.Where(p => GuspDb.Fold(p.Title + " " + p.Description + " " + p.LandlordName).Contains(GuspDb.Fold(words)));
        if (filter.Landlord is { Values: var landlords })
            projects = projects.Where(p => landlords.Contains(p.LandlordSiren));
        if (filter.Qpv is { Values: var qpvs })
            projects = projects.Where(p => qpvs.Contains(p.QpvCode));
        if (filter.Department is { Values: var departments })
            projects = projects.Where(p => departments.Contains(p.Commune!.DepartmentCode));
        if (filter.Commune is { Values: var communes })
            projects = projects.Where(p => communes.Contains(p.CommuneCode));
        if (filter.Axis is { Values: var axes })
            projects = projects.Where(p => p.Axis != null && axes.Contains(p.Axis.Value));
        if (filter.Year is { Values: var years })
            projects = projects.Where(p => p.Year != null && years.Contains(p.Year.Value));
        return projects;
    }
}
