namespace GuspApi.Http;

/// <summary>A file on the disk that nobody else sees and that no crash leaves behind.</summary>
internal static class TemporaryFile
{
    public static FileStream Create()
    {
        var file = new FileStream(Path.Combine(Path.GetTempPath(), "gusp-" + Guid.NewGuid().ToString("n")), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 64 * 1024,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        // Where an open file may lose its name it does so now: DeleteOnClose alone would not outlive a kill.
        if (!OperatingSystem.IsWindows())
            File.Delete(file.Name);
        return file;
    }
}
