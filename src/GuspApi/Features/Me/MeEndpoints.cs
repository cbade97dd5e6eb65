using GuspApi.Auth;
using GuspApi.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GuspApi.Features.Me;

/// <summary>What the caller's own key is good for.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this RouteGroupBuilder api) =>
        api.MapGet("/me", Get).WithName("GetMe").WithTags("Keys").RequireAuthorization(Policies.Read);

    /// <summary>Who the key says you are: scopes, landlords, départements, expiry, and what is left of the quota.</summary>
    private static Ok<MeResponse> Get(Caller caller, HttpContext http) => TypedResults.Ok(new MeResponse(
        caller.Name, caller.Label, Scopes(caller), caller.Landlords, caller.Departments, caller.ExpiresAt,
        http.Features.Get<Quota>() is { } quota ? new(quota.Limit, quota.Left, quota.Seconds) : null));

    private static List<string> Scopes(Caller caller)
    {
        var all = new (string Name, bool Has)[]
            { ("read", caller.Read), ("declare", caller.Declare), ("review", caller.Review), ("admin", caller.IsAdmin) };
        return [.. all.Where(scope => scope.Has).Select(scope => scope.Name)];
    }
}

/// <summary>The caller, as its key describes it.</summary>
/// <param name="Id">What its writes are recorded under: <c>key:…</c>, <c>user:…</c>, bootstrap or development.</param>
/// <param name="Name">What people call the key.</param>
/// <param name="Scopes">read, declare, review, admin.</param>
/// <param name="Landlords">SIRENs it declares for.</param>
/// <param name="Departments">Codes of the départements it reviews.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="Quota">What is left of its requests; null when it has no limit.</param>
public sealed record MeResponse(
    string Id, string? Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments,
    DateTime? ExpiresAt, QuotaResponse? Quota);

/// <param name="Limit">Requests in a window.</param>
/// <param name="Left">Those left in this window.</param>
/// <param name="Seconds">Length of the window, seconds.</param>
public sealed record QuotaResponse(int Limit, int Left, int Seconds);
