using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace GuspApi.Tests.Contract;

/// <summary>So that the silence of Prism in all other tests means something.</summary>
public sealed class PrismTests(TestServer server)
{
    private const string Region = """{ "code": "32", "name": "Hauts-de-France", "source": "INSEE", "sourceDate": "2025-01-01" }""";

    [Theory]
    [InlineData("GET", "/v1/regions/32", 200, Region, null)]
    [InlineData("GET", "/v1/regions/32", 200, """{ "code": 32 }""", "response.body.code")]
    [InlineData("GET", "/v1/regions/32", 202, Region, "response")]
    [InlineData("GET", "/v1/regions/Nord", 200, Region, "request.path.code")]
    [InlineData("GET", "/v1/regions/Nord", 404, "{}", "response.body")]
    [InlineData("GET", "/v1/régions", 200, Region, "request")]
    [InlineData("PUT", "/v1/landlords/999590011", 200, """{ "€": 1 }""", "request.body")]
    public async Task Prism_tells_what_is_not_as_the_contract_says(string method, string path, int status, string body, string? place)
    {
        Assert.SkipWhen(server.Prism is null, "GUSP_PRISM=1 dotnet test: the exchanges of the tests were not shown to Prism.");
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("http://localhost" + path));
        if (method == "PUT")
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(
            body, Encoding.UTF8, new MediaTypeHeaderValue(status < 300 ? "application/json" : "application/problem+json"))
        };

        var fault = await server.Prism!.FaultAsync(request, answer, TestContext.Current.CancellationToken);

        if (place is null)
            Assert.Null(fault);
        else
            Assert.Contains(place + ":", fault);
    }
}
