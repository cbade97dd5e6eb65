using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GuspApi.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests.Contract;

public sealed partial class ContractTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly string Root = RootOf();
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly bool IsUpdate = Environment.GetEnvironmentVariable("GUSP_UPDATE_CONTRACT") == "1";

    private static readonly (string Path, string File)[] Documents =
        [("/openapi/v1.json", "gusp-api.v1.json"), ("/openapi/v1-3.1.json", "gusp-api.v1-3.1.json")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>
    /// The committed contract is the one served, and its examples are answers of the server. To accept a change:
    /// <c>GUSP_UPDATE_CONTRACT=1 dotnet test --filter ContractTests</c>, and commit.
    /// </summary>
    [Fact]
    public async Task The_committed_contract_is_served_and_its_examples_are_real_answers()
    {
        var examples = await new ExampleAnswers(api.Admin, await ServedAsync(), Ct).AskAsync();
        var written = examples.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
        if (IsUpdate)
        {
            // There, for the source, and beside the program, for the documents that follow.
            await File.WriteAllTextAsync(Path.Combine(Root, "openapi", "examples.json"), written, Ct);
            await File.WriteAllTextAsync(ContractExamples.File, written, Ct);
        }
        foreach (var (path, file) in Documents)
        {
            var served = (await api.Anonymous.GetStringAsync(path, Ct)).ReplaceLineEndings("\n") + "\n";
            var committed = Path.Combine(Root, "openapi", file);
            if (IsUpdate)
                await File.WriteAllTextAsync(committed, served, Ct);
            Assert.Equal(await File.ReadAllTextAsync(committed, Ct), served);
        }
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Root, "openapi", "examples.json"), Ct), written);
    }

    /// <summary>Nothing is left to be guessed: by people, or by a program that makes a client.</summary>
    [Fact]
    public async Task Every_operation_says_all_there_is_to_know()
    {
        var document = await ServedAsync();

        var poor = new List<string>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
            foreach (var (method, operation) in operations!.AsObject())
            {
                var name = $"{method} {path}";
                poor.AddRange(new[] { "operationId", "summary", "description", "tags", "security" }.Where(
                    member => operation![member] is null).Select(member => $"{name} has no {member}"));
                foreach (var parameter in operation!["parameters"]?.AsArray() ?? [])
                {
                    var schema = parameter!["schema"]!;
                    var form = schema["items"] ?? schema;
                    if (parameter["example"] is null || parameter["description"] is null)
                        poor.Add($"{name}: {parameter["name"]} has no example or no description");
                    if (form["enum"] is not null)
                        poor.Add($"{name}: {parameter["name"]} has words without a name, which clients would make up");
                    if (form["$ref"] is null && form["pattern"] is null && form["minimum"] is null && form["format"] is null
                        && (string?)form["type"] != "boolean")
                        poor.Add($"{name}: {parameter["name"]} has no form");
                }
                poor.AddRange(WithoutExample(operation["requestBody"], isRequest: true)
                    .Select(type => $"{name}: no example of its body as {type}"));
                // Rejects are the sender's own file; linters take an example of a Table Schema for a schema of ours.
                foreach (var (status, answer) in operation["responses"]!.AsObject().Where(
                    _ => !path.EndsWith("/schema", StringComparison.Ordinal) && !path.EndsWith("/rejects", StringComparison.Ordinal)))
                    poor.AddRange(WithoutExample(Resolved(document, answer!), isRequest: false)
                        .Select(type => $"{name}: no example of {status} as {type}"));
                foreach (var status in new[] { "400", "401", "429", "500", "503" }.Where(status => operation["responses"]![status] is null))
                    poor.Add($"{name}: no {status}");
            }
        Assert.Empty(poor);
    }

    /// <summary>The types that lack an example: of a body, which has one in any type, all; of an answer, those of JSON.</summary>
    private static IEnumerable<string> WithoutExample(JsonNode? body, bool isRequest)
    {
        var types = body?["content"]?.AsObject().Select(type => type.Key).ToList() ?? [];
        var bare = types.Where(type => body!["content"]![type]!["example"] is null && body["content"]![type]!["examples"] is null).ToList();
        return isRequest
            ? bare.Count == types.Count ? bare : []
            : bare.Where(type => type.EndsWith("/json", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal));
    }

    private static JsonNode Resolved(JsonNode document, JsonNode answer) =>
        (string?)answer["$ref"] is { } reference ? document["components"]!["responses"]![reference.Split('/')[^1]]! : answer;

    private async Task<JsonNode> ServedAsync() => JsonNode.Parse(await api.Anonymous.GetStringAsync("/openapi/v1.json", Ct))!;

    [Fact]
    public void No_route_is_open_by_omission()
    {
        var routes = api.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

        var unspoken = routes
            .Where(route => !route.Metadata.Any(item => item is IAllowAnonymous || item is IAuthorizeData { Policy: not null }))
            .Select(route => route.RoutePattern.RawText);

        Assert.Empty(unspoken);
    }

    /// <summary>Folders use only what is below them; features do not use each other, but Reports, which may use Indicators.</summary>
    [Fact]
    public void Folders_use_only_what_is_below_them()
    {
        var source = Path.Combine(Root, "src", "GuspApi");
        var wrong = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))
            .SelectMany(file => Uses(File.ReadAllText(Path.Combine(source, file))).Where(used => !MayUse(file, used))
                .Select(used => $"{file} uses {used}"));

        Assert.Empty(wrong);
    }

    /// <summary>
    /// Reads go through what a caller sees (Database/Sql/20_seen_declaration.sql). The files that name the table itself write it, lock it,
    /// or read what the caller was seen to own or may count.
    /// </summary>
    [Fact]
    public void Declarations_are_read_through_what_the_caller_sees()
    {
        string[] allowed = ["CountedFigures.cs", "DeclarationJustify.cs", "DeclarationReader.cs", "DeclarationSave.cs",
            "DeclarationSteps.cs", "HoldingWrite.cs", "IndicatorQuery.cs"];

        var features = Directory.EnumerateFiles(Path.Combine(Root, "src", "GuspApi", "Features"), "*.cs", SearchOption.AllDirectories);
        var direct = features
            .Where(file => !file.Contains("/Imports/", StringComparison.Ordinal) && DeclarationTable().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetFileName(file));

        Assert.Empty(direct.Except(allowed));
    }

    private static IEnumerable<string> Uses(string text) => UsingLine().Matches(text).Select(match => match.Groups[1].Value).Distinct();

    private static bool MayUse(string file, string used)
    {
        var folder = file.Contains('/') ? file[..file.IndexOf('/')] : "";
        var feature = folder == "Features" ? file.Split('/')[1] : null;
        return folder switch
        {
            "" or "Development" => true,
            "Model" => used == "Model",
            "Database" => used is "Model" or "Database",
            "Auth" or "Http" or "Observability" => used is "Model" or "Database" or "Auth" or "Http" or "Observability",
            "Features" => used is "Model" or "Database" or "Auth" or "Http" or "Observability"
                || used == $"Features.{feature}" || (feature == "Reports" && used == "Features.Indicators")
                || (feature == "Changes" && used is "Features.Declarations" or "Features.Holdings" or "Features.Landlords"
                    or "Features.Projects" or "Features.Qpvs"),
            _ => false,
        };
    }

    internal static string RootOf([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(
        @"\b(?:from|join)\s+(?:declaration|declaration_version|expense_line)\b|\.(?:Declarations|DeclarationVersions|ExpenseLines)\.(?:Where|From|Select|Any)", RegexOptions.IgnoreCase)]
    private static partial Regex DeclarationTable();

    [GeneratedRegex(@"GuspApi\.((?:Features\.)?(?!Features\b)[A-Z][A-Za-z]+)")]
    private static partial Regex UsingLine();
}
