using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Landlords;

/// <summary>The social landlords.</summary>
internal static class LandlordEndpoints
{
    public static void MapLandlords(this RouteGroupBuilder api)
    {
        var landlords = api.MapGroup("/landlords").WithTags("Landlords");
        landlords.MapGet("", List).WithName("ListLandlords").RequireAuthorization(Policies.Open).WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<LandlordResponse>>();
        landlords.MapGet("/{siren}", Get).WithName("GetLandlord").RequireAuthorization(Policies.Open).WithMetadata(new OneStatement())
            .Produces<LandlordResponse>();
        landlords.MapPut("/{siren}", Put).WithName("PutLandlord").RequireAuthorization(Policies.Admin)
            .Produces<LandlordResponse>().Produces<LandlordResponse>(201).ProducesProblem(412).ProducesProblem(422);
        landlords.MapGet("/{siren}/versions", Versions).WithName("ListLandlordVersions").RequireAuthorization(Policies.Read)
            .WithMetadata(new TagsWithRevision())
            .Produces<Collection<ObjectVersion<PutLandlord>>>().ProducesProblem(404);
        landlords.MapGet("/{siren}/versions/{version}", Version).WithName("GetLandlordVersion").RequireAuthorization(Policies.Read)
            .Produces<ObjectVersion<PutLandlord>>().ProducesProblem(404);
    }

    /// <summary>The landlords, by SIREN. Place filters select those that have, or had, dwellings there.</summary>
    private static async Task<IResult> List(
        [AsParameters] LandlordFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var landlords = Select(filter, db);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("commune", filter.Commune?.Values, db.Communes.Select(c => c.Code), ct);
        await listing.WarnAsync("qpv", filter.Qpv?.Values, db.Qpvs.Select(q => q.Code), ct);

        var rest = page.After is [var siren] ? landlords.Where(l => string.Compare(l.Siren, siren) > 0) : landlords;
        return await listing.AnswerAsync(
            page, landlords, rest.OrderBy(l => l.Siren).Select(LandlordResponse.From), LandlordResponse.Columns, l => [l.Siren], ct);
    }

