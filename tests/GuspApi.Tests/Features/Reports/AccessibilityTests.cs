using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Features.Reports;

/// <summary>
/// The pages in a real browser (headless Chromium), looked at by axe-core: WCAG 2.2 A and AA and its best practices. axe-core comes through
/// npm, once per user. Without Chromium or npm these tests are skipped, and say so.
/// </summary>
public sealed partial class AccessibilityTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/reports/region?code=32&from=2019&to=2022", "fr", 1280)]
    [InlineData("/v1/reports/region?code=32&from=2019&to=2022", "en", 500)]
    [InlineData("/v1/reports/qpv?code=QP059001&from=2020&to=2021", "fr", 1280)]
    [InlineData("/v1/reports/landlord?code=999590011&from=2022&to=2022", "en", 1280)]
    [InlineData("/v1/reports/region?code=11&from=2019&to=2022", "fr", 1280)]
    [InlineData("/", "fr", 1280)]
    [InlineData("/?q=amiens&from=2019&to=2022", "en", 500)]
    public async Task Axe_finds_nothing_to_mend(string path, string language, int width)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        request.Headers.AcceptLanguage.ParseAdd(language);
        var answer = await api.Anonymous.SendAsync(request, Ct);

        Assert.Equal("", await Look(await answer.Content.ReadAsStringAsync(Ct), width));
    }

    /// <summary>So that the silence above means something.</summary>
    [Fact]
    public async Task Axe_tells_a_fault() =>
        Assert.Contains("image-alt", await Look(
            "<!DOCTYPE html><html lang=\"fr\"><head><title>t</title></head><body><main><h1>t</h1><img "
                + "src=\"data:,\"></main></body></html>", 500));

    /// <summary>What axe-core finds in a page: the rules that are broken and where; nothing when all hold.</summary>
    private static async Task<string> Look(string page, int width)
    {
        var browser = Find("chromium", "chromium-browser", "google-chrome");
        var npm = Find("npm", "npm.cmd");
        Assert.SkipWhen(browser is null, "No Chromium on PATH: the pages were not looked at.");
        Assert.SkipWhen(npm is null, "No npm on PATH: axe-core cannot be fetched, the pages were not looked at.");
        var folder = Directory.CreateTempSubdirectory("gusp-axe-");
        try
        {
            var axe = await File.ReadAllTextAsync(await AxeAsync(npm), Ct);
            var file = Path.Combine(folder.FullName, "page.html");
            await File.WriteAllTextAsync(file, page.Replace("</body>", $$"""
                <script>{{axe}}</script><script>
                axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(found =>
                  document.title = `axe[${found.violations.map(v => v.id + ' ' + v.nodes.map(n => n.target).join(' ')).join('; ')}] passed ${found.passes.length}`);
                </script></body>
                """, StringComparison.Ordinal), Ct);
            var dom = await RunAsync(browser, folder.FullName, "--headless", "--no-sandbox", "--disable-gpu", $"--window-size={width},2000",
                $"--user-data-dir={folder.FullName}/profile", "--virtual-time-budget=20000", "--dump-dom", new Uri(file).AbsoluteUri);

            var verdict = Verdict().Match(dom);
            Assert.True(verdict.Success, "axe-core did not end: " + dom[..Math.Min(dom.Length, 500)]);
            return verdict.Groups[1].Value;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> AxeAsync(string npm)
    {
        var manifests = Path.Combine(Path.GetDirectoryName(Here())!, "npm");
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "guspapi-axe");
        var axe = Path.Combine(home, "node_modules", "axe-core", "axe.min.js");
        Directory.CreateDirectory(home);
        var locked = Path.Combine(home, "package-lock.json");
        if (File.Exists(axe) && await File.ReadAllTextAsync(locked, Ct) == await File.ReadAllTextAsync(
            Path.Combine(manifests, "package-lock.json"), Ct))
            return axe;
        foreach (var file in Directory.EnumerateFiles(manifests))
            File.Copy(file, Path.Combine(home, Path.GetFileName(file)), overwrite: true);
        await RunAsync(npm, home, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
        Assert.SkipUnless(File.Exists(axe), "npm could not fetch axe-core: the pages were not looked at.");
        return axe;
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(Ct);
        var output = await process.StandardOutput.ReadToEndAsync(Ct);
        await errors;
        await process.WaitForExitAsync(Ct);
        return output;
    }

    private static string? Find(params string[] names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    private static string Here([CallerFilePath] string here = "") => here;

    [GeneratedRegex(@"<title>axe\[(.*?)\] passed [1-9]", RegexOptions.Singleline)]
    private static partial Regex Verdict();
}
