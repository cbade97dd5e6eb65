using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Contract;

/// <summary>
/// Makes requests from the contract: an operation, good values for its parameters and body, then a few of them replaced by boundary,
/// hostile, mistyped, oversized ones. A request is made by its number and the seed alone, so that a failure can be made again.
/// </summary>
internal sealed class Fuzzer(JsonNode contract, int seed)
{
    /// <summary>Boundaries, injections, wrong types, odd Unicode, long ones.</summary>
    private static readonly string[] HostileTexts =
    [
        "", " ", "0", "-1", "1.5", "1e400", "NaN", "null", "true", "undefined", "2147483648", "9223372036854775808",
        "99999999999999999999999999999999",
        "2014", "2101", "0000", "2022-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "2022-01-01T00:00:00+14:00", ",", ",,", "a,b,c",
        "*", "%", "_", "\\", "\"", "'", "';drop table landlord;--", "' or 1=1--", "$1", "@siren", "{0}", "${jndi:ldap://x}", "{{7*7}}",
        "<script>alert(1)</script>",
        "../../etc/passwd", "a\0b", "\r\nX-Injected: 1", "\u202e", "\ufeff", "e\u0301", "ﬁ", "İ", "ß", "𝔘😀", "٣", "１２３", "\ud83d",
        new('a', 300), new('9', 5000), new('é', 2000),
        "999590011", "999590029", "QP059001", "QN05901M", "59", "2A", "971", "59350", "DRAFT", "VALIDATED", "-expense",
        "lines", "submitted", "excel-fr",
        "=cmd|'/c calc'!A1", "W/\"v1\"", "\"v1\"", "\"v99999999999\"",
    ];

    private static readonly string[] HostileBodies =
    [
        "", "{", "[]", "null", "1", "\"\"", "{}", "{\"a\":1,\"a\":2}", "{\"lines\":null}", "\ufeff{}", "not json",
        "{\"lines\":[{}]}", new('[', 200),
        "{\"name\":\"\\ud800\"}", "{\"name\":\"\\u0000\"}", "siren;nom\n", "\"", ";;;;\n;;;;", "[{\"siren\":1}]",
        "{\"type\":\"FeatureCollection\",\"features\":[{}]}",
    ];