    /// <summary>One landlord.</summary>
    private static async Task<IResult> Get(One<string, SirenForm> siren, HttpContext http, NpgsqlDataSource source, CancellationToken ct)
    {
        // Asked for most of all, so by one statement that brings its revision along.
        await using var command = source.CreateCommand($"""
            select r.revision, l.siren, l.name, l.family, l.active_from, l.active_to, l.successor_siren, l.version
            from ({PresentRevision.OfSnapshot} as revision) r left join landlord l on l.siren = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = siren.Value });
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        Snapshot.Tell(http, row.GetInt64(0));
        if (row.IsDBNull(1))
            return Problems.NotFound("landlord", siren.Value);

        var landlord = new LandlordResponse(
            row.GetString(1), row.GetString(2), Capitals.Parse<LandlordFamily>(row.GetString(3)), row.IsDBNull(4) ? null : row.GetInt16(4),
            row.IsDBNull(5) ? null : row.GetInt16(5), row.IsDBNull(6) ? null : row.GetString(6), row.GetInt32(7));
        return Etag.Resource(http, landlord, landlord.Version);
    }

    /// <summary>Creates or replaces a landlord. <c>If-None-Match: *</c> creates only, <c>If-Match</c> replaces what was read.</summary>
    private static async Task<IResult> Put(
        One<string, SirenForm> siren, PutLandlord body, One<bool, BooleanForm>? dryRun, HttpContext http, GuspDb db, CancellationToken ct)
    {
        await using var write = await Write.BeginAsync(http, db, ct);
        await DatasetLock.TakeAsync(write.Connection, "landlords", ct);
        var present = await db.Landlords.FromSql($"select * from landlord where siren = {siren.Value} for no key update")
            .SingleOrDefaultAsync(ct);
        if (Conditions.Check(http.Request, present?.Version) is { } refusal)
            return refusal;
        if (await BrokenAsync(siren.Value, body, db, ct) is { Count: > 0 } errors)
            return Problems.RulesBroken(errors);

        var next = new LandlordResponse(
            siren.Value, body.Name!.Trim(), body.Family!.Value, body.ActiveFrom, body.ActiveTo, body.SuccessorSiren, present?.Version ?? 0);
        if (present is null || LandlordResponse.From.Compile()(present) != next)
        {
            next = next with { Version = next.Version + 1 };
            if (!await SaveAsync(next, create: present is null, db, ct))
                return Problems.PreconditionFailed("v1");
        }
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);

        http.Response.Headers.ETag = Etag.Of(next.Version);
        return present is null ? TypedResults.Created($"/v1/landlords/{next.Siren}", next) : TypedResults.Ok(next);
    }

    /// <summary>Every version ever accepted of a landlord, oldest first: what, who, when, for which request.</summary>
    private static Task<IResult> Versions(One<string, SirenForm> siren, Page page, ObjectVersions versions, CancellationToken ct) =>
        versions.ListAsync<PutLandlord>("landlord", siren.Value, page, ct);

    /// <summary>A landlord as it was at a version.</summary>
    private static Task<IResult> Version(
        One<string, SirenForm> siren, One<int, VersionForm> version, ObjectVersions versions, CancellationToken ct) =>
        versions.OneAsync<PutLandlord>("landlord", siren.Value, version.Value, ct);

    private static IQueryable<Landlord> Select(LandlordFilter filter, GuspDb db)
    {
        var landlords = db.Landlords.AsQueryable();
        if (filter.Q is { Value: var words })
            landlords = landlords.Where(l => GuspDb.Fold(l.Name).Contains(GuspDb.Fold(words)) || l.Siren == words);
        if (filter.Family is { Values: var families })
            landlords = landlords.Where(l => families.Contains(l.Family));
        if (filter.Department is null && filter.Commune is null && filter.Qpv is null)
            return landlords;

        var places = db.Holdings.AsQueryable();
        if (filter.Department is { Values: var departments })
            places = places.Where(h => departments.Contains(h.Qpv!.DepartmentCode));
        if (filter.Commune is { Values: var communes })
            places = places.Where(h => h.Qpv!.Communes.Any(c => communes.Contains(c.CommuneCode)));
        if (filter.Qpv is { Values: var qpvs })
            places = places.Where(h => qpvs.Contains(h.QpvCode));
        return landlords.Where(l => places.Any(h => h.LandlordSiren == l.Siren));
    }

    private static async Task<List<ApiError>> BrokenAsync(string siren, PutLandlord body, GuspDb db, CancellationToken ct)
    {
        if (body.SuccessorSiren is not { } successor)
            return [];
        if (successor == siren)
        {
            return [ApiError.OfBody("SUCCESSOR_ITSELF", new(
                "A landlord is not its own successor.", "Un bailleur n'est pas son propre successeur."),
                "/successorSiren", successor, new("the SIREN of another landlord, or null", "le SIREN d'un autre bailleur, ou null"))];
        }
        var heirs = await db.Database.SqlQuery<string>($"""
            with recursive heir as (
              select siren, successor_siren from landlord where siren = {successor}
              union
              select l.siren, l.successor_siren from heir h join landlord l on l.siren = h.successor_siren
            )
            select siren as "Value" from heir
            """).ToListAsync(ct);
        if (heirs.Count == 0)
        {
            return [ApiError.OfBody("SUCCESSOR_UNKNOWN",
                new($"There is no landlord {successor}: create it first.", $"Il n'y a pas de bailleur {successor} : créez-le d'abord."),
                "/successorSiren", successor, new("the SIREN of a known landlord, or null", "le SIREN d'un bailleur connu, ou null"))];
        }
        return !heirs.Contains(siren)
            ? []
            : [ApiError.OfBody("SUCCESSOR_CIRCLE",
                new($"{successor} is itself succeeded by {siren}: a succession does not go in a circle. Undo that first.",
                    $"{successor} a lui-même {siren} pour successeur : une succession ne tourne pas en rond. Défaites d'abord celle-là."),
                "/successorSiren", successor, new(
                    $"a landlord that {siren} does not succeed", $"un bailleur auquel {siren} ne succède pas"))];
    }

    /// <summary>False when another request created it in the meantime; a replaced row is locked, so nobody changed it.</summary>
    private static async Task<bool> SaveAsync(LandlordResponse landlord, bool create, GuspDb db, CancellationToken ct)
    {
        var family = Capitals.Of(landlord.Family);
        var rows = create
            ? await db.Database.ExecuteSqlAsync($"""
                insert into landlord (siren, name, family, active_from, active_to, successor_siren, version)
                values ({landlord.Siren}, {landlord.Name}, {family}, {landlord.ActiveFrom}, {landlord.ActiveTo},
                  {landlord.SuccessorSiren}, {landlord.Version})
                on conflict do nothing
                """, ct)
            : await db.Database.ExecuteSqlAsync($"""
                update landlord set name = {landlord.Name}, family = {family}, active_from = {landlord.ActiveFrom},
                  active_to = {landlord.ActiveTo},
                  successor_siren = {landlord.SuccessorSiren}, version = {landlord.Version}
                where siren = {landlord.Siren}
                """, ct);
        return rows == 1;
    }
}
