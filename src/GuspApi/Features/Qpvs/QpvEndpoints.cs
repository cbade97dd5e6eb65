using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Qpvs;

/// <summary>The priority neighbourhoods of both lists.</summary>
internal static class QpvEndpoints
{
    public static void MapQpvs(this RouteGroupBuilder api)
    {
        var qpvs = api.MapGroup("/qpvs").WithTags("QPVs");
        qpvs.MapGet("", List).WithName("ListQpvs").RequireAuthorization(Policies.Open).WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<QpvResponse>>([.. AnswersIn.Tables, TableFormat.GeoJson]);
        qpvs.MapGet("/{code}", Get).WithName("GetQpv").RequireAuthorization(Policies.Open)
            .AnswersIn<QpvResponse>(new AnswersIn(TableFormat.Json, TableFormat.GeoJson) { Streams = false });
        qpvs.MapPut("/{code}", QpvWrite.Put).WithName("PutQpv").RequireAuthorization(Policies.Admin)
            .Produces<QpvResponse>().Produces<QpvResponse>(201).ProducesProblem(412).ProducesProblem(422);
        qpvs.MapGet("/{code}/versions", Versions).WithName("ListQpvVersions").RequireAuthorization(Policies.Read)
            .WithMetadata(new TagsWithRevision())
            .Produces<Collection<ObjectVersion<PutQpv>>>().ProducesProblem(404);
        qpvs.MapGet("/{code}/versions/{version}", Version).WithName("GetQpvVersion").RequireAuthorization(Policies.Read)
            .Produces<ObjectVersion<PutQpv>>().ProducesProblem(404);
    }

    /// <summary>
    /// The QPVs, by code. <c>landlord</c> selects those where it has, or had, dwellings; <c>bbox</c> those that touch it. GeoJSON has their
    /// contours, null where they are not known.
    /// </summary>
    private static async Task<IResult> List(
        [AsParameters] QpvFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var qpvs = Select(filter, db);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("commune", filter.Commune?.Values, db.Communes.Select(c => c.Code), ct);
        await listing.WarnAsync("epci", filter.Epci?.Values, db.Epcis.Select(e => e.Code), ct);
        await listing.WarnAsync("landlord", filter.Landlord?.Values, db.Landlords.Select(l => l.Siren), ct);

        var rest = page.After is [var code] ? qpvs.Where(q => string.Compare(q.Code, code) > 0) : qpvs;
        if (listing.IsWhole)
            return Answer(QpvFile.RowsAsync(rest, db));
        var collection = await listing.ToAsync(page, qpvs, rest.OrderBy(q => q.Code).Select(QpvResponse.From(db)), q => [q.Code], ct);
        return listing.Format == TableFormat.Json ? TypedResults.Ok(collection) : Answer(collection.Data.ToAsyncEnumerable());

        IResult Answer(IAsyncEnumerable<QpvResponse> rows) => listing.Format == TableFormat.GeoJson
            ? new GeoJsonFile(QpvFile.FeaturesAsync(rows, db))
            : new TableFile<QpvResponse>(QpvResponse.Columns, rows);
    }

    /// <summary>One QPV, with its geometry where it is known.</summary>
    private static async Task<IResult> Get(One<string, QpvForm> code, HttpContext http, GuspDb db, CancellationToken ct)
    {
        var qpvs = db.Qpvs.Where(q => q.Code == code.Value).AsSplitQuery();
        if (await qpvs.Select(QpvResponse.From(db)).SingleOrDefaultAsync(ct) is not { } qpv)
            return Problems.NotFound("QPV", code.Value);

        var geometry = await qpvs.Select(q => q.Geometry).SingleAsync(ct);
        if (Representation.Of(http).Format == TableFormat.GeoJson && !Etag.IsKnown(http.Request, Etag.Of(qpv.Version)))
        {
            http.Response.Headers.ETag = Etag.Of(qpv.Version);
            return QpvFile.Feature(qpv, geometry);
        }
        return Etag.Resource(http, qpv with { Geometry = geometry }, qpv.Version);
    }

    /// <summary>
    /// Every version ever accepted of a QPV, with its communes and predecessors, oldest first: what, who, when, for which request.
    /// </summary>
    private static Task<IResult> Versions(One<string, QpvForm> code, Page page, ObjectVersions versions, CancellationToken ct) =>
        versions.ListAsync<PutQpv>("qpv", code.Value, page, ct);

    /// <summary>A QPV as it was at a version.</summary>
    private static Task<IResult> Version(
        One<string, QpvForm> code, One<int, VersionForm> version, ObjectVersions versions, CancellationToken ct) =>
        versions.OneAsync<PutQpv>("qpv", code.Value, version.Value, ct);

    private static IQueryable<Qpv> Select(QpvFilter filter, GuspDb db)
    {
        var qpvs = db.Qpvs.AsSplitQuery();
        if (filter.Q is { Value: var words })
            qpvs = qpvs.Where(q => GuspDb.Fold(q.Name).Contains(GuspDb.Fold(words)) || GuspDb.Fold(q.Code).Contains(GuspDb.Fold(words)));
        if (filter.Department is { Values: var departments })
            qpvs = qpvs.Where(q => departments.Contains(q.DepartmentCode));
        if (filter.Commune is { Values: var communes })
            qpvs = qpvs.Where(q => q.Communes.Any(c => communes.Contains(c.CommuneCode)));
        if (filter.Epci is { Values: var epcis })
            qpvs = qpvs.Where(q => q.Communes.Any(c => epcis.Contains(c.Commune!.EpciCode)));
        if (filter.Landlord is { Values: var landlords })
            qpvs = qpvs.Where(q => db.Holdings.Any(h => h.QpvCode == q.Code && landlords.Contains(h.LandlordSiren)));
        if (filter.Generation is { Values: var generations })
            qpvs = qpvs.Where(q => generations.Contains(q.Generation));
        if (filter.Bbox is { Value: var box })
        {
            qpvs = qpvs.Where(q => q.MinLongitude <= box.East && q.MaxLongitude >= box.West
                && q.MinLatitude <= box.North && q.MaxLatitude >= box.South);
        }
        return qpvs;
    }
}
