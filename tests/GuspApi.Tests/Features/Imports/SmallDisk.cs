using System.Diagnostics;
using GuspApi.Development;

namespace GuspApi.Tests.Features.Imports;

/// <summary>A disk of a few megabytes, in memory, whose room a file of ours takes and gives back.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>What PostgreSQL may use of it.</summary>
    public string Space => Path.Combine(_folder, "space");

    private string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>Null where one may not mount.</summary>
    public static async Task<SmallDisk?> MountAsync(string folder, int megabytes, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;
        Directory.CreateDirectory(folder);
        if (!await RunAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", folder], ct))
            return null;
        var disk = new SmallDisk(folder);
        Directory.CreateDirectory(disk.Space);
        await (await Account.FindAsync(ct)).OwnAsync(disk.Space, ct);
        return disk;
    }

    /// <summary>Takes all room but this, or gives back what is taken above it.</summary>
    public void Leave(long bytes)
    {
        using var ballast = new FileStream(Ballast, FileMode.OpenOrCreate);
        var more = new DriveInfo(_folder).AvailableFreeSpace - bytes;
        if (more <= 0)
        {
            ballast.SetLength(Math.Max(0, ballast.Length + more));
            return;
        }
        ballast.Seek(0, SeekOrigin.End);
        var block = new byte[4096];
        for (; more >= block.Length; more -= block.Length)
            ballast.Write(block);
    }

    public void Empty() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        if (!await RunAsync("umount", [_folder], CancellationToken.None))
            await RunAsync("umount", ["-l", _folder], CancellationToken.None);
    }

    private static async Task<bool> RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0;
    }
}
