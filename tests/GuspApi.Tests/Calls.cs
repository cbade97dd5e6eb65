using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GuspApi.Tests;

/// <summary>Calls as tests write them: an answer's status, headers and JSON together.</summary>
internal static class Calls
{
    public static async Task<(int Status, JsonNode Body, HttpResponseMessage Answer)> Read(
        this HttpClient client, string path, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await client.ExchangeAsync(request);
    }

    public static async Task<(int Status, JsonNode Body, HttpResponseMessage Answer)> Replace(
        this HttpClient client, string path, object body, string? ifMatch = null, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await client.ExchangeAsync(request);
    }

    public static async Task<(int Status, JsonNode Body, HttpResponseMessage Answer)> Remove(this HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        return await client.ExchangeAsync(request);
    }

    private static async Task<(int Status, JsonNode Body, HttpResponseMessage Answer)> ExchangeAsync(
        this HttpClient client, HttpRequestMessage request)
    {
        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject(), answer);
    }
}
