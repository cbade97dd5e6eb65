using System.Text.Json;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Reports;

/// <summary>A QPV whose place is known: its box in degrees, and its outline where the map is close enough to show one.</summary>
internal sealed record QpvOutline(string Code, string Name, double West, double South, double East, double North)
{
    public JsonElement? Geometry { get; init; }

    public (double Longitude, double Latitude) Middle => ((West + East) / 2, (South + North) / 2);
}

/// <summary>
/// The QPVs of a report that the database can place. Outlines are heavy: where the whole spans so much that a QPV is a dot, only the
/// boxes are read.
/// </summary>
internal static class QpvOutlines
{
    /// <summary>Degrees across; beyond, a QPV of one kilometre is less than four points of the drawing.</summary>
    private const double Close = 1.2;

    public static async Task<IReadOnlyList<QpvOutline>> ReadAsync(
        GuspDb db, ReportSubject subject, IEnumerable<string> counted, CancellationToken ct)
    {
        string[] codes = subject.Scope == ReportScope.Qpv ? [subject.Code] : [.. counted];
        var known = await db.Qpvs.Where(q => codes.Contains(q.Code) && q.MinLongitude != null).OrderBy(q => q.Code)
            .Select(q => new QpvOutline(q.Code, q.Name, q.MinLongitude!.Value, q.MinLatitude!.Value,
                q.MaxLongitude!.Value, q.MaxLatitude!.Value))
            .ToListAsync(ct);
        if (known.Count == 0 || known.Max(q => q.East) - known.Min(q => q.West) > Close
            || known.Max(q => q.North) - known.Min(q => q.South) > Close)
            return known;

        var geometries = await db.Qpvs.Where(q => codes.Contains(q.Code) && q.Geometry != null).Select(q => new { q.Code, q.Geometry })
            .ToDictionaryAsync(q => q.Code, q => q.Geometry!.RootElement, ct);
        return [.. known.Select(q => q with { Geometry = geometries[q.Code] })];
    }
}
