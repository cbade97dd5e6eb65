using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Contract;

/// <summary>
/// Whether JSON is what a schema of the contract says: as much of JSON Schema as the contract uses, and nothing let pass besides.
/// </summary>
internal sealed class SchemaCheck(JsonNode contract)
{
    private static readonly HashSet<string> Understood =
    [
        "type", "format", "nullable", "enum", "properties", "required", "additionalProperties", "items", "allOf", "oneOf", "$ref",
        "description", "example",
        "pattern", "maxLength", "minLength", "minimum", "maximum", "default", "readOnly", "maxItems", "minItems", "maxProperties",
    ];

    /// <summary>What is wrong, with its place; nothing when all is well.</summary>
    public IEnumerable<string> Faults(JsonNode schema, JsonNode? value, string place = "$")
    {
        var unknown = schema.AsObject().Select(member => member.Key).Except(Understood).ToList();
        if (unknown.Count > 0)
            return [$"{place}: the check does not understand {string.Join(", ", unknown)}"];
        if (schema["$ref"] is { } reference)
            return Faults(contract["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!, value, place);
        if (value is null)
        {
            // What names neither a type nor another schema lets anything pass.
            var isOpen = !schema.AsObject().Any(member => member.Key is "type" or "$ref" or "allOf" or "oneOf");
            return (bool?)schema["nullable"] == true || isOpen || schema["oneOf"] is JsonArray any
                && any.Any(part => (bool?)part!["nullable"] == true) ? [] : [$"{place} is null"];
        }
        if (schema["allOf"] is JsonArray all)
            return all.SelectMany(part => Faults(part!, value, place));
        if (schema["oneOf"] is JsonArray some)
        {
            var faults = some.Select(part => Faults(part!, value, place).ToList()).ToList();
            return faults.Count(fault => fault.Count == 0) == 1
                ? []
                : faults.MinBy(fault => fault.Count)!.DefaultIfEmpty($"{place} is of several types at once");
        }
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            return [$"{place} is {value.ToJsonString()}, none of {words.ToJsonString()}"];
        if (OutOfBounds(schema, value) is { } beyond)
            return [$"{place} {beyond}: {value.ToJsonString()}"];
        return (string?)schema["type"] switch
        {
            "object" => ObjectFaults(schema, value, place),
            "array" => value is JsonArray items
                ? items.SelectMany((item, index) => Faults(schema["items"]!, item, $"{place}[{index}]"))
                : [$"{place} is no array"],
            "string" => Is(value, JsonValueKind.String) && IsFormat((string?)schema["format"], (string)value!)
                ? []
                : [$"{place} is no {schema["format"] ?? "string"}: {value.ToJsonString()}"],
            "integer" => Is(value, JsonValueKind.Number)
                && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number == decimal.Truncate(number) && ((string?)schema["format"] != "int32" || Math.Abs(number) <= int.MaxValue)
                    ? []
                    : [$"{place} is no integer"],
            "number" => Is(value, JsonValueKind.Number) ? [] : [$"{place} is no number"],
            "boolean" => Is(value, JsonValueKind.True) || Is(value, JsonValueKind.False) ? [] : [$"{place} is no boolean"],
            _ => [],
        };
    }

    private IEnumerable<string> ObjectFaults(JsonNode schema, JsonNode value, string place)
    {
        if (value is not JsonObject members)
            return [$"{place} is no object"];
        var known = schema["properties"] as JsonObject ?? [];
        var missing = (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !members.ContainsKey(name))
            .Select(name => $"{place}.{name} is missing");
        var rest = schema["additionalProperties"];
        var wrong = members.SelectMany(member => known[member.Key] is { } property ? Faults(property, member.Value, $"{place}.{member.Key}")
            : rest is JsonObject other ? Faults(other, member.Value, $"{place}.{member.Key}")
            : [$"{place}.{member.Key} is not in the contract"]);
        return missing.Concat(wrong);
    }

    private static string? OutOfBounds(JsonNode schema, JsonNode value)
    {
        if (value is JsonArray items)
            return items.Count > (int?)schema["maxItems"] ? "has too many items" : null;
        if (Is(value, JsonValueKind.String))
            return ((string)value!).Length > (int?)schema["maxLength"] ? "is too long"
                : (string?)schema["pattern"] is { } pattern && !Regex.IsMatch((string)value!, pattern) ? "is not of its pattern" : null;
        return Is(value, JsonValueKind.Number)
            && ((decimal)value < (decimal?)schema["minimum"] || (decimal)value > (decimal?)schema["maximum"]) ? "is out of bounds" : null;
    }

    private static bool Is(JsonNode value, JsonValueKind kind) => value.GetValueKind() == kind;

    private static bool IsFormat(string? format, string text) => format switch
    {
        "date-time" => text.EndsWith('Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "uuid" => Guid.TryParse(text, out _),
        _ => true,
    };
}
