using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Audit;

/// <summary>Every write, as the database recorded it when it was accepted.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder api) =>
        api.MapGet("/audit", List).WithName("ListAudit").WithTags("Audit").RequireAuthorization(Policies.Admin)
            .WithMetadata(new TagsWithRevision());

    /// <summary>Every write, the newest first: who, when, from which key, for which request.</summary>
    private static async Task<Ok<Collection<AuditResponse>>> List(
        [AsParameters] AuditFilter filter, Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var writes = Select(filter, db.Changes);
        var rest = page.After is [var number, var type, var key, var order]
            && long.TryParse(number, out var revision) && int.TryParse(order, out var version)
            ? writes.Where(c => EF.Functions.LessThan(
                ValueTuple.Create(c.ChangeSet!.Revision, c.ObjectType, c.ObjectKey, c.Version),
                ValueTuple.Create((long?)revision, type, key, version)))
            : writes;
        return TypedResults.Ok(await listing.ToAsync(
            page, writes,
            rest.OrderByDescending(c => c.ChangeSet!.Revision).ThenByDescending(c => c.ObjectType).ThenByDescending(c => c.ObjectKey)
                .ThenByDescending(c => c.Version).Select(AuditResponse.From(db)),
            c => [Text(c.Revision), c.Object.Type, c.Object.Key, Text(c.Object.Version)], ct));
    }

    private static IQueryable<Change> Select(AuditFilter filter, IQueryable<Change> writes)
    {
        if (filter.Actor is { Value: var actor })
            writes = writes.Where(c => c.ChangeSet!.Actor == actor);
        if (filter.ObjectType is { Values: var types })
            writes = writes.Where(c => types.Contains(c.ObjectType));
        if (filter.Object is { Value: var key })
            writes = writes.Where(c => c.ObjectKey == key);
        if (filter.RequestId is { Value: var request })
            writes = writes.Where(c => c.ChangeSet!.RequestId == request);
        if (filter.Import is { Value: var import })
            writes = writes.Where(c => c.ChangeSet!.ImportId == import);
        if (filter.Since is { Value: var since })
            writes = writes.Where(c => c.ChangeSet!.At >= since);
        if (filter.Until is { Value: var until })
            writes = writes.Where(c => c.ChangeSet!.At < until);
        return writes;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
