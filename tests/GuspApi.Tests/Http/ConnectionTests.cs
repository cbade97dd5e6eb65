using System.Data;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests.Http;

/// <summary>A request's connection is given back before its answer is sent: who reads slowly keeps it from nobody.</summary>
public sealed class ConnectionTests(ConnectionTests.WatchedApi api) : IClassFixture<ConnectionTests.WatchedApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class WatchedApi(TestServer server) : Api(server), IStartupFilter
    {
        /// <summary>Each answer that began while its request still held a connection.</summary>
        internal List<string> Held { get; } = [];

        protected override void Configure(IWebHostBuilder host) =>
            host.ConfigureServices(services => services.AddSingleton<IStartupFilter>(this));

        Action<IApplicationBuilder> IStartupFilter.Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, rest) =>
            {
                http.Response.OnStarting(() =>
                {
                    if (http.RequestServices.GetRequiredService<GuspDb>().Database.GetDbConnection().State != ConnectionState.Closed)
                        Held.Add($"{http.Request.Method} {http.Request.Path} {http.Response.StatusCode}");
                    return Task.CompletedTask;
                });
                return rest(http);
            });
            next(app);
        };
    }

    [Fact]
    public async Task Writing_a_declaration_gives_its_connection_back_before_it_is_answered()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059600"));
        await api.Given.Holding(siren, 2022, qpv);
        var path = $"/v1/declarations/{siren}/2022/{qpv}";
        var made = await api.Admin.PostAsJsonAsync(
            "/v1/keys", new { name = "DDTM", scopes = new[] { "review" }, departments = new[] { "59" } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;
        using var forbidden = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(new { lines = Array.Empty<object>() }),
            Headers = { { "Authorization", $"Bearer {key["key"]}" }, { "If-Match", "*" } },
        };

        var empty = new { lines = Array.Empty<object>() };
        Assert.Equal(201, (await api.Admin.Replace(path + "?submit=true", empty, ifNoneMatch: "*")).Status);
        Assert.Equal(403, (int)(await api.Anonymous.SendAsync(forbidden, Ct)).StatusCode);
        Assert.Equal(200, (int)(await api.Admin.PostAsync(path + "/validate", null, Ct)).StatusCode);
        Assert.Equal(200, (await api.Admin.Read(path)).Status);

        Assert.Empty(api.Held);
    }
}
