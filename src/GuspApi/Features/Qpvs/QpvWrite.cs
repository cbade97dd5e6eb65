using System.Text.Json;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Qpvs;

/// <summary>Creating and replacing a QPV: its row, its communes and its predecessors are one object with one version.</summary>
internal static class QpvWrite
{
    /// <summary>Creates or replaces a QPV. <c>If-None-Match: *</c> creates only, <c>If-Match</c> replaces what was read.</summary>
    public static async Task<IResult> Put(
        One<string, QpvForm> code, PutQpv body, One<bool, BooleanForm>? dryRun, HttpContext http, GuspDb db, CancellationToken ct)
    {
        await using var write = await Write.BeginAsync(http, db, ct);
        await DatasetLock.TakeAsync(write.Connection, "qpvs", ct);
        var present = await db.Database.SqlQuery<int>($"select version as \"Value\" from qpv where code = {code.Value} for no key update")
            .ToListAsync(ct);
        int? version = present is [var known] ? known : null;
        if (Conditions.Check(http.Request, version) is { } refusal)
            return refusal;

        var communes = body.Communes!.Distinct().Order(StringComparer.Ordinal).ToList();
        var departments = await db.Communes.Where(c => communes.Contains(c.Code)).Select(c => new CodeOfCommune(c.Code, c.DepartmentCode))
            .ToListAsync(ct);
        if (await BrokenAsync(code.Value, body, communes, departments, db, ct) is { Count: > 0 } errors)
            return Problems.RulesBroken(errors);

        await SaveAsync(code.Value, body, communes, departments[0].Department, (version ?? 0) + 1, db, ct);
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);

        var qpv = await db.Qpvs.AsSplitQuery().Where(q => q.Code == code.Value).Select(QpvResponse.From(db)).SingleAsync(ct);
        http.Response.Headers.ETag = Etag.Of(qpv.Version);
        return version is null ? TypedResults.Created($"/v1/qpvs/{code.Value}", qpv) : TypedResults.Ok(qpv);
    }

    private sealed record CodeOfCommune(string Code, string Department);

    private static async Task<List<ApiError>> BrokenAsync(
        string code, PutQpv body, List<string> communes, List<CodeOfCommune> known, GuspDb db, CancellationToken ct)
    {
        var errors = communes.Except(known.Select(commune => commune.Code)).Select(unknown => ApiError.OfBody(
            "COMMUNE_UNKNOWN", new(
                $"There is no commune {unknown}.",
                $"Il n'y a pas de commune {unknown}."), "/communes", unknown, Text.CodeOf("/v1/communes"))).ToList();
        if (known.Select(commune => commune.Department).Distinct().Count() > 1)
        {
            errors.Add(ApiError.OfBody("SEVERAL_DEPARTMENTS", new("A QPV lies in one département.", "Un QPV est dans un seul département."),
                "/communes", string.Join(',', communes), new("communes of one département", "des communes d'un seul département")));
        }

        var predecessors = body.Predecessors ?? [];
        if (predecessors.Count > 0 && QpvCode.Generation(code) == 2015)
        {
            errors.Add(ApiError.OfBody("PREDECESSORS_INVALID", new(
                "A QPV of the 2015 list has no predecessor.", "Un QPV de la liste de 2015 n'a pas de prédécesseur."),
                "/predecessors", string.Join(',', predecessors), new("an empty list", "une liste vide")));
        }
        var found = await db.Qpvs.Where(q => predecessors.Contains(q.Code)).Select(q => q.Code).ToListAsync(ct);
        errors.AddRange(predecessors.Except(found).Select(unknown => ApiError.OfBody(
            "QPV_UNKNOWN", new(
                $"There is no QPV {unknown}.", $"Il n'y a pas de QPV {unknown}."), "/predecessors", unknown, Text.CodeOf("/v1/qpvs"))));
        return errors;
    }

    /// <summary>
    /// The row changes, and so has a new version, only where it, its communes or its predecessors differ from what is asked. All is one
    /// statement: triggers come after it, so the version they keep has its links.
    /// </summary>
    private static Task SaveAsync(
        string code, PutQpv body, List<string> communes, string department, int version, GuspDb db, CancellationToken ct)
    {
        var name = body.Name!.Trim();
        string[] predecessors = [.. (body.Predecessors ?? []).Distinct().Order(StringComparer.Ordinal)];
        var geometry = body.Geometry is { ValueKind: not JsonValueKind.Null } given ? Contour.RightHanded(given) : null;
        GeoBox? box = geometry is not null && GeoBox.TryRead(body.Geometry!.Value, out var read) ? read : null;
        return db.Database.ExecuteSqlAsync($"""
            with saved as (
              insert into qpv as q (code, name, generation, department_code, geometry, min_longitude, min_latitude, max_longitude,
                max_latitude, version)
              values ({code}, {name}, {QpvCode.Generation(code)}, {department}, {geometry}::jsonb,
                {box?.West}, {box?.South}, {box?.East}, {box?.North}, {version})
              on conflict (code) do update set name = excluded.name, department_code = excluded.department_code,
                geometry = excluded.geometry,
                min_longitude = excluded.min_longitude, min_latitude = excluded.min_latitude,
                max_longitude = excluded.max_longitude, max_latitude = excluded.max_latitude, version = excluded.version
              where (q.name, q.department_code, q.geometry) is distinct from (excluded.name, excluded.department_code, excluded.geometry)
                or array(select commune_code from qpv_commune where qpv_code = {code} order by commune_code collate "C") <> {communes}
                or array(select predecessor_code from qpv_lineage where successor_code = {code}
                  order by predecessor_code collate "C") <> {predecessors}
            ),
            left_communes as (delete from qpv_commune where qpv_code = {code} and commune_code <> all({communes})),
            left_predecessors as (delete from qpv_lineage where successor_code = {code} and predecessor_code <> all({predecessors})),
            joined_communes as (insert into qpv_commune (qpv_code, commune_code) select {code}, unnest({communes}) on conflict do nothing)
            insert into qpv_lineage (predecessor_code, successor_code) select unnest({predecessors}), {code} on conflict do nothing
            """, ct);
    }
}
