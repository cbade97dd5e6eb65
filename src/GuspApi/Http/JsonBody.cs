using System.Text.Json;

namespace GuspApi.Http;

/// <summary>
/// Reads a JSON body member by member and notes everything that is not of the right type, with its pointer, instead of stopping at the
/// first. What is missing is null: whether it may be is a rule's business.
/// </summary>
internal sealed class JsonBody
{
    private const int Depth = 64;

    private readonly List<ApiError> errors = [];

    public IReadOnlyList<ApiError> Errors => errors;

    /// <summary>The whole body, or the refusal: another type, nothing, malformed JSON with its place, nested too deep.</summary>
    public static async Task<(JsonDocument? Document, Problem? Refusal)> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasJsonContentType())
            return (null, Problems.UnsupportedMediaType("application/json"));
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = false };
            return (await JsonDocument.ParseAsync(request.Body, options, ct), null);
        }
        catch (JsonException fault)
        {
            var at = $"{fault.LineNumber + 1}:{fault.BytePositionInLine + 1}";
            return (null, Problems.InvalidBody(
                new(
                    $"The body is not JSON that can be read, at line:byte {at}: malformed, cut short, a member twice, "
                        + $"or nested deeper than {Depth}.",
                    $"Le corps n'est pas du JSON lisible, en ligne:octet {at} : mal formé, tronqué, "
                        + $"membre répété ou plus de {Depth} niveaux."),
                [ApiError.OfBody("MALFORMED_JSON", new(
                    "Malformed JSON.", "JSON mal formé."), "", at, Model.Text.Alike("JSON (RFC 8259)"))]));
        }
    }

    public bool IsObject(JsonElement element, string pointer)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return true;
        Wrong(element, pointer, new("an object", "un objet"));
        return false;
    }

    /// <summary>Notes the members that do not exist, so that a misspelt one is not lost in silence.</summary>
    public void Only(JsonElement element, string pointer, IReadOnlySet<string> known)
    {
        foreach (var member in element.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException)
            {
                name = "\uFFFD"; // A lone surrogate: no member of ours.
            }
            if (!known.Contains(name))
                errors.Add(ApiError.OfBody(
                    "UNKNOWN_MEMBER", new("There is no such member here.", "Il n'y a pas de membre de ce nom ici."),
                    $"{pointer}/{name.Replace("~", "~0").Replace("/", "~1")}", expected: Model.Text.Alike(string.Join(", ", known))));
        }
    }

    public string? Text(JsonElement parent, string pointer, string name)
    {
        if (Member(parent, name) is not { } element)
            return null;
        if (element.ValueKind != JsonValueKind.String)
            return Wrong<string>(element, $"{pointer}/{name}", new("a string", "une chaîne"));
        try
        {
            var text = element.GetString()!;
            return text.Contains('\0') ? Wrong<string>(element, $"{pointer}/{name}", new(
                "a string without NUL characters (U+0000)", "une chaîne sans caractère NUL (U+0000)")) : text;
        }
        catch (InvalidOperationException)
        {
            errors.Add(ApiError.OfBody(
                "INVALID_TYPE", new(
                    "This string is not Unicode.",
                    "Cette chaîne n'est pas de l'Unicode."), $"{pointer}/{name}", expected: new("a Unicode string", "une chaîne Unicode")));
            return null;
        }
    }

    public string? Word(JsonElement parent, string pointer, string name, params string[] words)
    {
        if (Member(parent, name) is not { } element)
            return null;
        var expected = new Model.Text(string.Join(" or ", words), string.Join(" ou ", words));
        if (element.ValueKind != JsonValueKind.String || Text(parent, pointer, name) is not { } text)
            return element.ValueKind == JsonValueKind.String ? null : Wrong<string>(element, $"{pointer}/{name}", expected);
        return words.Contains(text) ? text : Wrong<string>(element, $"{pointer}/{name}", expected);
    }

    public int? Integer(JsonElement parent, string pointer, string name)
    {
        if (Member(parent, name) is not { } element)
            return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value))
            return value;
        Wrong(element, $"{pointer}/{name}", new("a whole number", "un nombre entier"));
        return null;
    }

    public decimal? Number(JsonElement parent, string pointer, string name)
    {
        if (Member(parent, name) is not { } element)
            return null;
        // A decimal drops digits past the 28th in silence: such a number is not taken for the one it is near.
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDecimal(out var value) && element.GetRawText().Length <= 28)
            return value;
        Wrong(element, $"{pointer}/{name}", new("a JSON number that fits in 28 digits", "un nombre JSON d'au plus 28 chiffres"));
        return null;
    }

    /// <summary>The items of an array with their pointers; null when it is missing or not an array.</summary>
    public IReadOnlyList<(JsonElement Element, string Pointer)>? Items(JsonElement parent, string pointer, string name)
    {
        if (Member(parent, name) is not { } element)
            return null;
        if (element.ValueKind != JsonValueKind.Array)
        {
            Wrong(element, $"{pointer}/{name}", new("an array", "un tableau"));
            return null;
        }
        return [.. element.EnumerateArray().Select((item, index) => (item, $"{pointer}/{name}/{index}"))];
    }

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    private T? Wrong<T>(JsonElement element, string pointer, Model.Text expected) where T : class
    {
        Wrong(element, pointer, expected);
        return null;
    }

    private void Wrong(JsonElement element, string pointer, Model.Text expected)
    {
        var raw = element.GetRawText();
        errors.Add(ApiError.OfBody(
            "INVALID_TYPE", new($"This is not {expected.En}.", $"Valeur du mauvais type ; attendu : {expected.Fr}."),
            pointer, raw.Length <= 60 ? raw : raw[..60] + "…", expected));
    }
}
