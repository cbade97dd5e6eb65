using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Contract;

/// <summary>
/// Thousands of requests made from the contract: no fault of ours, every refusal a problem document with its code, every answer as the
/// contract describes it. Longer: <c>GUSP_FUZZ_REQUESTS=1000000</c>; the same again: <c>GUSP_FUZZ_SEED</c>, which is printed.
/// </summary>
public sealed class FuzzTests(DemoApi api, ITestOutputHelper output) : IClassFixture<DemoApi>
{
    private const int Usual = 20_000;
    private const int AtOnce = 6;
    private const int MostShown = 20;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_finds_a_fault()
    {
        var seed = Setting("GUSP_FUZZ_SEED", Random.Shared.Next());
        var requests = Setting("GUSP_FUZZ_REQUESTS", Usual);
        output.WriteLine($"GUSP_FUZZ_SEED={seed}");
        var contract = JsonNode.Parse(await api.Anonymous.GetStringAsync("/openapi/v1.json", Ct))!;
        var (fuzzer, check) = (new Fuzzer(contract, seed), new SchemaCheck(contract));
        var keys = await KeysAsync();
        // The first of each kind.
        var faults = new ConcurrentDictionary<string, string>();
        var statuses = new ConcurrentDictionary<int, int>();

        // One round in ten is shown to Prism, where it is there: each is checked against the contract below.
        using var direct = new HttpClient { BaseAddress = api.Anonymous.BaseAddress };
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, requests,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ct }, async (number, ct) =>
        {
            if (faults.Count >= MostShown)
                return;
            var (operation, request) = fuzzer.Make(number);
            using var _ = request;
            var key = keys[number / fuzzer.Count % keys.Length];
            if (key is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await (number / fuzzer.Count % 10 == 0 ? api.Anonymous : direct).SendAsync(request, ct);
            statuses.AddOrUpdate((int)answer.StatusCode, 1, (_, count) => count + 1);
            foreach (var fault in Faults(operation, answer, await answer.Content.ReadAsStringAsync(ct), contract, check))
                faults.TryAdd(
                    $"{operation.Name} {fault[..Math.Min(fault.Length, 30)]}",
                    $"seed {seed}, request {number}: {operation.Name} {request.Method} {request.RequestUri}\n  {fault}");
        });

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine(FormattableString.Invariant(
            $"{requests} requests in {seconds:0.0} s: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} x {status.Key}"))}"));
        Assert.True(faults.IsEmpty, string.Join('\n', faults.Values));
        Assert.True(statuses.Where(status => status.Key < 300).Sum(status => status.Value) > requests / 10, "Hardly a request was good.");
    }

    private static IEnumerable<string> Faults(
        Fuzzer.Operation operation, HttpResponseMessage answer, string text, JsonNode contract, SchemaCheck check)
    {
        var status = (int)answer.StatusCode;
        if (status is 204 or 304)
            return text.Length == 0 ? [] : [$"{status} has a body"];
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (status >= 500)
            return [$"{status} {text}"];
        // Kestrel refuses a NUL in a path before there is a request that we could answer.
        if (status == 400 && text.Length == 0 && answer.RequestMessage!.RequestUri!.AbsolutePath.Contains("%00", StringComparison.Ordinal))
            return [];
        JsonNode? body = null;
        if (type is "application/json" or "application/problem+json")
            try
            {
                body = JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return [$"{status} is no JSON: {text}"];
            }

        if (status >= 400 && (type != "application/problem+json" || (string?)body!["code"] is not { Length: > 0 }
            || (int?)body["status"] != status))
            return [$"{status} is no problem document: {type} {text}"];
        // Path values that hold nothing, or dots, lead to another address.
        if (status is 404 or 405 && (string?)body!["code"] is "NO_SUCH_ROUTE" or "METHOD_NOT_ALLOWED")
            return [];
        if (operation.Contract["responses"]![status.ToString(CultureInfo.InvariantCulture)] is not { } response)
            return [$"{status} is not in the contract: {text}"];
        if ((string?)response["$ref"] is { } shared)
            response = contract["components"]!["responses"]![shared.Split('/')[^1]]!;
        // Each code stands in the contract with an example.
        if (status >= 400 && response["content"]!["application/problem+json"]!["examples"]![(string)body!["code"]!] is null)
            return [$"{status} {body["code"]} is not in the contract"];
        if (body is null)
            return response["content"]?[type ?? ""] is null ? [$"{type} is not in the contract"] : [];
        // Members of a problem's own, such as allowedActions, come besides those of every problem.
        var schema = response["content"]?[type!]?["schema"];
        return schema is null ? [$"{status} as {type} is not in the contract"]
            : check.Faults(schema, status >= 400 ? Common(body) : body).Take(3).Select(fault => $"{status} {fault}");
    }

    private static JsonObject Common(JsonNode problem)
    {
        var common = problem.DeepClone().AsObject();
        common.Remove("allowedActions");
        return common;
    }

    private async Task<string?[]> KeysAsync()
    {
        return
        [
            Api.BootstrapKey, Api.BootstrapKey, Api.BootstrapKey, null,
            await KeyAsync(new { name = "Lecture", scopes = new[] { "read" } }),
            await KeyAsync(new { name = "Bailleur", scopes = new[] { "declare" }, landlords = new[] { "999590011" } }),
            await KeyAsync(new { name = "Instruction", scopes = new[] { "review" }, departments = new[] { "59" } }),
        ];

        async Task<string?> KeyAsync(object wanted)
        {
            using var made = await api.Admin.PostAsJsonAsync("/v1/keys", wanted, Ct);
            return (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!["key"]!;
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
