using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Deploy;

/// <summary>The script that keeps a copy in step, run as partners run it: its files are what GET gives.</summary>
public sealed class KeepCopyTests(Api api) : IClassFixture<Api>, IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly string folder = Directory.CreateTempSubdirectory("gusp-copy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_copy_follows_is_taken_up_again_after_a_kill_and_ends_with_its_key()
    {
        var (siren, qpv) = (await api.Given.Landlord("Bailleur d'Été \\ \"cité\""), await api.Given.Qpv("QP059001"));
        await api.Given.Holding(siren, 2023, qpv);
        await api.Given.Holding(siren, 2024, qpv);
        await api.Given.Holding(siren, 2022, qpv);
        await api.Given.Declaration(siren, 2024, qpv, "VALIDATED", 24_000.50m);
        await api.Given.Declaration(siren, 2023, qpv, "DRAFT", 1m);
        using var made = await api.Admin.PostAsJsonAsync("/v1/keys", new { name = "Copie", scopes = new[] { "read" } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;

        using (var first = Start((string)key["key"]!))
        {
            await InStepAsync([$"declaration/{siren}-2024-{qpv}", $"holding/{siren}-2022-{qpv}", $"holding/{siren}-2023-{qpv}",
                $"holding/{siren}-2024-{qpv}", $"landlord/{siren}", $"qpv/{qpv}"]);
            first.Kill(entireProcessTree: true);
            await first.WaitForExitAsync(Ct);
        }

        Assert.Equal(204, (await api.Admin.Remove($"/v1/holdings/{siren}/2022/{qpv}")).Status);
        using var renamed = await api.Admin.PutAsJsonAsync(
            $"/v1/landlords/{siren}", new { name = "Bailleur\td'hiver\n", family = "OPH" }, Ct);
        Assert.True(renamed.IsSuccessStatusCode);
        using var second = Start((string)key["key"]!);
        await InStepAsync([$"declaration/{siren}-2024-{qpv}", $"holding/{siren}-2023-{qpv}", $"holding/{siren}-2024-{qpv}",
            $"landlord/{siren}", $"qpv/{qpv}"]);

        Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{key["id"]}")).Status);
        var errors = await second.StandardError.ReadToEndAsync(Ct);
        await second.WaitForExitAsync(Ct);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("Refused (401)", errors);
    }

    /// <summary>Waits until these are the files, each what GET on its path gives.</summary>
    private async Task InStepAsync(string[] expected)
    {
        var wrong = "";
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20); await Task.Delay(100, Ct))
        {
            wrong = await DifferenceAsync(expected);
            if (wrong == "")
                return;
        }
        Assert.Fail(wrong);
    }

    private async Task<string> DifferenceAsync(string[] expected)
    {
        var files = Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)[..^5]).Order(StringComparer.Ordinal);
        if (!files.SequenceEqual(expected))
            return string.Join(", ", files);
        foreach (var file in expected)
        {
            var parts = file.Split('/');
            var (_, there, _) = await api.Admin.Read($"/v1/{parts[0]}s/{parts[1].Replace('-', '/')}");
            var here = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, file + ".json"), Ct))!;
            // An administrator is told more of a declaration: steps and anomalies. A new name of its landlord is the landlord's event.
            if (parts[0] == "declaration")
                (there["anomalies"], there["allowedActions"]) = (new JsonArray(), new JsonArray());
            if (here["landlord"] is { } named)
                there["landlord"]!["name"] = named["name"]!.DeepClone();
            if (!JsonNode.DeepEquals(there, here))
                return $"{file}: {here.ToJsonString()} is not {there.ToJsonString()}";
        }
        return "";
    }

    private Process Start(string key, [CallerFilePath] string here = "")
    {
        var script = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "deploy", "examples", "keep-copy.sh"));
        var start = new ProcessStartInfo("bash", [script, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["GUSP"], start.Environment["GUSP_KEY"]) = (api.Admin.BaseAddress!.ToString(), key);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no bash on this machine.");
            throw;
        }
    }
}
