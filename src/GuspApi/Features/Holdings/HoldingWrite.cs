using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Holdings;

/// <summary>Writing and deleting a holding. Published figures rest on it: once its declaration is validated, it is locked.</summary>
internal static class HoldingWrite
{
    /// <summary>
    /// Creates (<c>If-None-Match: *</c>) or replaces (<c>If-Match</c>) a holding; one of them is required. Where its declaration is
    /// validated it is locked, except for admin, who gives a <c>reason</c>: the audit tells it.
    /// </summary>
    public static async Task<IResult> Put(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, PutHolding body,
        One<bool, BooleanForm>? dryRun, One<string, WordsForm>? reason, HttpContext http, GuspDb db, Caller caller,
        TimeProvider time, CancellationToken ct)
    {
        var key = new Key(siren.Value, year.Value, qpvCode.Value);
        if (!caller.Declares(key.Siren))
            return await key.RefusedAsync(db, ct);
        await using var write = await Write.BeginAsync(http, db, ct, reason?.Value);
        var present = await key.LockAsync(db, ct);
        if (Conditions.Check(http.Request, present?.Version, required: true) is { } refusal)
            return refusal;
        if (await BrokenAsync(key, db, time, ct) is { Count: > 0 } errors)
            return Problems.RulesBroken(errors);

        var version = present?.Version ?? 0;
        if (present is null || Differs(present, body))
        {
            if (await key.DeclarationAsync(db, ct) == State.Validated && !(caller.IsAdmin && reason is not null))
                return Problems.Conflict("HOLDING_LOCKED", Locked);
            if (await SaveAsync(key, body, present, db, ct) is not { } saved)
                return Problems.PreconditionFailed("v1");
            version = saved;
        }
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);

