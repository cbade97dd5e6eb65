using System.Diagnostics;

namespace GuspApi.Development;

/// <summary>What is known of the processes of a server whose parent was killed.</summary>
internal static class OrphanProcess
{
    /// <summary>
    /// Is this process, named by a <c>postmaster.pid</c>, the server of that cluster? <c>pg_ctl status</c> takes a zombie and,
    /// after a reboot, any process that got the same number for it.
    /// </summary>
    internal static bool IsAlive(int pid, string cluster)
    {
        if (!OperatingSystem.IsLinux())
            return IsRunning(pid);
        try
        {
            // "pid (name) state …": the name may hold spaces and brackets.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var state = stat[stat.LastIndexOf(')') + 2];
            return state is not ('Z' or 'X') && (WorksIn(pid, cluster) ?? stat.Contains("postgres", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The children of a killed postmaster end by themselves, a moment later; until then no new one may start.</summary>
    internal static async Task WaitForLastAsync(string cluster, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
            return;
        for (var patience = 0; patience < 50; patience++)
        {
            var left = Directory.EnumerateDirectories("/proc")
                .Any(d => int.TryParse(Path.GetFileName(d), out var pid) && WorksIn(pid, cluster) == true);
            if (!left)
                return;
            await Task.Delay(100, ct);
        }
    }

    /// <summary>Every process of a server works in its cluster. Null when we may not look.</summary>
    private static bool? WorksIn(int pid, string cluster)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/cwd").LinkTarget is { } target ? target == cluster : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
