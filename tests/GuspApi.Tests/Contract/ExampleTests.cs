using System.Text.Json.Nodes;

namespace GuspApi.Tests.Contract;

public sealed class ExampleTests(DemoApi api) : IClassFixture<DemoApi>
{
    /// <summary>What Swagger UI fills in works when executed.</summary>
    [Fact]
    public async Task Every_get_answers_with_the_examples_of_its_contract()
    {
        var document = JsonNode.Parse(await api.Admin.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        var failed = new List<string>();
        var tried = 0;

        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            if (operations!["get"]?["parameters"] is not { } parameters)
                continue;
            var filled = parameters.AsArray()
                .Where(parameter => (string)parameter!["in"]! == "path" && parameter["example"] is not null)
                .Aggregate(path, (address, parameter) => address.Replace($"{{{parameter!["name"]}}}", parameter["example"]!.ToString()));
            var query = string.Join('&', parameters.AsArray()
                .Where(parameter => (string)parameter!["in"]! == "query" && (bool?)parameter["required"] == true)
                .Select(parameter => $"{parameter!["name"]}={parameter["example"]}"));
            // What callers make themselves, such as an import, has no example.
            if (filled.Contains('{'))
                continue;
            tried++;
            var answer = await api.Admin.GetAsync(query.Length > 0 ? $"{filled}?{query}" : filled, TestContext.Current.CancellationToken);
            if (!answer.IsSuccessStatusCode)
                failed.Add($"{(int)answer.StatusCode} {filled}?{query}");
        }

        Assert.True(tried > 0);
        Assert.Empty(failed);
    }
}
