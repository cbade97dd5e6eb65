using GuspApi.Auth;
using GuspApi.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GuspApi.Features.Landing;

/// <summary>Where a developer begins.</summary>
internal static class LandingEndpoints
{
    public static void MapLanding(this RouteGroupBuilder api) =>
        api.MapGet("/", Get).WithName("GetLanding").WithTags("Landing").RequireAuthorization(Policies.Open);

    /// <summary>What this API is: version, revision, licence, and where its resources are.</summary>
    private static Ok<LandingResponse> Get(Snapshot snapshot) => TypedResults.Ok(new LandingResponse(
        "GuspApi",
        typeof(LandingEndpoints).Assembly.GetName().Version!.ToString(3),
        snapshot.Revision,
        "EUPL-1.2",
        new Dictionary<string, string>
        {
            ["landlords"] = "/v1/landlords",
            ["qpvs"] = "/v1/qpvs",
            ["holdings"] = "/v1/holdings",
            ["declarations"] = "/v1/declarations",
            ["campaigns"] = "/v1/campaigns",
            ["completeness"] = "/v1/completeness?groupBy=department",
            ["indicators"] = "/v1/indicators",
            ["reports"] = "/v1/reports/regional?region=32",
            ["imports"] = "/v1/imports",
            ["changes"] = "/v1/changes",
            ["problems"] = "/v1/problems",
            ["changelog"] = "/v1/changelog",
            ["documentation"] = "/swagger",
            ["contract"] = "/openapi/v1.json",
        }));
}

/// <param name="Name">Name of the API.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Revision">The last accepted write.</param>
/// <param name="Licence">Licence of the program.</param>
/// <param name="Links">Paths of the resources.</param>
public sealed record LandingResponse(string Name, string Version, long Revision, string Licence, IReadOnlyDictionary<string, string> Links);
