using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Http;

public sealed class SecurityHeaderTests(SecurityHeaderTests.ProxiedApi api) : IClassFixture<SecurityHeaderTests.ProxiedApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class ProxiedApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:KnownProxies", "127.0.0.1")];
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/keys")]
    [InlineData("/v1/nothing")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/swagger/index.html")]
    [InlineData("/health/live")]
    public async Task Every_answer_tells_browsers_to_guess_run_and_frame_nothing(string path)
    {
        var answer = await api.Anonymous.GetAsync(path, Ct);

        string[] names = ["X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"];
        Assert.Equal(["nosniff", "DENY", "no-referrer"], names[..3].Select(name => answer.Headers.GetValues(name).Single()));
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("X-Powered-By"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task What_needed_a_key_stays_out_of_shared_caches_and_https_is_kept_to_where_a_proxy_speaks_it()
    {
        var keyed = await api.Admin.GetAsync("/v1/me", Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        var secure = await api.Anonymous.SendAsync(request, Ct);

        Assert.True(keyed.Headers.CacheControl is { Private: true, NoCache: true });
        Assert.Equal("max-age=31536000", secure.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("PUT", false)]
    [InlineData("POST", false)]
    [InlineData("DELETE", false)]
    public async Task Any_page_may_read_and_none_may_write(string method, bool allowed)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Options, "/v1/declarations");
        ask.Headers.Add("Origin", "https://page.example");
        ask.Headers.Add("Access-Control-Request-Method", method);
        ask.Headers.Add("Access-Control-Request-Headers", "authorization");

        var answer = await api.Anonymous.SendAsync(ask, Ct);

        Assert.Equal(allowed, answer.Headers.TryGetValues("Access-Control-Allow-Methods", out var methods) && methods.Single().Split(',')
            .Contains(method));
    }

    [Fact]
    public async Task A_page_reads_answers_refusals_and_what_their_headers_tell()
    {
        foreach (var path in new[] { "/v1", "/v1/declarations" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Origin", "https://page.example");
            var answer = await api.Anonymous.SendAsync(request, Ct);
            Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("Gusp-Revision", answer.Headers.GetValues("Access-Control-Expose-Headers").Single());
        }
    }

    [Fact]
    public async Task What_is_too_long_is_refused_with_a_problem()
    {
        using var headers = new HttpRequestMessage(HttpMethod.Get, "/v1");
        for (var i = 0; i < 9; i++)
            headers.Headers.Add($"X-Long-{i}", new string('a', 4000));

        await Refused(await api.Anonymous.SendAsync(headers, Ct), 431, "HEADERS_TOO_LARGE");
        await Refused(await api.Anonymous.GetAsync("/v1/landlords?q=" + new string('a', 9000), Ct), 414, "TARGET_TOO_LONG");
        using var body = new HttpRequestMessage(HttpMethod.Post, "/v1/keys") { Content = new ByteArrayContent(new byte[10_000_001]) };
        body.Content.Headers.ContentType = new("application/json");
        body.Headers.ExpectContinue = true; // so that the answer comes before the body is sent
        await Refused(await api.Admin.SendAsync(body, Ct), 413, "BODY_TOO_LARGE");
    }

    /// <summary>Kestrel refuses these before there is a request that a pipeline could answer: it sends a status and closes.</summary>
    [Theory]
    [InlineData("GET /v1 HTTP/1.1\r\nno colon\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("NONSENSE\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /v1 HTTP/1.1\r\n\r\n", "HTTP/1.1 400")]
    public async Task What_is_no_request_at_all_gets_a_status_and_no_banner(string sent, string status)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port, Ct);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(sent), Ct);

        var answer = await new StreamReader(stream).ReadToEndAsync(Ct);

        Assert.StartsWith(status, answer);
        Assert.DoesNotContain("Server:", answer);
    }

    private static async Task Refused(HttpResponseMessage answer, int status, string code)
    {
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((status, code), ((int)answer.StatusCode, (string)problem["code"]!));
    }
}
