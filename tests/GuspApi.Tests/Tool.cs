using System.Diagnostics;

namespace GuspApi.Tests;

/// <summary>A program of others that judges what we write; where it is absent the test is skipped, and says so.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(string program, string package, string[] arguments)
    {
        var known = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
        Assert.SkipUnless(known, $"{program} is not here: apt-get install {package}");

        using var run = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(run.ExitCode == 0, await errors);
        return await output;
    }
}
