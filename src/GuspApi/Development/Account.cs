using System.Diagnostics;
using GuspApi.Model;

namespace GuspApi.Development;

/// <summary>
/// Runs programs as the account PostgreSQL may run under: ourselves, or, since postgres refuses root, <c>postgres</c> or <c>nobody</c>.
/// </summary>
internal sealed record Account(string? Name)
{
    internal sealed record Result(int ExitCode, string Output);

    internal static async Task<Account> FindAsync(CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return new Account((string?)null);

        var us = new Account((string?)null);
        foreach (var name in (string[])["postgres", "nobody"])
            if ((await us.RunAsync("id", ["-u", name], "/", ct)).ExitCode == 0)
                return new Account(name);

        throw new CannotStartException(
            "PostgreSQL refuses to run as root and there is neither an account postgres nor nobody: run as an ordinary user.");
    }

    /// <summary>Gives a folder to the account. Nothing to do when the account is ourselves.</summary>
    internal async Task OwnAsync(string folder, CancellationToken ct)
    {
        if (Name is null)
            return;
        var result = await new Account((string?)null).RunAsync("chown", ["-R", $"{Name}:", folder], "/", ct);
        if (result.ExitCode != 0)
            throw new CannotStartException($"The folder {folder} cannot be given to the account {Name}: {result.Output}");
    }

    /// <summary>Can the account enter the folder, parents included?</summary>
    internal async Task<bool> ReachesAsync(string folder, CancellationToken ct) =>
        Name is null || (await RunAsync("/bin/sh", ["-c", "cd \"$1\"", "sh", folder], "/", ct)).ExitCode == 0;

    internal async Task<Result> RunAsync(string program, IEnumerable<string> arguments, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            // Both streams, always: what a child writes into the output of a test runner makes it lose results.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Name is not null && !OperatingSystem.IsWindows())
            start.UserName = Name;
        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        start.Environment["LC_ALL"] = "C";

        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var streams = Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
            await process.WaitForExitAsync(ct);
            // On Windows a daemon inherits the pipes of the program that started it: their end may never come.
            await Task.WhenAny(streams, Task.Delay(TimeSpan.FromSeconds(2), ct));
            var output = streams.IsCompletedSuccessfully ? string.Join(' ', streams.Result) : "";
            return new Result(process.ExitCode, string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            return new Result(127, $"{program}: {fault.Message}");
        }
    }
}
