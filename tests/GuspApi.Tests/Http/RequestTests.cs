using System.Net;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Http;

public sealed class RequestTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Every_answer_tells_the_revision_and_the_request()
    {
        var answer = await api.Anonymous.GetAsync("/v1", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(long.TryParse(answer.Headers.GetValues("Gusp-Revision").Single(), out _));
        Assert.Single(answer.Headers.GetValues("X-Request-Id"));
    }

    [Fact]
    public async Task Echoes_the_request_id_it_was_given()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1");
        request.Headers.Add("X-Request-Id", "job-42");

        var answer = await api.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("job-42", answer.Headers.GetValues("X-Request-Id").Single());
    }

    [Theory]
    [InlineData("/v1?colour=red", 400, "INVALID_PARAMETERS")]
    [InlineData("/v1/nothing", 404, "NO_SUCH_ROUTE")]
    [InlineData("/nothing", 404, "NO_SUCH_ROUTE")]
    public async Task Refuses_with_a_problem(string path, int status, string code)
    {
        var answer = await api.Anonymous.GetAsync(path, TestContext.Current.CancellationToken);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), (string?)problem["requestId"]);
    }

    [Fact]
    public async Task Refuses_a_bad_key_on_an_open_route_and_says_it_in_french()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1");
        request.Headers.Add("Authorization", "Bearer nothing-of-the-kind");
        request.Headers.Add("Accept-Language", "fr-FR, en;q=0.5");

        var answer = await api.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Une clé valide est nécessaire", (string?)problem["title"]);
    }
}
