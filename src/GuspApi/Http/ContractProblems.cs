using System.Globalization;
using GuspApi.Auth;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace GuspApi.Http;

/// <summary>Metadata of a route: codes of problems that it gives besides those that follow from its method, parameters and body.</summary>
internal sealed record GivesProblems(params string[] Codes);

/// <summary>
/// The problems of each operation, by status, an example for each code. Operations that can give the same share one component, so that a
/// client handles it once.
/// </summary>
internal static class ContractProblems
{
    public static TBuilder Gives<TBuilder>(this TBuilder route, params string[] codes) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new GivesProblems(codes));

    public static void Describe(OpenApiOperation operation, OperationFilterContext context, string? policy)
    {
        var described = operation.Responses!.Keys.Where(status => status[0] is '4' or '5').ToList();
        var codes = Codes(operation, context, policy, [.. described.Select(status => int.Parse(status, CultureInfo.InvariantCulture))])
            .Distinct();
        foreach (var status in described)
            operation.Responses.Remove(status);
        foreach (var problems in codes.Select(code => ProblemKinds.All[code]).GroupBy(kind => kind.Status!.Value)
            .OrderBy(group => group.Key))
            operation.Responses[problems.Key.ToString(CultureInfo.InvariantCulture)] = Shared(context, problems.Key, [.. problems]);
    }

    private static IEnumerable<string> Codes(
        OpenApiOperation operation, OperationFilterContext context, string? policy, HashSet<int> described)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var method = context.ApiDescription.HttpMethod;
        string[] always = ["INVALID_PARAMETERS", "UNAUTHORIZED", "TARGET_TOO_LONG", "TOO_MANY_REQUESTS", "TOO_MANY_WRONG_KEYS",
            "HEADERS_TOO_LARGE", "FAULT"];
        var codes = always.Concat(["BUSY", "TOOK_TOO_LONG", "UNAVAILABLE"]);
        if (policy != Policies.Open || described.Contains(403))
            codes = codes.Append("FORBIDDEN");
        if (described.Contains(404) || operation.Parameters!.Any(parameter => parameter.In == ParameterLocation.Path))
            codes = codes.Append("NOT_FOUND");
        if (described.Contains(406) || metadata.OfType<AnswersIn>().Any())
            codes = codes.Append("NOT_ACCEPTABLE");
        if (method != "GET")
            codes = codes.Append("HELD");
        if (operation.Parameters!.Any(parameter => parameter.Name == "If-Match"))
            codes = codes.Append("PRECONDITION_FAILED");
        if (operation.Parameters!.Any(
            parameter => parameter is { Name: "If-Match", Description: { } text } && text.Contains("required", StringComparison.Ordinal)))
            codes = codes.Append("PRECONDITION_REQUIRED");
        if (operation.RequestBody is not null)
            codes = codes.Concat(["INVALID_BODY", "TOO_SLOW", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"]);
        if (described.Contains(422) || (operation.RequestBody is not null && !metadata.OfType<TakesFile>().Any()))
            codes = codes.Append("RULES_BROKEN");
        if (metadata.OfType<AnswersIn>().Any(answers => answers.Streams)
            || context.MethodInfo.GetParameters().Any(parameter => parameter.ParameterType == typeof(Transfers)))
            codes = codes.Append("TOO_MANY_TRANSFERS");
        return codes.Concat(metadata.OfType<GivesProblems>().SelectMany(gives => gives.Codes));
    }

    private static OpenApiResponseReference Shared(OperationFilterContext context, int status, List<ProblemKind> kinds)
    {
        var document = context.Document;
        var id = string.Join('.', kinds.Select(kind => kind.Code).Order(StringComparer.Ordinal));
        document.Components ??= new();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        if (!document.Components.Responses.ContainsKey(id))
            document.Components.Responses[id] = Response(context, status, kinds);
        return new OpenApiResponseReference(id, document);
    }

    private static OpenApiResponse Response(OperationFilterContext context, int status, List<ProblemKind> kinds)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join("\n", kinds.Select(kind => $"- `{kind.Code}` {kind.Cause.En} {kind.Cure.En}")),
            Headers = ContractHeaders.Of(context.Document, "X-Request-Id", "RateLimit", "RateLimit-Policy"),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new()
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemDocument), context.SchemaRepository),
                    Examples = kinds.ToDictionary(kind => kind.Code, IOpenApiExample (kind) => new OpenApiExample
                    {
                        Summary = kind.Title.En,
                        Value = ContractExamples.OfProblem(kind),
                    }),
                },
            },
        };
        if (status is 429 or 503)
            ContractHeaders.Add(response, context.Document, "Retry-After");
        if (status == 401)
            ContractHeaders.Add(response, context.Document, "WWW-Authenticate");
        return response;
    }
}
