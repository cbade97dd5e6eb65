namespace GuspApi.Tests.Http;

/// <summary>The setting of ASP.NET Core that has everybody's X-Forwarded-For believed lets nobody choose an address here.</summary>
public sealed class ForwardedTests(ForwardedTests.CredulousApi api) : IClassFixture<ForwardedTests.CredulousApi>
{
    public sealed class CredulousApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("ForwardedHeaders_Enabled", "true"), ("Gusp:RateLimit:PerAddress", "5")];
    }

    [Fact]
    public async Task Without_known_proxies_nobody_is_believed()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(turn =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1");
            request.Headers.Add("X-Forwarded-For", $"198.51.100.{turn}");
            return api.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        }));

        Assert.Contains(answers, answer => (int)answer.StatusCode == 429);
    }
}
