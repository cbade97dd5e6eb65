using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Deploy;

/// <summary>The jobs that partners copy, run as they run them, on the real application.</summary>
public sealed class ExampleJobTests(Api api) : IClassFixture<Api>, IDisposable
{
    private const string Header = "siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise";

    private static readonly Dictionary<string, string[]> Commands = new()
    {
        ["bash"] = [Example("post-declarations.sh")],
        ["dotnet"] = ["run", Example("PostDeclarations.cs"), "--"],
    };

    private static int s_qpv = 10;

    private readonly string folder = Directory.CreateTempSubdirectory("gusp-example-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("bash")]
    [InlineData("dotnet")]
    public async Task A_good_file_is_written_once_however_often_it_is_posted(string job)
    {
        var (siren, qpv) = await PlaceAsync();
        var file = Write("a good file.csv", $"{Header}\n{siren};{qpv};2024;a;1;Présence;RENFORCEMENT;1 234,50\n");

        var first = await RunAsync(job, file);
        Assert.Contains("DONE: 1 created, 0 updated, 0 unchanged, 0 rejected, 0 errors, ", first.Errors);
        Assert.Equal((0, ""), (first.ExitCode, first.Output));
        var revision = await RevisionAsync();

        var twice = await RunAsync(job, file);
        Assert.Contains("Posted before in this run", twice.Errors);
        Assert.Equal(0, twice.ExitCode);
        Assert.Equal(1L, await api.Given.Scalar<long>("select count(*) from import where idempotency_key like $1", $"%{Sha256(file)}"));

        var tomorrow = await RunAsync(job, file, ("GUSP_RUN", "tomorrow"));
        Assert.Contains("DONE: 0 created, 0 updated, 1 unchanged, 0 rejected", tomorrow.Errors);
        Assert.Equal(0, tomorrow.ExitCode);
        Assert.Equal(revision, await RevisionAsync());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("dotnet")]
    public async Task Rejects_are_written_beside_the_file_mended_and_posted_again(string job)
    {
        var (siren, qpv) = await PlaceAsync();
        var other = await api.Given.Landlord();
        string[] sent = [Header, $"{siren};{qpv};2024;a;1;\"Présence; été\";RENFORCEMENT;\"1 234,50\"",
            $"{siren};{qpv};2024;b;9;Tri;SPECIFIQUE;5"];
        var file = Write("décembre.csv", $"{sent[0]}\r\n{sent[1]}\r\n{other};{qpv};2024;a;1;Accueil;SPECIFIQUE;7\r\n{sent[2]}\r\n");

        var first = await RunAsync(job, file);
        Assert.Contains("DONE_WITH_REJECTS: 1 created, 0 updated, 0 unchanged, 1 rejected", first.Errors);
        Assert.Contains("AXIS_UNKNOWN", first.Errors);
        Assert.Equal(1, first.ExitCode);

        var rejects = first.Output.TrimEnd();
        Assert.Equal([file, rejects], Directory.GetFiles(folder).Order(StringComparer.Ordinal));
        var bytes = File.ReadAllBytes(rejects);
        var id = rejects[(rejects.IndexOf(".rejects-", StringComparison.Ordinal) + 9)..^4];
        Assert.Equal(await api.Admin.GetByteArrayAsync($"/v1/imports/{id}/rejects", Cancelled), bytes);
        var written = Latin.Windows1252.GetString(bytes).Split("\r\n");
        Assert.Collection(written, [.. sent.Select(row => (Action<string>)(line => Assert.StartsWith(row + ";", line))), Assert.Empty]);

        File.WriteAllBytes(rejects, Latin.Windows1252.GetBytes(string.Join("\r\n", written).Replace(";b;9;", ";b;7;")));
        var mended = await RunAsync(job, rejects);
        Assert.Contains("DONE: 1 created, 0 updated, 0 unchanged, 0 rejected, 0 errors", mended.Errors);
        Assert.Equal(0, mended.ExitCode);

        var again = await RunAsync(job, file);
        Assert.Equal((1, first.Output), (again.ExitCode, again.Output));
        Assert.Contains(";b;7;", File.ReadAllText(rejects, Latin.Windows1252)); // What was mended is left alone.
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("dotnet")]
    public async Task What_is_refused_or_never_answered_is_a_failure(string job)
    {
        var file = Write("empty.csv", "");
        var unread = Write("unread.csv", "nothing;that;is;known\n1;2;3;4\n");

        Assert.Equal(2, (await RunAsync(job, unread)).ExitCode);
        var refused = await RunAsync(job, file);
        Assert.Contains("Refused (400)", refused.Errors);
        Assert.Equal(2, refused.ExitCode);
        var unknown = await RunAsync(job, unread, ("GUSP_KEY", "unknown"));
        Assert.Contains("Refused (401)", unknown.Errors);
        Assert.Equal(2, unknown.ExitCode);
        var silent = await RunAsync(job, unread, ("GUSP", "http://127.0.0.1:1"), ("GUSP_TIMEOUT", "1"));
        Assert.Contains("Not ended after 1 s", silent.Errors);
        Assert.Equal(2, silent.ExitCode);
    }

    private async Task<(string Siren, string Qpv)> PlaceAsync() =>
        (await api.Given.Landlord(), await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M"));

    private Task<long> RevisionAsync() => api.Given.Scalar<long>("select current_revision()");

    /// <summary>As a French spreadsheet saves it.</summary>
    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, Latin.Windows1252.GetBytes(text));
        return path;
    }

    private static string Sha256(string file) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string job, string file, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(job, [.. Commands[job], file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder,
        };
        // No compiler outlives the run.
        foreach (var (name, value) in new[]
        {
            ("GUSP", api.Admin.BaseAddress!.ToString()), ("GUSP_KEY", Api.BootstrapKey), ("GUSP_TIMEOUT", "60"), ("GUSP_RUN", "today"),
            ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"), ("UseSharedCompilation", "false"),
        }.Concat(settings))
            start.Environment[name] = value;

        using var process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromMinutes(3)); // The first run compiles.
        try
        {
            var streams = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, streams[0], streams[1]);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception) when (start.FileName == "bash")
        {
            Assert.Skip("There is no bash on this machine.");
            throw;
        }
    }

    private static string Example(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "deploy", "examples", name));
}
