using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GuspApi.Tests.Http;

/// <summary>A request that takes too long is ended and undone; uploads have more time, for their sender's line.</summary>
public sealed class TimeoutTests(TimeoutTests.HastyApi api) : IClassFixture<TimeoutTests.HastyApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class HastyApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("Gusp:Timeouts:Request", "1"), ("Gusp:Timeouts:Upload", "3")];
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
        Assert.Equal((503, "TOOK_TOO_LONG", "10"),
            ((int)answer.StatusCode, (string)problem["code"]!, answer.Headers.RetryAfter!.ToString()));
        await transaction.RollbackAsync(Ct);
        Assert.Equal("Avant", await api.Given.Scalar<string>("select name from landlord where siren = $1", siren));
    }

    [Fact]
    public async Task An_upload_that_goes_on_and_on_is_ended_and_nothing_is_kept()
    {
        using var sender = new TcpClient();
        await sender.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port, Ct);
        await using var stream = sender.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            "POST /v1/imports?dataset=landlords HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                + $"Bearer {Api.BootstrapKey}\r\nIdempotency-Key: endless\r\n"
            + "Content-Type: text/csv\r\nContent-Length: 100000\r\n\r\nsiren"), Ct);

        var buffer = new byte[4096];
        var read = await stream.ReadAtLeastAsync(buffer, 200, throwOnEndOfStream: false, Ct).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(9), Ct);

        Assert.StartsWith("HTTP/1.1 408", Encoding.UTF8.GetString(buffer, 0, read));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from import where idempotency_key = 'endless'"));
    }

    [Fact]
    public void Uploads_alone_have_a_time_of_their_own()
    {
        var routes = api.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

        Assert.DoesNotContain(routes, route => route.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null);
        var longer = routes.Where(route => route.Metadata.GetMetadata<RequestTimeoutPolicy>() is { Timeout.TotalSeconds: 3 })
            .Select(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName);

        Assert.Equal("PostImport", Assert.Single(longer));
    }
}
