using System.Text.Json.Nodes;

namespace GuspApi.Tests.Contract;

/// <summary>
/// What a later contract (OpenAPI 3.0) takes away from clients of an earlier one: of answers, a member, a value, a promise; of requests,
/// what was accepted. The differs that npm has either ended or overlook values that vanish from answers.
/// </summary>
internal sealed class ContractBreaks
{
    private readonly JsonNode before;
    private readonly JsonNode after;
    private readonly HashSet<(string, string, bool)> seen = [];
    private readonly SortedSet<string> breaks = new(StringComparer.Ordinal);

    private ContractBreaks(JsonNode before, JsonNode after) => (this.before, this.after) = (before, after);

    public static IEnumerable<string> Between(JsonNode before, JsonNode after)
    {
        var comparison = new ContractBreaks(before, after);
        comparison.Compare();
        return comparison.breaks;
    }

    private void Compare()
    {
        foreach (var (path, operations) in before["paths"]!.AsObject())
            foreach (var (method, operation) in operations!.AsObject())
            {
                var name = $"{method.ToUpperInvariant()} {path}";
                if (after["paths"]![path]?[method] is not { } now)
                {
                    breaks.Add($"{name} is gone");
                    continue;
                }
                CompareParameters(name, operation!, now);
                CompareBodies(name, operation!["requestBody"]?["content"], now["requestBody"]?["content"]);
                if ((bool?)now["requestBody"]?["required"] == true && (bool?)operation["requestBody"]?["required"] != true)
                    breaks.Add($"{name}: the body has become required");
                CompareAnswers(name, operation["responses"]!.AsObject(), now["responses"]!.AsObject());
            }
    }

    private void CompareParameters(string name, JsonNode old, JsonNode now)
    {
        var (had, has) = (ByName(old), ByName(now));
        foreach (var (parameter, was) in had)
        {
            if (!has.TryGetValue(parameter, out var still))
                breaks.Add($"{name}: the parameter {parameter} is gone");
            else
                CompareSchemas($"{name} {parameter}", was["schema"]!, still["schema"]!, isAnswer: false);
        }
        foreach (var (parameter, _) in has.Where(
            item => (bool?)item.Value["required"] == true && (!had.TryGetValue(item.Key, out var was) || (bool?)was["required"] != true)))
            breaks.Add($"{name}: the parameter {parameter} has become required");
    }

    private static Dictionary<string, JsonNode> ByName(JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? []).ToDictionary(parameter => (string)parameter!["name"]!, parameter => parameter!);

    private void CompareBodies(string name, JsonNode? old, JsonNode? now)
    {
        foreach (var (type, body) in old?.AsObject() ?? [])
        {
            if (now?[type] is not { } still)
                breaks.Add($"{name} no longer takes {type}");
            else
                CompareSchemas($"{name} body", body!["schema"]!, still["schema"]!, isAnswer: false);
        }
    }

    private void CompareAnswers(string name, JsonObject old, JsonObject now)
    {
        foreach (var (status, answer) in old.Where(answer => answer.Key[0] == '2'))
        {
            if (now[status] is not { } still)
            {
                breaks.Add($"{name} no longer answers {status}");
                continue;
            }
            foreach (var (type, body) in answer!["content"]?.AsObject() ?? [])
            {
                if (still["content"]?[type] is not { } given)
                    breaks.Add($"{name} {status} no longer comes as {type}");
                else
                    CompareSchemas($"{name} {status}", body!["schema"]!, given["schema"]!, isAnswer: true);
            }
        }
    }

