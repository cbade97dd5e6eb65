using System.Text.Json;
using GuspApi.Auth;
using GuspApi.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GuspApi.Features.Changelog;

/// <summary>What changed in the contract: <c>openapi/changelog.json</c>, as data.</summary>
internal static class ChangelogEndpoints
{
    private static readonly Lazy<ChangelogResponse> Changelog = new(() => JsonSerializer.Deserialize<ChangelogResponse>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "changelog.json")), ApiJson.Options)!);

    public static void MapChangelog(this RouteGroupBuilder api) =>
        api.MapGet("/changelog", Get).WithName("GetChangelog").WithTags("Changelog").RequireAuthorization(Policies.Open);

    /// <summary>What changed in the contract, the latest release first: a client's upkeep can follow it by program.</summary>
    private static Ok<ChangelogResponse> Get() => TypedResults.Ok(Changelog.Value);
}

/// <param name="Releases">The latest first.</param>
public sealed record ChangelogResponse(IReadOnlyList<ReleaseResponse> Releases);

/// <summary>A release of the contract.</summary>
/// <param name="Version">Its version (Semantic Versioning), as in the contract.</param>
/// <param name="Date">When it was released; null while it is being made.</param>
/// <param name="Changes">What it changed.</param>
public sealed record ReleaseResponse(string Version, DateOnly? Date, IReadOnlyList<ChangeOfContract> Changes);

/// <param name="Kind">ADDED, CHANGED, DEPRECATED, REMOVED or FIXED.</param>
/// <param name="Operations">Ids of the operations concerned; empty when it is all of them.</param>
/// <param name="Text">What changed and what a client does about it.</param>
public sealed record ChangeOfContract(ContractChangeKind Kind, IReadOnlyList<string> Operations, Translated Text);

/// <summary>What a change does to clients: only DEPRECATED and REMOVED ask for work.</summary>
public enum ContractChangeKind
{
    /// <summary>Something new; clients need not care.</summary>
    Added,
    /// <summary>Something says more or takes more than before.</summary>
    Changed,
    /// <summary>Something will end: see its Sunset.</summary>
    Deprecated,
    /// <summary>Something has ended, after its Sunset.</summary>
    Removed,
    /// <summary>Something did not do what the contract said, and does now.</summary>
    Fixed,
}
