using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Http;

/// <summary>One version ever accepted of a holding, a landlord or a QPV.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Event">What made it, such as holding.updated or holding.deleted.</param>
/// <param name="At">When it was accepted (UTC).</param>
/// <param name="By">Who wrote it.</param>
/// <param name="RequestId">Request that wrote it.</param>
/// <param name="Revision">Its place in the order of all writes.</param>
/// <param name="Comment">What was said of the write, such as why a locked holding was changed.</param>
/// <param name="Content">The object as a PUT would write it; null where this version deleted it.</param>
/// <param name="Href">Path of the version.</param>
public sealed record ObjectVersion<T>(
    int Version, string Event, DateTime At, string By, string? RequestId, long Revision, string? Comment, T? Content,
    string Href) where T : class;

/// <summary>Reads the versions that the database recorded at each write.</summary>
internal sealed class ObjectVersions(GuspDb db, Snapshot snapshot, IHttpContextAccessor accessor)
{
    /// <summary>Contents are rows: names of columns, and columns that a PUT does not know.</summary>
    private static readonly JsonSerializerOptions Row = Options();

    private sealed record Recorded(
        int Version, string Event, DateTime At, string By, string? RequestId, long Revision, string? Comment, JsonDocument? Content);

    /// <summary>All versions, oldest first; 404 when there never was such an object.</summary>
    public async Task<IResult> ListAsync<T>(string type, string key, Page page, CancellationToken ct) where T : class
    {
        var versions = db.Changes.Where(c => c.ObjectType == type && c.ObjectKey == key);
        var total = await versions.LongCountAsync(ct);
        if (total == 0)
            return Problems.NotFound(type, key);
        var after = page.After is [var last] && int.TryParse(last, out var number) ? number : 0;
        var rows = await Select(versions.Where(c => c.Version > after).OrderBy(c => c.Version)).Take(page.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(page.Of(
            [.. rows.Select(row => Of<T>(row, type, key))], total, snapshot.Revision, row =>
                [row.Version.ToString(CultureInfo.InvariantCulture)]));
    }

    /// <summary>One version; 404 when there is none of this number.</summary>
    public async Task<IResult> OneAsync<T>(string type, string key, int version, CancellationToken ct) where T : class =>
        await Select(db.Changes.Where(c => c.ObjectType == type && c.ObjectKey == key && c.Version == version))
            .SingleOrDefaultAsync(ct) is { } row
            ? Etag.Resource(accessor.HttpContext!, Of<T>(row, type, key), row.Version)
            : Problems.NotFound("version", $"{key}/versions/{version}");

    private static IQueryable<Recorded> Select(IQueryable<Change> changes) => changes.Select(c => new Recorded(
        c.Version, c.Event, c.ChangeSet!.At!.Value, c.ChangeSet.Actor, c.ChangeSet.RequestId, c.ChangeSet.Revision!.Value,
        c.ChangeSet.Comment, c.Content));

    private static ObjectVersion<T> Of<T>(Recorded row, string type, string key) where T : class => new(
        row.Version, row.Event, row.At, row.By, row.RequestId, row.Revision, row.Comment, row.Content?.Deserialize<T>(Row),
        $"/v1/{type}s/{key}/versions/{row.Version}");

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
        return options;
    }
}
