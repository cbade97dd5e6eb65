using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace GuspApi.Http;

/// <summary>
/// Requests, and what the server answered to them over the demonstration data: <c>openapi/examples.json</c>, which a test writes and
/// compares. What differs at each run, such as ids and instants, stands there under names that do not.
/// </summary>
internal static class ContractExamples
{
    public const string SomeId = "0197a4f2-6f0e-7c7e-9d0a-3c1f5b2e8a41";

    public static readonly string File = Path.Combine(AppContext.BaseDirectory, "examples.json");

    public static void AddTo(OpenApiDocument document)
    {
        var all = JsonNode.Parse(System.IO.File.ReadAllBytes(File))!.AsObject();
        // Linters take a Table Schema, which is what this one answers, for a schema of ours.
        all.Remove("GetImportSchema");
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations!.Values))
            AddTo(operation, all[operation.OperationId!]?.AsObject() ?? []);
    }

    /// <summary>Each stands under <c>request</c> or the status of the answer, and the type of the answer if it is not JSON.</summary>
    private static void AddTo(OpenApiOperation operation, JsonObject examples)
    {
        foreach (var (name, example) in examples)
        {
            var (place, type) = name.Split(' ') is [var status, var other] ? (status, other) : (name, "application/json");
            var content = place == "request" ? operation.RequestBody?.Content
                : operation.Responses!.TryGetValue(place, out var answer) ? answer.Content : null;
            if (content?.TryGetValue(type, out var media) == true)
                media.Example = example?.DeepClone();
        }
    }

    /// <summary>A problem of the kind, as the server writes it.</summary>
    public static JsonObject OfProblem(ProblemKind kind) => Problem.Document(
        new(kind.Code, Sentence(kind)), Model.Language.English, "/v1/declarations/999590011/2023/QP059001", SomeId);

    private static Model.Text Sentence(ProblemKind kind) => new($"{kind.Cause.En} {kind.Cure.En}", $"{kind.Cause.Fr} {kind.Cure.Fr}");
}
