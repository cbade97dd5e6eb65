using GuspApi.Development;

namespace GuspApi.Tests;

/// <summary>A PostgreSQL for one test run: in memory where there is room, without fsync, gone at the end.</summary>
internal sealed class ThrowAwayPostgres : IAsyncDisposable
{
    private const string Prefix = "gusp-tests-";

    private readonly PostgresServer server;
    private readonly string folder;

    private ThrowAwayPostgres(PostgresServer server, string folder) => (this.server, this.folder) = (server, folder);

    /// <summary>As the superuser; the database <c>postgres</c> exists.</summary>
    internal string ConnectionString(string database = "postgres") => server.ConnectionString(database);

    internal static async Task<ThrowAwayPostgres> StartAsync(CancellationToken ct)
    {
        var memory = new DirectoryInfo("/dev/shm");
        var root = memory.Exists && new DriveInfo(memory.FullName).AvailableFreeSpace > 1L << 30 ? memory.FullName : Path.GetTempPath();
        await SweepAsync(root, ct);

        var folder = Path.Combine(root, Prefix + Guid.NewGuid().ToString("N"));
        string[] settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "max_wal_size=4GB"];
        return new ThrowAwayPostgres(await PostgresServer.StartAsync(folder, settings, ct), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Ends what a killed run left behind: its lock is free, so its server can be taken over, stopped and deleted.</summary>
    private static async Task SweepAsync(string root, CancellationToken ct)
    {
        foreach (var left in Directory.GetDirectories(root, Prefix + "*"))
            try
            {
                // Younger ones may be another run that is just starting.
                if (Directory.GetCreationTimeUtc(left) > DateTime.UtcNow.AddMinutes(-1))
                    continue;
                await using (await PostgresServer.StartAsync(left, [], ct))
                {
                }
                Directory.Delete(left, recursive: true);
            }
            catch (Exception fault) when (fault is GuspApi.Model.CannotStartException or IOException or UnauthorizedAccessException)
            {
                // In use, or another user's.
            }
    }
}