    private readonly Operation[] operations =
    [
        .. contract["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(item => new Operation(path.Key, item.Key.ToUpperInvariant(), item.Value!))),
    ];

    /// <summary>An operation of the contract.</summary>
    internal sealed record Operation(string Path, string Method, JsonNode Contract)
    {
        public string Name => (string)Contract["operationId"]!;
    }

    public int Count => operations.Length;

    public (Operation Operation, HttpRequestMessage Request) Make(int number)
    {
        var random = new Random(unchecked((seed * 397) ^ (number * 7919)));
        var operation = operations[number % operations.Length];
        // A quarter of the requests are right, or nearly.
        var hostility = random.Next(4) == 0 ? 0.0 : 0.25;
        var path = operation.Path;
        var query = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var parameter in operation.Contract["parameters"]?.AsArray() ?? [])
        {
            var name = (string)parameter!["name"]!;
            var isRequired = (bool?)parameter["required"] == true;
            if (!isRequired && random.NextDouble() > 0.25)
                continue;
            var value = random.NextDouble() < hostility ? Hostile(random) : Good(parameter, random);
            if ((string)parameter["in"]! == "path")
                path = path.Replace($"{{{name}}}", value.Trim() is "" ? "~" : Escape(value)); // Without a value it would be another address.
            else if ((string)parameter["in"]! == "query")
                query.Add($"{name}={Escape(value)}");
            else
                headers.Add((name, value));
        }
        if (random.NextDouble() < hostility / 5)
            query.Add($"{Escape(Hostile(random))}={Escape(Hostile(random))}");
        if (query.Count > 0 && random.NextDouble() < hostility / 5)
            query.Add(query[0]);

        var request = new HttpRequestMessage(
            new HttpMethod(operation.Method), query.Count > 0 ? $"{path}?{string.Join('&', query)}" : path);
        if (random.NextDouble() < 0.1)
            headers.Add(("Accept", random.GetItems(
                ["text/csv", "text/html", "application/xml", "*/*;q=0", "nonsense", "application/json"], 1)[0]));
        if (random.NextDouble() < 0.1)
            headers.Add(("Accept-Language", random.GetItems(["fr", "fr-FR,en;q=0.1", "*", "nonsense;;q=x"], 1)[0]));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, Printable(value));
        if (operation.Contract["requestBody"] is { } body && random.NextDouble() > 0.03)
            request.Content = Body(body, random, hostility);
        return (operation, request);
    }

    private static string Hostile(Random random) => HostileTexts[random.Next(HostileTexts.Length)];

    private static string Escape(string value) => Uri.EscapeDataString(value.Replace("\ud83d", value.Length == 1 ? "\ufffd" : "\ud83d"));

    /// <summary>A header is ASCII on one line; the client sends no other.</summary>
    private static string Printable(string value) => string.Concat(value.Where(c => c is >= ' ' and <= '~'));

    /// <summary>The example, one of the words that the description lists, or a value of the type.</summary>
    private string Good(JsonNode parameter, Random random)
    {
        var name = (string)parameter["name"]!;
        var form = (parameter["schema"]!["items"] ?? parameter["schema"])!;
        if ((string?)form["$ref"] is { } named && contract["components"]!["schemas"]![named.Split('/')[^1]]!["enum"] is JsonArray words)
            return words[random.Next(words.Count)]!.ToString();
        if ((bool?)parameter["required"] == true && parameter["example"] is { } example)
            return example.ToString();
        return name switch
        {
            "limit" => random.Next(1, 30).ToString(CultureInfo.InvariantCulture),
            "from" or "to" or "year" => random.Next(2019, 2024).ToString(CultureInfo.InvariantCulture),
            "department" => "59",
            "region" => "32",
            "commune" => "59350",
            "epci" => "200093201",
            "landlord" => "999590011",
            "qpv" => "QP059001",
            "axis" => "3",
            "theme" => "PROXIMITE",
            "version" => "1",
            "id" => Guid.NewGuid().ToString(),
            "dryRun" or "submit" or "totals" => random.Next(2) == 0 ? "true" : "false",
            "If-Match" or "If-None-Match" => random.Next(2) == 0 ? "*" : "\"v1\"",
            "updatedSince" or "since" or "until" => "2026-01-31T12:00:00Z",
            "bbox" => "2,50,4,51",
            "wait" => "0",
            _ => parameter["example"] is JsonArray several ? several[0]!.ToString() : parameter["example"]?.ToString() ?? "a",
        };
    }

    private StringContent Body(JsonNode body, Random random, double hostility)
    {
        var (type, media) = body["content"]!.AsObject().ElementAt(random.Next(body["content"]!.AsObject().Count));
        var schema = media!["schema"]!;
        var reference = ((string?)schema["$ref"] ?? (string?)schema["allOf"]?[0]?["$ref"])?.Split('/')[^1];
        var example = media["example"] ?? (reference is null ? null : contract["components"]!["schemas"]![reference]!["example"]);
        var text = (string?)null;
        if (example is JsonObject good)
        {
            var mutated = good.DeepClone();
            for (var times = hostility > 0 ? random.Next(4) : 0; times > 0; times--)
                Mutate(mutated, random);
            text = mutated.ToJsonString();
        }
        else if (example is not null)
            text = Spoil(example.ToString(), random, hostility);
        if (text is null || random.NextDouble() < hostility / 3)
            text = HostileBodies[random.Next(HostileBodies.Length)];

        var content = new StringContent(text.Replace("\ud83d", "\ufffd"), Encoding.UTF8);
        content.Headers.ContentType = random.NextDouble() < hostility / 5
            ? new MediaTypeHeaderValue(random.GetItems(["text/plain", "application/xml", "application/x-www-form-urlencoded"], 1)[0])
            : MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>A cell, a separator or a line of a file, replaced.</summary>
    private static string Spoil(string file, Random random, double hostility)
    {
        if (random.NextDouble() > hostility * 3)
            return file;
        var cells = file.Split(';');
        cells[random.Next(cells.Length)] = Hostile(random);
        return string.Join(random.Next(10) == 0 ? "," : ";", cells);
    }

    /// <summary>One member, anywhere in the body: another value, another type, gone, twice nested, or one too many.</summary>
    private static void Mutate(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, string? Name, int Index)>();
        Collect(root, places);
        if (places.Count == 0)
            return;
        var (parent, name, index) = places[random.Next(places.Count)];
        JsonNode? value = random.Next(10) switch
        {
            0 => null,
            1 => new JsonObject(),
            2 => new JsonArray(),
            3 => JsonValue.Create(random.Next(2) == 0),
            4 => JsonValue.Create(random.GetItems<long>([0, -1, 1_000_000_001, long.MaxValue, int.MinValue, 9], 1)[0]),
            5 => JsonValue.Create(random.GetItems<decimal>([0.001m, -0.01m, 1_000_000_000.00m, 79228162514264337593543950335m], 1)[0]),
            6 => new JsonArray([.. Enumerable.Range(0, random.Next(1, 300)).Select(i => (JsonNode)JsonValue.Create(i))]),
            _ => JsonValue.Create(Hostile(random)),
        };
        if (parent is JsonArray array)
            array[index] = value;
        else if (random.Next(6) == 0)
            parent.AsObject().Remove(name!);
        else
            parent[random.Next(8) == 0 ? Hostile(random) : name!] = value;
    }

    private static void Collect(JsonNode node, List<(JsonNode Parent, string? Name, int Index)> places)
    {
        if (node is JsonObject members)
            foreach (var (name, value) in members)
            {
                places.Add((node, name, 0));
                if (value is not null)
                    Collect(value, places);
            }
        else if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++)
            {
                places.Add((node, null, i));
                if (items[i] is { } item)
                    Collect(item, places);
            }
    }
}
