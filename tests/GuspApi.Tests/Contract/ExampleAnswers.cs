using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GuspApi.Http;

namespace GuspApi.Tests.Contract;

/// <summary>
/// The examples of the contract: each operation asked with the examples of its parameters, reads first, then a year's declaration from
/// draft to reopened, an import, a key. What differs at each run is given a name that does not.
/// </summary>
internal sealed partial class ExampleAnswers(HttpClient admin, JsonNode contract, CancellationToken ct)
{
    private const string Object = "999590011/2023/QP059001";

    private readonly JsonObject examples = [];

    public async Task<JsonObject> AskAsync()
    {
        foreach (var (path, operations) in contract["paths"]!.AsObject())
            if (operations!["get"] is { } read && AddressOf(path, read) is { } address)
            {
                await SendAsync(read, HttpMethod.Get, address);
                if (read["responses"]!["200"]!["content"]?["application/geo+json"] is not null)
                    await SendAsync(read, HttpMethod.Get, WithContours(address));
            }
        await WriteAsync();
        return new JsonObject(examples.OrderBy(example => example.Key, StringComparer.Ordinal)
            .Select(example => KeyValuePair.Create(example.Key, example.Value?.DeepClone())));
    }

    /// <summary>The address with examples of what it requires; null where only a caller's own object would do.</summary>
    public static string? AddressOf(string path, JsonNode operation)
    {
        var parameters = operation["parameters"]?.AsArray() ?? [];
        if (parameters.Any(parameter => (string)parameter!["in"]! == "path" && (string)parameter["name"]! == "id"
            && (string?)parameter["schema"]!["type"] == "string"))
            return null;
        var filled = parameters.Where(parameter => (string)parameter!["in"]! == "path")
            .Aggregate(path, (address, parameter) => address.Replace($"{{{parameter!["name"]}}}", parameter["example"]!.ToString()));
        var query = parameters
            .Where(parameter => (string)parameter!["in"]! == "query"
                && ((bool?)parameter["required"] == true || IsNeeded(parameter) || (string)parameter["name"]! is "limit" or "from" or "to"))
            .Select(parameter => (string)parameter!["name"]! == "limit" ? "limit=2" : $"{parameter["name"]}={parameter["example"]}");
        return string.Join('?', new[] { filled, string.Join('&', query) }.Where(part => part != ""));
    }

    /// <summary>Required, but for some values of another parameter.</summary>
    private static bool IsNeeded(JsonNode parameter) =>
        ((string?)parameter["description"])?.StartsWith("Required", StringComparison.Ordinal) == true;

    /// <summary>One object with its contour: figures have one where they are by QPV.</summary>
    private static string WithContours(string address)
    {
        var one = address.Replace("limit=2", "limit=1") + (address.Contains('?') ? '&' : '?') + "format=geojson";
        return address.StartsWith("/v1/indicators", StringComparison.Ordinal) ? one + "&groupBy=qpv" : one;
    }

    private async Task WriteAsync()
    {
        await CreateAndReplaceAsync("PutLandlord", "/v1/landlords/999599996");
        await CreateAndReplaceAsync("PutQpv", "/v1/qpvs/QP059995");
        await CreateAndReplaceAsync("PutCampaign", "/v1/campaigns/2023");
        await PutAsync("PutRule", "/v1/rules/DWELLINGS_CHANGE", "If-Match");
        await CreateAndReplaceAsync("PutHolding", $"/v1/holdings/{Object}");
        await CreateAndReplaceAsync("PutDeclaration", $"/v1/declarations/{Object}");
        await PutAsync("JustifyAnomaly", $"/v1/declarations/{Object}/anomalies/VALUED_VERSUS_ABATEMENT");
        foreach (var (name, step) in new[] { ("Submit", "submit"), ("RequestChangesOf", "request-changes"), ("Submit", "submit"),
            ("Validate", "validate"), ("Reopen", "reopen") })
            await PostAsync(name + "Declaration", $"/v1/declarations/{Object}/{step}");
        foreach (var (name, step) in new[] { ("Submit", "submit"), ("RequestChangesOf", "request-changes"), ("Submit", "submit"),
            ("Validate", "validate"), ("Reopen", "reopen") })
            await PostAsync(name + "Declarations", $"/v1/declarations/{step}?landlord=999590011&year=2023");

        var import = (string)(await PostImportAsync("validate"))["id"]!;
        foreach (var (path, operations) in contract["paths"]!.AsObject()
            .Where(path => path.Key.StartsWith("/v1/imports/{id}", StringComparison.Ordinal)))
            if (operations!["get"] is { } read)
                await SendAsync(read, HttpMethod.Get,
                    path.Replace("{id}", import) + (path.EndsWith("errors", StringComparison.Ordinal) ? "?limit=2" : ""));
        await PostAsync("ApplyImport", $"/v1/imports/{import}/apply", ("Prefer", "wait=30"));
        var applied = (string)(await PostImportAsync("validate"))["id"]!;
        await PostAsync("ApplyImport", $"/v1/imports/{applied}/apply");
        await EndOfAsync(applied);
        var unawaited = (string)(await PostImportAsync("validate", seconds: 0))["id"]!;
        await EndOfAsync(unawaited);
        var given = (string)(await PostImportAsync("validate"))["id"]!;
        await SendAsync(Operation("CancelImport"), HttpMethod.Delete, $"/v1/imports/{given}");

        var key = (string)(await PostAsync("CreateKey", "/v1/keys"))["id"]!;
        await SendAsync(Operation("GetKey"), HttpMethod.Get, $"/v1/keys/{key}");
        await PostAsync("RotateKey", $"/v1/keys/{key}/rotate");
    }

