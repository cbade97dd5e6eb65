using System.Runtime.CompilerServices;
using System.Text.Json;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Qpvs;

/// <summary>QPVs as a file, read some at a time: contours are long.</summary>
internal static class QpvFile
{
    private const int AtOnce = 200;

    public static async IAsyncEnumerable<QpvResponse> RowsAsync(
        IQueryable<Qpv> qpvs, GuspDb db, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var codes = await qpvs.AsSingleQuery().OrderBy(q => q.Code).Select(q => q.Code).ToListAsync(ct);
        foreach (var some in codes.Chunk(AtOnce))
        {
            var rows = db.Qpvs.AsSplitQuery().Where(q => some.Contains(q.Code)).OrderBy(q => q.Code).Select(QpvResponse.From(db));
            foreach (var qpv in await rows.ToListAsync(ct))
                yield return qpv;
        }
    }

    /// <summary>The same with their contours.</summary>
    public static async IAsyncEnumerable<GeoFeature> FeaturesAsync(
        IAsyncEnumerable<QpvResponse> qpvs, GuspDb db, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var some in qpvs.Chunk(AtOnce).WithCancellation(ct))
        {
            var contours = await ContoursAsync(db, [.. some.Select(q => q.Code)], ct);
            foreach (var qpv in some)
                yield return Feature(qpv, contours.GetValueOrDefault(qpv.Code));
        }
    }

    public static GeoFeature Feature(QpvResponse qpv, JsonDocument? geometry) => new(qpv.Code, qpv, geometry?.RootElement);

    private static Task<Dictionary<string, JsonDocument>> ContoursAsync(GuspDb db, string[] codes, CancellationToken ct) =>
        db.Qpvs.Where(q => codes.Contains(q.Code) && q.Geometry != null).ToDictionaryAsync(q => q.Code, q => q.Geometry!, ct);
}
