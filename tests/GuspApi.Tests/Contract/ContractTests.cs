using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests.Contract;

public sealed partial class ContractTests(Api api) : IClassFixture<Api>
{
    private static readonly string Root = RootOf();

    /// <summary>The committed contract is the one served. To accept a change: <c>GUSP_UPDATE_CONTRACT=1 dotnet test</c>, and commit.</summary>
    [Theory]
    [InlineData("/openapi/v1.json", "gusp-api.v1.json")]
    [InlineData("/openapi/v1-3.1.json", "gusp-api.v1-3.1.json")]
    public async Task The_committed_contract_is_served(string path, string file)
    {
        var served = (await api.Anonymous.GetStringAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") + "\n";
        var committed = Path.Combine(Root, "openapi", file);
        if (Environment.GetEnvironmentVariable("GUSP_UPDATE_CONTRACT") == "1")
            await File.WriteAllTextAsync(committed, served, TestContext.Current.CancellationToken);

        Assert.Equal(await File.ReadAllTextAsync(committed, TestContext.Current.CancellationToken), served);
    }

    [Fact]
    public async Task Every_operation_has_an_id_a_summary_an_answer_and_its_problems()
    {
        var document = JsonNode.Parse(await api.Anonymous.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;

        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => (Name: $"{operation.Key} {path.Key}", Operation: operation.Value!)))
            .ToList();
        var poor = operations.Where(item =>
            item.Operation["operationId"] is null || item.Operation["summary"] is null || item.Operation["tags"] is null
            || item.Operation["responses"]!["400"] is null
            || !item.Operation["responses"]!.AsObject().Any(response => response.Key[0] == '2' && (response.Key == "204" || response.Value!["content"] is not null)));

        Assert.NotEmpty(operations);
        Assert.Empty(poor.Select(item => item.Name));
    }

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
            .SelectMany(file => Uses(File.ReadAllText(Path.Combine(source, file))).Where(used => !MayUse(file, used)).Select(used => $"{file} uses {used}"));

        Assert.Empty(wrong);
    }

    /// <summary>
    /// Reads go through what a caller sees (Database/Sql/20_seen_declaration.sql). The files that name the table itself write it, lock it, or
    /// read what the caller was seen to own or may count.
    /// </summary>
    [Fact]
    public void Declarations_are_read_through_what_the_caller_sees()
    {
        string[] allowed = ["CountedFigures.cs", "DeclarationJustify.cs", "DeclarationReader.cs", "DeclarationSave.cs", "DeclarationSteps.cs", "HoldingWrite.cs", "IndicatorQuery.cs"];

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
                || (feature == "Changes" && used is "Features.Declarations" or "Features.Holdings" or "Features.Landlords" or "Features.Projects" or "Features.Qpvs"),
            _ => false,
        };
    }

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"\b(?:from|join)\s+(?:declaration|declaration_version|expense_line)\b|\.(?:Declarations|DeclarationVersions|ExpenseLines)\.(?:Where|From|Select|Any)", RegexOptions.IgnoreCase)]
    private static partial Regex DeclarationTable();

    [GeneratedRegex(@"GuspApi\.((?:Features\.)?(?!Features\b)[A-Z][A-Za-z]+)")]
    private static partial Regex UsingLine();
}
