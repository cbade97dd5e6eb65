using System.Globalization;
using GuspApi.Auth;
using GuspApi.Features.Declarations;
using GuspApi.Features.Holdings;
using GuspApi.Features.Landlords;
using GuspApi.Features.Projects;
using GuspApi.Features.Qpvs;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Changes;

/// <summary>The objects of a page of events, as the GET of each gives them to the caller: one query for each type.</summary>
internal sealed class ChangedObjects(GuspDb db, Caller caller, HttpContext http)
{
    public async Task<List<ChangeResponse>> FillAsync(List<ChangeResponse> events, CancellationToken ct)
    {
        var contents = new Dictionary<(string Type, string Key), object>();
        foreach (var type in events.GroupBy(e => e.Object.Type, e => e.Object.Key))
        {
            foreach (var (key, content) in await ReadAsync(type.Key, [.. type.Distinct()], ct))
                contents[(type.Key, key)] = content;
        }
        return [.. events.Select(
            e => e with { Object = e.Object with { Content = contents.GetValueOrDefault((e.Object.Type, e.Object.Key)) } })];
    }

    private async Task<IEnumerable<(string Key, object Content)>> ReadAsync(string type, string[] keys, CancellationToken ct) => type switch
    {
        "declaration" => (await DeclarationEndpoints.Reader(db, caller, http)
                .SomeAsync([.. keys.Select(DeclarationKey.Of)], ct))
            .Select(d => ($"{d.Landlord.Siren}/{d.Year}/{d.Qpv.Code}", (object)d)),
        "holding" => (await Holdings(keys).Select(HoldingResponse.From).ToListAsync(ct))
            .Select(h => ($"{h.Landlord.Siren}/{h.Year}/{h.Qpv.Code}", (object)h)),
        "landlord" => (await db.Landlords.Where(l => keys.Contains(l.Siren)).Select(LandlordResponse.From).ToListAsync(ct))
            .Select(l => (l.Siren, (object)l)),
        "qpv" => await QpvsAsync(keys, ct),
        _ => (await Projects(keys).Select(ProjectResponse.From).ToListAsync(ct))
            .Select(p => (p.Id.ToString(CultureInfo.InvariantCulture), (object)p)),
    };

    private IQueryable<Holding> Holdings(string[] keys)
    {
        var parts = keys.Select(DeclarationKey.Of).ToList();
        var (sirens, years, qpvs) = (parts.Select(k => k.LandlordSiren).ToArray(), parts.Select(k => k.Year).ToArray(),
            parts.Select(k => k.QpvCode).ToArray());
        return db.Holdings.FromSql($"""
            select h.* from holding h
            join unnest({sirens}, {years}, {qpvs}) as k(siren, year, qpv)
              on (h.landlord_siren, h.year, h.qpv_code) = (k.siren, k.year, k.qpv)
            """);
    }

    private IQueryable<Project> Projects(string[] keys)
    {
        var ids = keys.Select(key => long.Parse(key, CultureInfo.InvariantCulture)).ToArray();
        return db.Projects.Where(p => ids.Contains(p.Id));
    }

    /// <summary>With their geometries, which the lists leave out.</summary>
    private async Task<IEnumerable<(string Key, object Content)>> QpvsAsync(string[] codes, CancellationToken ct)
    {
        var qpvs = db.Qpvs.Where(q => codes.Contains(q.Code)).AsSplitQuery();
        var geometries = await qpvs.Select(q => new { q.Code, q.Geometry }).ToDictionaryAsync(q => q.Code, q => q.Geometry, ct);
        var shown = await qpvs.OrderBy(q => q.Code).Select(QpvResponse.From(db)).ToListAsync(ct);
        return shown.Select(q => (q.Code, (object)(q with { Geometry = geometries[q.Code] })));
    }
}
