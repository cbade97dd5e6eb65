using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Keys;

/// <summary>The keys of the API: made, listed, rotated and revoked by admin.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this RouteGroupBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("Keys").RequireAuthorization(Policies.Admin);
        keys.MapPost("", Create).WithName("CreateKey").Produces<NewKeyResponse>(201);
        keys.MapGet("", List).WithName("ListKeys").Produces<Collection<KeyResponse>>();
        keys.MapGet("/{id}", Get).WithName("GetKey").Produces<KeyResponse>();
        keys.MapDelete("/{id}", Revoke).WithName("RevokeKey").Produces(204);
        keys.MapPost("/{id}/rotate", Rotate).WithName("RotateKey").Gives("KEY_ENDED").Produces<NewKeyResponse>();
    }

    /// <summary>Makes a key. Its secret is in this answer and nowhere else.</summary>
    private static async Task<IResult> Create(
        CreateKey body, HttpContext http, GuspDb db, Caller caller, TimeProvider time, CancellationToken ct)
    {
        await using var write = await Write.BeginAsync(http, db, ct);
        if (await KeyMaking.BrokenAsync(body, db, time.GetUtcNow(), ct) is { Count: > 0 } errors)
            return Problems.RulesBroken(errors);

        var (key, text) = KeyMaking.New(body, caller.Name, time.GetUtcNow());
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{key.Id}", NewKeyResponse.Of(key, text));
    }

    /// <summary>The keys, by name, revoked and expired ones included.</summary>
    private static async Task<IResult> List(Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var rest = page.After is [var name, var id]
            ? db.ApiKeys.Where(k => EF.Functions.GreaterThan(ValueTuple.Create(k.Name, k.Id), ValueTuple.Create(name, id)))
            : db.ApiKeys;
        return TypedResults.Ok(await listing.ToAsync(
            page, db.ApiKeys, rest.OrderBy(k => k.Name).ThenBy(k => k.Id).Select(KeyResponse.From), k => [k.Name, k.Id], ct));
    }

    /// <summary>One key.</summary>
    private static async Task<IResult> Get(One<string, KeyIdForm> id, GuspDb db, CancellationToken ct) =>
        await db.ApiKeys.Where(k => k.Id == id.Value).Select(KeyResponse.From).SingleOrDefaultAsync(ct) is { } key
            ? TypedResults.Ok(key)
            : NotFound(id.Value);

    /// <summary>
    /// Revokes a key: it is refused from now on, by every instance, and its imports that have not ended are cancelled. Revoking it again
    /// changes nothing.
    /// </summary>
    private static async Task<IResult> Revoke(
        One<string, KeyIdForm> id, HttpContext http, GuspDb db, Caller caller, TimeProvider time, CancellationToken ct)
    {
        await using (var write = await Write.BeginAsync(http, db, ct))
        {
            if (await FindAsync(id.Value, db, ct) is not { } key)
                return NotFound(id.Value);
            key.RevokedAt ??= time.GetUtcNow().UtcDateTime;
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        // Refused from here on, whatever its imports hold up. One that is about to commit is waited for: 204 says that nothing more comes.
        await using var cancellation = await Write.BeginAsync(http, db, ct);
        var unended = db.Imports.Where(import =>
            (import.AppliedBy ?? import.Actor) == "key:" + id.Value && Import.Unended.Contains(import.State));
        try
        {
            await unended.ExecuteUpdateAsync(
                import => import.SetProperty(i => i.State, "CANCELLED").SetProperty(i => i.EndedAt, DateTime.UtcNow)
                    .SetProperty(i => i.CancelledBy, caller.Name)
                    .SetProperty(i => i.MessageEn, Import.KeyEnded.En).SetProperty(i => i.MessageFr, Import.KeyEnded.Fr), ct);
        }
        catch (Exception fault) when (DatabaseFault.Of(fault) is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            return Problems.Held() with { Detail = StillCommitting };
        }
        await cancellation.CommitAsync(ct);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// Gives a key a second secret, shown in this answer alone. The one before stays good for <c>overlapHours</c>, so that its bearer can
    /// change without a stop.
    /// </summary>
    private static async Task<IResult> Rotate(
        One<string, KeyIdForm> id, RotateKey? body, HttpContext http, GuspDb db, TimeProvider time, CancellationToken ct)
    {
        await using var write = await Write.BeginAsync(http, db, ct);
        if (await FindAsync(id.Value, db, ct) is not { } key)
            return NotFound(id.Value);
        if (key.RevokedAt is not null || key.ExpiresAt <= time.GetUtcNow().UtcDateTime)
            return Problems.Conflict("KEY_ENDED", Ended);

        var text = KeyText.New(key.Id);
        (key.PreviousHash, key.PreviousExpiresAt) =
            (key.SecretHash, time.GetUtcNow().UtcDateTime.AddHours(body?.OverlapHours ?? RotateKey.UsualOverlap));
        key.SecretHash = text.Hash;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(NewKeyResponse.Of(key, text.Text));
    }

    private static readonly Text StillCommitting = new(
        "The key is revoked, and refused from now on. An import of it is about to be committed: "
            + "revoke the key again to know that it is over.",
        "La clé est révoquée et désormais refusée. Un de ses imports est sur le point d'être enregistré : "
            + "révoquez-la de nouveau pour savoir que c'est fini.");

    private static readonly Text Ended = new(
        "This key is revoked or has expired: make another.", "Cette clé est révoquée ou a expiré : créez-en une autre.");

    private static async Task<ApiKey?> FindAsync(string id, GuspDb db, CancellationToken ct) =>
        await db.ApiKeys.FromSql($"select * from api_key where id = {id} for update").AsTracking().SingleOrDefaultAsync(ct);

    private static Problem NotFound(string id) => Problems.NotFound("key", id);
}
