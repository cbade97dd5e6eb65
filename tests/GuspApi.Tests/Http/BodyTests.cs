using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Http;

public sealed class BodyTests(Api api) : IClassFixture<Api>
{
    [Theory]
    [InlineData("""{ "name": "A\u0000B", "family": "OPH" }""", "/name")]
    [InlineData("""{ "name": "A", "family": 1 }""", "/family")]
    [InlineData("""{ "name": "A", "family": "HLM" }""", "/family")]
    [InlineData("""{ "name": "A", "family": "OPH", "activeFrom": 1e400 }""", "/activeFrom")]
    [InlineData("""{ "name": "A", "family":""", "")]
    public async Task Says_where_a_body_cannot_be_read(string body, string pointer)
    {
        var answer = await api.Admin.PutAsync("/v1/landlords/732829320", Json(body), TestContext.Current.CancellationToken);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_BODY", (string?)problem["code"]);
        Assert.StartsWith(pointer, (string?)problem["errors"]![0]!["pointer"]);
        Assert.Equal(HttpStatusCode.NotFound,
            (await api.Anonymous.GetAsync("/v1/landlords/732829320", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Refuses_what_is_nested_too_deep()
    {
        var deep = new string('[', 10_000) + new string(']', 10_000);

        var answer = await api.Admin.PutAsync("/v1/landlords/732829320", Json(deep), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Refuses_a_body_over_the_limit()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/landlords/732829320")
        {
            Content = Json($$"""{ "name": "{{new string('x', 11_000_000)}}" }"""),
        };
        request.Headers.ExpectContinue = true;

        var answer = await api.Admin.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("PUT /v1/landlords/732829320", "application/json", """{ "name": "Moitié", "family": "OPH" """)]
    [InlineData("PUT /v1/declarations/732829320/2023/QP059001", "application/json", """{ "lines": [ """)]
    [InlineData("POST /v1/imports?dataset=landlords", "text/csv", "siren;nom;famille\n732829320;Moitié;OPH\n")]
    public async Task A_body_that_stops_half_way_writes_nothing(string request, string type, string half)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port, TestContext.Current.CancellationToken);
        var text = $"{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Api.BootstrapKey}\r\nIdempotency-Key: "
            + "half\r\nIf-None-Match: *\r\n"
            + $"Content-Type: {type}\r\nContent-Length: 100000\r\n\r\n{half}";
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        socket.Client.Shutdown(SocketShutdown.Send);

        var answer = await AnswerAsync(stream);

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from landlord where siren = '732829320'"));
        Assert.Equal(0, await api.Given.Scalar<long>(
            "select count(*) from import where state not in ('RECEIVING', 'FAILED', 'CANCELLED')"));
    }

    /// <summary>The server may answer, or cut a connection whose other half is closed.</summary>
    private static async Task<string> AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream);
        try
        {
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [Fact]
    public async Task A_feature_that_is_no_object_fails_the_file()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?dataset=qpvs")
        {
            Content = new StringContent("""{ "type": "FeatureCollection", "features": [null, 1] }""",
                Encoding.UTF8, "application/geo+json"),
        };
        request.Headers.Add("Idempotency-Key", "no-objects");
        request.Headers.Add("Prefer", "wait=20");

        var answer = await api.Admin.SendAsync(request, TestContext.Current.CancellationToken);

        var import = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("FAILED", (string?)import["state"]);
    }

    [Fact]
    public async Task A_bulk_step_needs_a_filter()
    {
        var answer = await api.Admin.PostAsync("/v1/declarations/validate", null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Single(answer.Headers.GetValues("X-Request-Id"));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
