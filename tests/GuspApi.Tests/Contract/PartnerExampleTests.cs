using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Contract;

/// <summary>What openapi/README.md tells partners to type, typed.</summary>
public sealed class PartnerExampleTests(DemoApi api) : IClassFixture<DemoApi>
{
    [Fact]
    public async Task The_examples_for_partners_do_what_they_say()
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(ContractTests.RootOf(), "openapi", "README.md"), TestContext.Current.CancellationToken);

        var printed = new List<string>();
        foreach (Match example in Regex.Matches(text, "<!-- example -->\n```sh\n(.*?)```", RegexOptions.Singleline))
            printed.Add(await ShellAsync(example.Groups[1].Value));

        Assert.Equal(8, printed.Count);
        Assert.StartsWith("gusp_", (string)JsonNode.Parse(printed[0])!["key"]!);
        Assert.Equal(5, JsonNode.Parse(printed[1])!["data"]!.AsArray().Count);
        Assert.Equal(5, JsonNode.Parse(printed[2])!["data"]!.AsArray().Count);
        var landlords = (int)JsonNode.Parse(
            await api.Anonymous.GetStringAsync("/v1/landlords", TestContext.Current.CancellationToken))!["meta"]!["total"]!;
        Assert.Equal(landlords, printed[3].Trim().Split('\n').Length);
        Assert.Equal("304", printed[4].Trim());
        Assert.StartsWith("theme;", printed[5]);
        Assert.Contains("vouliez-vous dire department", printed[6]);
        Assert.Contains("Relisez", printed[7]);
    }

    private async Task<string> ShellAsync(string block)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", block])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["GUSP"], start.Environment["KEY"]) = (api.Admin.BaseAddress!.ToString().TrimEnd('/'), Api.BootstrapKey);
        using var shell = Process.Start(start)!;
        var streams = await Task.WhenAll(
            shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, $"{block}\n{string.Join('\n', streams)}");
        return streams[0];
    }
}