    private void CompareSchemas(string place, JsonNode old, JsonNode now, bool isAnswer)
    {
        var isNullable = (IsNullable(old), IsNullable(now));
        if (isAnswer && isNullable is (false, true))
            breaks.Add($"{place} may be null now");
        if (!isAnswer && isNullable is (true, false))
            breaks.Add($"{place} may no longer be null");
        (old, now) = (Resolve(before, old), Resolve(after, now));
        // A type that holds itself, or stands in many answers of an operation, is compared once for each.
        if (old.Parent is JsonObject && !seen.Add((place.Split('.')[0], old.GetPath(), isAnswer))
            && place.Count(letter => letter == '.') > 6)
            return;

        var (type, becomes) = ((string?)old["type"], (string?)now["type"]);
        if (type is not null && type != becomes
            && !(isAnswer ? (type, becomes) is ("number", "integer") : (type, becomes) is ("integer", "number")))
            breaks.Add($"{place}: {type} has become {becomes ?? "anything"}");
        CompareWords(place, old["enum"] as JsonArray, now["enum"] as JsonArray, isAnswer);
        if (!isAnswer)
            CompareBounds(place, old, now);
        if (old["items"] is { } items && now["items"] is { } others)
            CompareSchemas($"{place}[]", items, others, isAnswer);
        CompareMembers(place, old, now, isAnswer);
    }

    private void CompareWords(string place, JsonArray? old, JsonArray? now, bool isAnswer)
    {
        if (now is null)
            return;
        if (old is null)
        {
            if (!isAnswer)
                breaks.Add($"{place}: only some values are accepted now");
            return;
        }
        foreach (var word in old.Where(word => !now.Any(other => JsonNode.DeepEquals(word, other))))
            breaks.Add($"{place}: {word} {(isAnswer ? "is gone" : "is no longer accepted")}");
    }

    private void CompareBounds(string place, JsonNode old, JsonNode now)
    {
        foreach (var bound in new[] { "maxLength", "maximum", "maxItems" }.Where(
            bound => now[bound] is not null && (old[bound] is null || (decimal)old[bound]! > (decimal)now[bound]!)))
            breaks.Add($"{place}: {bound} has become narrower");
        foreach (var bound in new[] { "minLength", "minimum", "minItems" }.Where(
            bound => now[bound] is not null && (old[bound] is null || (decimal)old[bound]! < (decimal)now[bound]!)))
            breaks.Add($"{place}: {bound} has become narrower");
        if (now["pattern"] is { } pattern && (string?)old["pattern"] != (string?)pattern)
            breaks.Add($"{place}: pattern has changed");
    }

    private void CompareMembers(string place, JsonNode old, JsonNode now, bool isAnswer)
    {
        var (required, nowRequired) = (Required(old), Required(now));
        foreach (var (member, schema) in old["properties"]?.AsObject() ?? [])
        {
            if (now["properties"]?[member] is not { } still)
            {
                breaks.Add($"{place}.{member} is {(isAnswer ? "gone from the answer" : "no longer taken")}");
                continue;
            }
            if (isAnswer && required.Contains(member) && !nowRequired.Contains(member))
                breaks.Add($"{place}.{member} may be absent now");
            CompareSchemas($"{place}.{member}", schema!, still, isAnswer);
        }
        if (!isAnswer)
            breaks.UnionWith(nowRequired.Except(required).Select(member => $"{place}.{member} has become required"));
    }

    private static bool IsNullable(JsonNode schema) => (bool?)schema["nullable"] == true
        || ((schema["oneOf"] as JsonArray)?.Any(part => (bool?)part!["nullable"] == true) ?? false);

    private static HashSet<string> Required(JsonNode schema) => [.. (schema["required"] as JsonArray ?? []).Select(name => (string)name!)];

    /// <summary>Through references, and through the allOf that carries one.</summary>
    private static JsonNode Resolve(JsonNode document, JsonNode schema)
    {
        var target = (string?)schema["$ref"] ?? (string?)(schema["allOf"] as JsonArray)?[0]?["$ref"]
            ?? (string?)(schema["oneOf"] as JsonArray)?[0]?["$ref"];
        return target is null ? schema : document["components"]!["schemas"]![target.Split('/')[^1]]!;
    }
}
