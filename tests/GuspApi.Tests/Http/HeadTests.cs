using System.Text.RegularExpressions;

namespace GuspApi.Tests.Http;

/// <summary>HEAD tells what GET would, without the body.</summary>
public sealed class HeadTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/landlords?limit=5")]
    [InlineData("/v1/landlords/999590011")]
    [InlineData("/v1/declarations?format=csv")]
    [InlineData("/v1/declarations?format=ndjson")]
    [InlineData("/v1/declarations?format=xlsx")]
    [InlineData("/v1/qpvs?format=geojson")]
    [InlineData("/v1/indicators?from=2019&to=2022&groupBy=department")]
    [InlineData("/v1/reports/region?code=32&from=2019&to=2022&format=html")]
    [InlineData("/v1/changes?wait=1")]
    [InlineData("/v1/imports/template?dataset=landlords&format=xlsx")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/swagger/index.html")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/v1/landlords?nonsense=1")]
    [InlineData("/v1/landlords/999999999")]
    [InlineData("/nowhere")]
    public async Task Status_and_headers_are_those_of_GET(string path)
    {
        var (told, body) = await AskAsync(HttpMethod.Head, path);
        var (whole, _) = await AskAsync(HttpMethod.Get, path);
        var (again, _) = await AskAsync(HttpMethod.Head, path);

        Assert.Empty(body);
        Assert.Equal(whole, told);
        Assert.Equal(whole, again);
    }

    [Fact]
    public async Task What_is_known_is_told_with_304()
    {
        var tag = (await api.Anonymous.Read("/v1/landlords?limit=5")).Answer.Headers.ETag!;
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/landlords?limit=5");
        request.Headers.IfNoneMatch.Add(tag);

        Assert.Equal(304, (int)(await api.Anonymous.SendAsync(request, Ct)).StatusCode);
    }

    [Fact]
    public async Task Allow_lists_it_beside_GET()
    {
        var answer = await api.Admin.PostAsync("/v1/landlords", null, Ct);

        Assert.Equal((405, "GET, HEAD"), ((int)answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/declarations/submit");
        Assert.Equal(405, (int)(await api.Admin.SendAsync(request, Ct)).StatusCode);
    }

    private async Task<(string Told, byte[] Body)> AskAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        var answer = await api.Admin.SendAsync(request, Ct);
        // What the request or the moment gives its own value, and what only a body has.
        string[] own = ["X-Request-Id", "Date", "Last-Modified", "Transfer-Encoding", "Content-Length"];
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => !own.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order();
        return (Regex.Replace($"{(int)answer.StatusCode}\n{string.Join('\n', headers)}", "nonce-[^']+", "nonce"),
            await answer.Content.ReadAsByteArrayAsync(Ct));
    }
}
