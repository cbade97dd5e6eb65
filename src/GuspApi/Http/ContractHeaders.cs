using Microsoft.OpenApi;

namespace GuspApi.Http;

/// <summary>The headers of answers, described once for all operations.</summary>
internal static class ContractHeaders
{
    private static readonly Dictionary<string, (string Text, string Pattern, string Example)> Texts = new()
    {
        ["Gusp-Revision"] = ("The last accepted write that the answer reflects.", "^[0-9]+$", "1207"),
        ["X-Request-Id"] = ("The request's id: the caller's own, or ours.", "^[A-Za-z0-9._:-]{1,100}$", ContractExamples.SomeId),
        ["RateLimit"] = ("What is left of the requests of this second (draft-ietf-httpapi-ratelimit-headers); "
            + "absent where there is no limit.",
            """^"(key|address)";r=[0-9]+;t=[0-9]+$""", "\"key\";r=59;t=1"),
        ["RateLimit-Policy"] = ("How many requests a second are taken; absent where there is no limit.",
            """^"(key|address)";q=[0-9]+;w=[0-9]+$""", "\"key\";q=60;w=1"),
        ["ETag"] = ("Send it back in If-None-Match or If-Match.", """^"[!#-~]+"$""", "\"v1\""),
        ["Location"] = ("Path of what was made.", "^/v1/", "/v1/keys/0Ab1Cd2Ef3Gh"),
        ["Retry-After"] = ("Seconds after which to try again.", "^[0-9]+$", "2"),
        ["WWW-Authenticate"] = ("How to say who you are.", "^Bearer", "Bearer"),
        ["Access-Control-Allow-Origin"] = ("Any page may read: sent when the request has an Origin.", @"^\*$", "*"),
        ["Deprecation"] = ("Since when this operation is deprecated (RFC 9745).", "^@[0-9]+$", "@1790812800"),
        ["Sunset"] = ("When this operation will end (RFC 8594).", "GMT$", "Fri, 01 Oct 2027 00:00:00 GMT"),
    };

    public static Dictionary<string, IOpenApiHeader> Of(OpenApiDocument document, params string[] names)
    {
        var headers = new Dictionary<string, IOpenApiHeader>();
        foreach (var name in names)
            headers[name] = Reference(document, name);
        return headers;
    }

    public static void Add(OpenApiResponse response, OpenApiDocument document, params string[] names)
    {
        foreach (var name in names)
            (response.Headers ??= new Dictionary<string, IOpenApiHeader>())[name] = Reference(document, name);
    }

    private static OpenApiHeaderReference Reference(OpenApiDocument document, string name)
    {
        document.Components ??= new();
        document.Components.Headers ??= new Dictionary<string, IOpenApiHeader>();
        var (text, pattern, example) = Texts[name];
        document.Components.Headers.TryAdd(name, new OpenApiHeader
        {
            Description = text,
            Example = example,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = pattern, MaxLength = 1000 },
        });
        return new OpenApiHeaderReference(name, document);
    }
}