        return await AnswerAsync(http, db, key, body, version, created: present is null, ct);
    }

    /// <summary>Deletes a holding that has no declaration. <c>If-Match</c> deletes only what was read.</summary>
    public static async Task<IResult> Delete(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode,
        One<bool, BooleanForm>? dryRun, HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new Key(siren.Value, year.Value, qpvCode.Value);
        if (!caller.Declares(key.Siren))
            return await key.RefusedAsync(db, ct);
        await using var write = await Write.BeginAsync(http, db, ct);
        if (await key.LockAsync(db, ct) is not { } present)
            return Problems.NotFound("holding", key.ToString());
        if (Conditions.Check(http.Request, present.Version) is { } refusal)
            return refusal;
        if (await key.DeclarationAsync(db, ct) != State.None)
            return Problems.Conflict("HOLDING_DECLARED", Declared);

        await db.Holdings.Where(h => h.LandlordSiren == key.Siren && h.Year == key.Year && h.QpvCode == key.Qpv).ExecuteDeleteAsync(ct);
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);
        return TypedResults.NoContent();
    }

    private static readonly Text Locked = new(
        "Its declaration is validated: published figures rest on this holding. Admin may change it with ?reason=….",
        "Sa déclaration est validée : des chiffres publiés reposent sur ce patrimoine. Un administrateur peut le modifier avec ?reason=….");

    private static readonly Text Declared = new(
        "It has a declaration, which expects it. Delete the declaration first, if it is a draft.",
        "Une déclaration en dépend. Supprimez d'abord la déclaration, si c'est un brouillon.");

    private enum State
    {
        None,
        Open,
        Validated,
    }

    private sealed record Key(string Siren, short Year, string Qpv)
    {
        public override string ToString() => $"{Siren}/{Year}/{Qpv}";

        /// <summary>Where GET would be 404 a forbidden write is 404, else 403.</summary>
        public async Task<Problem> RefusedAsync(GuspDb db, CancellationToken ct) =>
            await db.Holdings.AnyAsync(h => h.LandlordSiren == Siren && h.Year == Year && h.QpvCode == Qpv, ct)
                ? Problems.Forbidden()
                : Problems.NotFound("holding", ToString());

        /// <summary>
        /// Locks the declaration, then the holding: in the order of those who submit and validate, who else would wait for each other.
        /// </summary>
        public async Task<Holding?> LockAsync(GuspDb db, CancellationToken ct)
        {
            await db.Database.ExecuteSqlAsync(
                $"select from declaration where landlord_siren = {Siren} and year = {Year} and qpv_code = {Qpv} for share", ct);
            return await db.Holdings
                .FromSql($"select * from holding where landlord_siren = {Siren} and year = {Year} and qpv_code = {Qpv} for update")
                .SingleOrDefaultAsync(ct);
        }

        /// <summary>Read once the holding is locked: a declaration that came meanwhile cannot be submitted before we are done.</summary>
        public async Task<State> DeclarationAsync(GuspDb db, CancellationToken ct)
        {
            var declarations = await db.Declarations.FromSql(
                $"select * from declaration where landlord_siren = {Siren} and year = {Year} and qpv_code = {Qpv} and status <> 'DELETED'")
                    .ToListAsync(ct);
            return declarations switch
            {
                [] => State.None,
                [{ ValidatedVersion: null }] => State.Open,
                _ => State.Validated,
            };
        }
    }

    private static bool Differs(Holding present, PutHolding body) =>
        (present.Dwellings, present.AbatedDwellings, present.Abatement, present.AbatementMethod)
        != (body.Dwellings!.Value, body.AbatedDwellings, body.Abatement!.Value, body.AbatementMethod);

    private static async Task<List<ApiError>> BrokenAsync(Key key, GuspDb db, TimeProvider time, CancellationToken ct)
    {
        var errors = new List<ApiError>();
        var thisYear = Campaign.Today(time).Year;
        if (key.Year > thisYear)
        {
            errors.Add(ApiError.OfParameter("YEAR_INVALID", new(
                $"A year is from 2015 to {thisYear}.", $"Une année va de 2015 à {thisYear}."),
                "year", key.Year.ToString(System.Globalization.CultureInfo.InvariantCulture), Text.Alike($"2015…{thisYear}")));
        }
        if (!await db.Landlords.AnyAsync(l => l.Siren == key.Siren, ct))
        {
            errors.Add(ApiError.OfParameter("LANDLORD_UNKNOWN", new(
                $"There is no landlord {key.Siren}.", $"Il n'y a pas de bailleur {key.Siren}."),
                "siren", key.Siren, new("a SIREN of /v1/landlords", "un SIREN de /v1/landlords")));
        }
        if (!await db.Qpvs.AnyAsync(q => q.Code == key.Qpv, ct))
        {
            errors.Add(ApiError.OfParameter("QPV_UNKNOWN", new($"There is no QPV {key.Qpv}.", $"Il n'y a pas de QPV {key.Qpv}."),
                "qpvCode", key.Qpv, Text.CodeOf("/v1/qpvs")));
        }
        return errors;
    }

    /// <summary>
    /// The version written; null when another request created it in the meantime. One that was deleted and is made again goes on from
    /// its last version.
    /// </summary>
    private static async Task<int?> SaveAsync(Key key, PutHolding body, Holding? present, GuspDb db, CancellationToken ct)
    {
        var method = Capitals.Of(body.AbatementMethod);
        var versions = present is null
            ? await db.Database.SqlQuery<int>($"""
                insert into holding (landlord_siren, year, qpv_code, dwellings, abated_dwellings, abatement, abatement_method, version)
                values ({key.Siren}, {key.Year}, {key.Qpv}, {body.Dwellings}, {body.AbatedDwellings}, {body.Abatement}, {method},
                  last_version('holding', {key.ToString()}) + 1)
                on conflict do nothing
                returning version as "Value"
                """).ToListAsync(ct)
            : await db.Database.SqlQuery<int>($"""
                update holding set dwellings = {body.Dwellings}, abated_dwellings = {body.AbatedDwellings}, abatement = {body.Abatement},
                  abatement_method = {method}, version = version + 1
                where landlord_siren = {key.Siren} and year = {key.Year} and qpv_code = {key.Qpv}
                returning version as "Value"
                """).ToListAsync(ct);
        return versions is [var version] ? version : null;
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http, GuspDb db, Key key, PutHolding body, int version, bool created, CancellationToken ct)
    {
        var landlord = await db.Landlords.Where(l => l.Siren == key.Siren).Select(l => l.Name).SingleAsync(ct);
        var qpv = await db.Qpvs.Where(q => q.Code == key.Qpv).Select(q => q.Name).SingleAsync(ct);
        var holding = new HoldingResponse(
            new(key.Siren, landlord), new(key.Qpv, qpv), key.Year, version, body.Dwellings!.Value, body.AbatedDwellings,
            body.Abatement!.Value + 0.00m, body.AbatementMethod);
        http.Response.Headers.ETag = Etag.Of(version);
        return created ? TypedResults.Created($"/v1/holdings/{key}", holding) : TypedResults.Ok(holding);
    }
}
