using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Development;

/// <summary>Whole processes, timed: they run alone, after the others.</summary>
[CollectionDefinition(nameof(StartUpTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>What a user lives through on the first day: start, restart, kill, start twice, mistype.</summary>
[Collection(nameof(StartUpTests))]
public sealed class StartUpTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gusp-start-").FullName; // Ours, empty, 0700.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Keeps_its_data_through_a_restart_and_a_kill()
    {
        long revision;
        await using (var first = Start())
        {
            Assert.InRange(await first.ReadyAsync(Cancelled), TimeSpan.Zero, TimeSpan.FromSeconds(15));
            revision = await RevisionAsync(first);
            Assert.NotEqual(0, revision); // The demonstration data is there.
            Assert.Equal(0, await first.StopAsync(Cancelled));
        }
        Assert.False(File.Exists(PidFile));

        string server;
        await using (var second = Start())
        {
            await second.ReadyAsync(Cancelled);
            Assert.Equal(revision, await RevisionAsync(second));
            server = File.ReadLines(PidFile).First();
            await second.KillAsync(Cancelled);
        }

        await using var third = Start();
        await third.ReadyAsync(Cancelled);
        Assert.Equal(server, File.ReadLines(PidFile).First());
        Assert.Equal(revision, await RevisionAsync(third));
    }

    [Fact]
    public async Task Refuses_a_folder_in_use_and_shows_the_key_of_development()
    {
        await using var first = Start(("DOTNET_ENVIRONMENT", "Development"));
        await first.ReadyAsync(Cancelled);
        await using var second = Start();

        Assert.Equal(1, await second.ExitCodeAsync(Cancelled));
        Assert.Equal(
            $"GuspApi cannot start. Another GuspApi is running on {folder}: stop it, "
                + "or give this one a folder of its own with Gusp__DataDirectory.",
            second.Errors);

        var key = File.ReadAllText(Path.Combine(folder, "keys", "development.key"));
        Assert.Contains(key, first.Output);
        Assert.Contains("/swagger", first.Output);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "keys", "development.key")));
    }

    [Theory]
    [InlineData("ConnectionStrings__Gusp", "Host=127.0.0.1;Port=1;Database=gusp;Username=gusp",
        "ConnectionStrings__Gusp leads nowhere (database gusp of 127.0.0.1:1, user gusp)")]
    [InlineData("ConnectionStrings__Gusp", "no such thing", "ConnectionStrings__Gusp is not a connection string")]
    [InlineData("Gusp__BootstrapKey", "too-short", "Gusp__BootstrapKey has 9 characters, fewer than 32")]
    [InlineData("Gusp__Demo", "peut-être", "Gusp__Demo is \"peut-être\"; it may be true or false.")]
    [InlineData("Gusp__KnownProxies", "10.0.0.4, ::/0", "Gusp__KnownProxies holds \"::/0\", which is everybody")]
    [InlineData("GUSP_PG_BIN", "/nowhere", "No PostgreSQL was found (/nowhere lacks initdb, pg_ctl or postgres)")]
    [InlineData("Gusp__DataDirectory", "/dev/null/data", "The data directory /dev/null/data cannot be used")]
    public async Task Says_in_one_line_why_it_cannot_start(string setting, string value, string reason)
    {
        await using var api = Start((setting, value));

        Assert.Equal(1, await api.ExitCodeAsync(Cancelled));
        Assert.StartsWith($"GuspApi cannot start. {reason}", api.Errors);
        Assert.DoesNotContain('\n', api.Errors);
    }

    [Fact]
    public async Task Answers_the_examples_of_the_README()
    {
        await using var api = Start(("DOTNET_ENVIRONMENT", "Development"));
        await api.ReadyAsync(Cancelled);
        var key = File.ReadAllText(Path.Combine(folder, "keys", "development.key"));

        var examples = Regex.Matches(File.ReadAllText(Readme()), "<!-- example -->\n```sh\n(.*?)```", RegexOptions.Singleline);

        Assert.Equal(6, examples.Count);
        var printed = new List<string>();
        foreach (Match example in examples)
            printed.Add(await ShellAsync(example.Groups[1].Value, api.Client.BaseAddress!.ToString().TrimEnd('/'), key));
        Assert.Contains("34,8", printed[4]);
        Assert.Contains("\"status\":\"VALIDATED\"", printed[5]);
    }

    /// <summary>What the block prints; an HTTP refusal or an import with rejects is a failure.</summary>
    private static async Task<string> ShellAsync(string block, string url, string key)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", block])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["GUSP"], start.Environment["KEY"]) = (url, key);
        using var shell = Process.Start(start)!;
        var streams = await Task.WhenAll(shell.StandardOutput.ReadToEndAsync(Cancelled), shell.StandardError.ReadToEndAsync(Cancelled));
        await shell.WaitForExitAsync(Cancelled);

        Assert.True(shell.ExitCode == 0, $"{block}\n{string.Join('\n', streams)}");
        Assert.DoesNotContain("\"state\":\"DONE_WITH_REJECTS\"", streams[0]);
        Assert.DoesNotContain("\"state\":\"FAILED\"", streams[0]);
        return streams[0];
    }

    private static string Readme([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "README.md");

    private string PidFile => Path.Combine(folder, "cluster", "postmaster.pid");

    private ApiProcess Start(params (string, string)[] settings) => ApiProcess.Start([("Gusp__DataDirectory", folder), .. settings]);

    private static async Task<long> RevisionAsync(ApiProcess api)
    {
        using var landing = JsonDocument.Parse(await api.Client.GetStringAsync("/v1", Cancelled));
        return landing.RootElement.GetProperty("revision").GetInt64();
    }
}