    private async Task CreateAndReplaceAsync(string operation, string path)
    {
        await PutAsync(operation, path, "If-None-Match");
        await PutAsync(operation, path, "If-Match");
    }

    private Task<JsonObject> PutAsync(string operation, string path, string? condition = null) =>
        SendAsync(Operation(operation), HttpMethod.Put, path, Example(operation), condition is null ? [] : [(condition, "*")]);

    private Task<JsonObject> PostAsync(string operation, string path, params (string, string)[] headers) =>
        SendAsync(Operation(operation), HttpMethod.Post, path, Example(operation), headers);

    private async Task<JsonObject> PostImportAsync(string mode, int seconds = 30)
    {
        var file = Operation("PostImport")["requestBody"]!["content"]!["text/csv"]!["example"]!;
        return await SendAsync(Operation("PostImport"), HttpMethod.Post, $"/v1/imports?dataset=declarations&mode={mode}", file,
            ("Idempotency-Key", Guid.NewGuid().ToString()), ("Prefer", $"wait={seconds}"));
    }

    /// <summary>What was answered with 202 ends before the next request, which is not to meet it at work.</summary>
    private async Task EndOfAsync(string import)
    {
        while ((string)(await SendAsync(Operation("GetImport"), HttpMethod.Get, $"/v1/imports/{import}"))["endedAt"]! is null)
            await Task.Delay(50, ct);
    }

    private JsonNode Operation(string id) => contract["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
        .First(operation => (string?)operation.Value!["operationId"] == id).Value!;

    private JsonNode? Example(string operation)
    {
        var schema = Operation(operation)["requestBody"]?["content"]?["application/json"]?["schema"];
        var reference = (string?)schema?["$ref"] ?? (string?)schema?["allOf"]?[0]?["$ref"];
        return reference is null ? null : contract["components"]!["schemas"]![reference.Split('/')[^1]]!["example"];
    }

    private async Task<JsonObject> SendAsync(
        JsonNode operation, HttpMethod method, string address, JsonNode? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        if (body is JsonObject)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        else if (body is not null)
            request.Content = new StringContent(body.ToString(), Encoding.UTF8, "text/csv");
        using var answer = await admin.SendAsync(request, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        var (type, id) = (answer.Content.Headers.ContentType?.MediaType, (string)operation["operationId"]!);
        if (type?.EndsWith("json", StringComparison.Ordinal) != true)
            return [];
        var json = JsonNode.Parse(text)!.AsObject();
        Assert.True(answer.IsSuccessStatusCode || id == "GetImportRejects", $"{id} {address}: {text}");
        var name = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture) + (type == "application/geo+json" ? " " + type : "");
        if (!answer.IsSuccessStatusCode || examples[id]?[name] is not null)
            return json;
        var example = (examples[id] ??= new JsonObject()).AsObject();
        if (body is JsonObject)
            example["request"] = body.DeepClone();
        example[name] = Named(answer.StatusCode == HttpStatusCode.Accepted ? Begun(json) : json);
        return json;
    }

    /// <summary>How far the work has come when the answer is written is another thing at each run: here it has not begun.</summary>
    private static JsonObject Begun(JsonObject import)
    {
        var begun = import.DeepClone().AsObject();
        begun["revision"] = begun["endedAt"] = null;
        if (begun["appliedBy"] is not null)
        {
            begun["state"] = "APPLYING";
            begun["progress"]!["percent"] = 0;
            return begun;
        }
        begun["state"] = "RECEIVED";
        begun["progress"] = new JsonObject { ["rowsRead"] = 0, ["rowsTotal"] = null, ["percent"] = 0 };
        begun["outcome"] = new JsonObject { ["created"] = 0, ["updated"] = 0, ["unchanged"] = 0, ["rejected"] = 0 };
        begun["startedAt"] = begun["links"]!["changes"] = begun["links"]!["apply"] = null;
        return begun;
    }

    /// <summary>Ids, secrets and the present, under names that stay.</summary>
    private static JsonNode? Named(JsonNode? value, string name = "")
    {
        if (value is JsonObject members)
            return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Named(member.Value, member.Key))));
        if (value is JsonArray items)
            return new JsonArray([.. items.Select(item => Named(item, name))]);
        if (value?.GetValueKind() == JsonValueKind.Number && name is "revision" or "baseRevision")
            return 1207;
        if (value?.GetValueKind() != JsonValueKind.String)
            return value?.DeepClone();
        var text = (string)value!;
        if (name == "cursor" || text.Contains("cursor=", StringComparison.Ordinal) || text.Contains("after=", StringComparison.Ordinal))
            text = Cursor().Replace(name == "cursor" ? CursorForm.Example! : text, "$1" + CursorForm.Example);
        text = Secret().Replace(text, "gusp_0Ab1Cd2Ef3Gh_the-secret-is-shown-this-once");
        text = Id().Replace(text, ContractExamples.SomeId);
        if (name is "id" && KeyId().IsMatch(text))
            text = KeyIdForm;
        if (name is "requestId" or "applyRequestId" && text.Length == 32)
            text = ContractExamples.SomeId.Replace("-", "");
        // A day to come is reckoned from the day of the run.
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day) && day > DateOnly.FromDateTime(DateTime.UtcNow))
            text = "2026-03-31";
        return Instant().IsMatch(text) ? "2026-01-31T12:00:00Z" : text;
    }

    private const string KeyIdForm = "0Ab1Cd2Ef3Gh";

    [GeneratedRegex("((?:cursor|after)=)[A-Za-z0-9_-]+")]
    private static partial Regex Cursor();

    [GeneratedRegex("gusp_[A-Za-z0-9_-]{20,}")]
    private static partial Regex Secret();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("^[0-9A-Za-z]{12}$")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")]
    private static partial Regex Instant();
}
