using GuspApi.Development;
using Npgsql;

namespace GuspApi.Tests;

/// <summary>A PostgreSQL for one test run: in memory where there is room, without fsync, gone at the end.</summary>
internal sealed class ThrowAwayPostgres : IAsyncDisposable
{
    private const string Prefix = "gusp-tests-";

    private readonly PostgresServer server;
    private readonly string folder;

    private readonly string[] settings;

    private ThrowAwayPostgres(PostgresServer server, string folder, string[] settings) =>
        (this.server, this.folder, this.settings) = (server, folder, settings);

    internal string Folder => folder;

    /// <summary>As the superuser; the database <c>postgres</c> exists.</summary>
    internal string ConnectionString(string database = "postgres") => server.ConnectionString(database);

    /// <summary>Settings given here come after those of every run.</summary>
    internal static async Task<ThrowAwayPostgres> StartAsync(CancellationToken ct, params string[] more)
    {
        var memory = new DirectoryInfo("/dev/shm");
        var root = memory.Exists && new DriveInfo(memory.FullName).AvailableFreeSpace > 1L << 30 ? memory.FullName : Path.GetTempPath();
        await SweepAsync(root, ct);

        var folder = Path.Combine(root, Prefix + Guid.NewGuid().ToString("N"));
        string[] settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300",
            "max_wal_size=4GB", .. more];
        return new ThrowAwayPostgres(await PostgresServer.StartAsync(folder, settings, ct), folder, settings);
    }

    /// <summary>Ends every process of the server at once, without a word to its clients' transactions nor a checkpoint.</summary>
    internal Task CrashAsync(CancellationToken ct) => PgCtlAsync(["-m", "immediate", "-w", "stop"], ct);

    /// <summary>Starts it again where it was, on the same port.</summary>
    internal Task RecoverAsync(CancellationToken ct)
    {
        var port = new NpgsqlConnectionStringBuilder(ConnectionString()).Port;
        var options = settings.Concat(["listen_addresses=127.0.0.1", $"port={port}", "unix_socket_directories=", "timezone=UTC"])
            .Select(setting => "-c " + setting);
        return PgCtlAsync(
            ["-w", "-t", "30", "-l", Path.Combine(folder, "run", "postgres.log"), "-o", string.Join(' ', options), "start"], ct);
    }

    private async Task PgCtlAsync(string[] arguments, CancellationToken ct)
    {
        var account = await Account.FindAsync(ct);
        var binaries = await PostgresBinaries.FindAsync(account, null, ct);
        var run = await account.RunAsync(binaries["pg_ctl"], ["-D", Path.Combine(folder, "cluster"), .. arguments], "/", ct);
        Assert.True(run.ExitCode == 0, run.Output);
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
