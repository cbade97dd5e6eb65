using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GuspApi.Tests.Http;

/// <summary>A request that takes too long is ended and undone; uploads have the time their sender's line takes.</summary>
public sealed class TimeoutTests(TimeoutTests.HastyApi api) : IClassFixture<TimeoutTests.HastyApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class HastyApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:Timeouts:Request", "1")];
    }

    [Fact]
    public async Task A_write_that_waits_too_long_is_refused_and_undone()
    {
        var siren = await api.Given.Landlord("Avant");
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand($"select from landlord where siren = '{siren}' for update", held))
            await hold.ExecuteNonQueryAsync(Ct);

        var answer = await api.Admin.PutAsJsonAsync($"/v1/landlords/{siren}", new { name = "Après", family = "OPH" }, Ct);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((503, "TOOK_TOO_LONG", "10"), ((int)answer.StatusCode, (string)problem["code"]!, answer.Headers.RetryAfter!.ToString()));
        await transaction.RollbackAsync(Ct);
        Assert.Equal("Avant", await api.Given.Scalar<string>("select name from landlord where siren = $1", siren));
    }

    [Fact]
    public void Uploads_alone_have_no_time_limit()
    {
        var routes = api.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

        var timeless = routes.Where(route => route.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null)
            .Select(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName);

        Assert.Equal("PostImport", Assert.Single(timeless));
    }
}
