using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Posts files and reads what came of them.</summary>
internal static class ImportClient
{
    public const string Header = "landlord_siren;year;qpv_code;ref;axis;action;family;actual";

    public static Task<HttpResponseMessage> PostAsync(
        HttpClient client, string query, byte[] body, string type = "text/csv", string? key = null, int wait = 30)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?" + query) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        if (wait > 0)
            request.Headers.Add("Prefer", $"wait={wait}");
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonNode> ImportAsync(HttpClient client, string query, byte[] body, string type = "text/csv")
    {
        var answer = await PostAsync(client, query, body, type);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public static Task<JsonNode> ImportAsync(HttpClient client, string query, string body, string type = "text/csv") =>
        ImportAsync(client, query, Encoding.UTF8.GetBytes(body), type);

    public static async Task<JsonNode> ReadAsync(HttpClient client, string path) =>
        JsonNode.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    public static async Task<List<JsonNode>> ErrorsAsync(HttpClient client, JsonNode import) =>
        [.. (await ReadAsync(client, (string)import["links"]!["errors"]! + "?limit=1000"))["data"]!.AsArray().Select(error => error!)];

    public static string Outcome(JsonNode import) =>
        $"{import["state"]} "
            + $"{import["outcome"]!["created"]}/{import["outcome"]!["updated"]}/{import["outcome"]!["unchanged"]}/{import["outcome"]!["rejected"]}";
}
