namespace GuspApi.Development;

/// <summary>Where things lie on a developer's machine, and files that nobody else may read.</summary>
internal static class Folders
{
    /// <summary>Stable, per user; as root outside the home directory, where the account of PostgreSQL could not follow.</summary>
    internal static string Shared()
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            return "/var/lib/guspapi";

        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(home is { Length: > 0 } ? home : Path.Combine(Path.GetTempPath(), Environment.UserName), "guspapi");
    }

    /// <summary>Makes a folder, with its parents, that others may pass through when the account of PostgreSQL is another one.</summary>
    internal static void Make(string folder, bool passable)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, passable ? own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : own);
        if (passable)
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
    }

    /// <summary>The secret of a file, made with the given text when there is none. Whole or not at all, 0600.</summary>
    internal static string Secret(string file, Func<string> make)
    {
        if (!File.Exists(file))
        {
            var written = file + ".new";
            File.Delete(written);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new StreamWriter(written, options))
                stream.Write(make());
            File.Move(written, file);
        }
        return File.ReadAllText(file).Trim();
    }
}
