using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Development;

/// <summary>
/// A PostgreSQL of our own in a folder: <c>cluster/</c>, <c>run/</c> (log), <c>keys/</c> (password, 0600) and <c>lock</c>.
/// Loopback TCP and passwords only. Whoever holds the lock owns the server: it is taken over if it still runs, and stopped at the end.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    internal const string User = "gusp";

    private readonly FileStream @lock;
    private readonly Account account;
    private readonly PostgresBinaries binaries;
    private readonly string folder;
    private readonly string password;
    private int port;
    private int stopped;

    private PostgresServer(FileStream @lock, Account account, PostgresBinaries binaries, string folder, string password) =>
        (this.@lock, this.account, this.binaries, this.folder, this.password) = (@lock, account, binaries, folder, password);

    /// <summary>The connection string of one of its databases, as the superuser of this server.</summary>
    internal string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = User,
        Password = password,
        Database = database,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    private string Cluster => Path.Combine(folder, "cluster");

    private string Log => Path.Combine(folder, "run", "postgres.log");

    private string PidFile => Path.Combine(Cluster, "postmaster.pid");

    /// <summary>Starts, or takes over, the server of a folder; settings are <c>name=value</c>.</summary>
    internal static async Task<PostgresServer> StartAsync(string folder, string[] settings, CancellationToken ct)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var account = await Account.FindAsync(ct);
        var @lock = Prepare(folder, passable: account.Name is not null);
        try
        {
            if (!await account.ReachesAsync(folder, ct))
                throw new CannotStartException(
                    $"PostgreSQL refuses root, and the account {account.Name} it runs as instead cannot reach {folder}: "
                    + "allow others to pass (chmod o+x) through its parent folders, or name another folder with Gusp__DataDirectory.");

            var version = Path.Combine(folder, "cluster", "PG_VERSION");
            int? major = File.Exists(version) ? int.Parse(File.ReadAllText(version)) : null;
            var binaries = await PostgresBinaries.FindAsync(account, major, ct);
            var password = Folders.Secret(
                Path.Combine(folder, "keys", "postgres.password"), () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));

            var server = new PostgresServer(@lock, account, binaries, folder, password);
            if (major is null)
                await server.InitialiseAsync(ct);
            if (!await server.TakeOverAsync(ct))
                await server.StartAsync(settings, ct);
            return server;
        }
        catch
        {
            await @lock.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a database unless it is there.</summary>
    internal async Task EnsureDatabaseAsync(string name, CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct);
        await using var find = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection)
        {
            Parameters = { new() { Value = name } },
        };
        if (await find.ExecuteScalarAsync(ct) is not null)
            return;
        await using var create = new NpgsqlCommand($"create database \"{name}\"", connection);
        await create.ExecuteNonQueryAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) == 1)
            return;
        await PgCtlAsync(["-m", "fast", "-w", "stop"], CancellationToken.None);
        await @lock.DisposeAsync();
    }

    private static FileStream Prepare(string folder, bool passable)
    {
        try
        {
            Folders.Make(folder, passable);
            Folders.Make(Path.Combine(folder, "keys"), passable: false);
            Folders.Make(Path.Combine(folder, "run"), passable: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The data directory {folder} cannot be used: {fault.Message} Name another with Gusp__DataDirectory.");
        }
        try
        {
            // The kernel drops this lock with the process, however it dies.
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CannotStartException(
                $"Another GuspApi is running on {folder}: stop it, or give this one a folder of its own with Gusp__DataDirectory.");
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new CannotStartException(
                $"The data directory {folder} cannot be used: {fault.Message} Name another with Gusp__DataDirectory.");
        }
    }

    /// <summary>
    /// Made beside its place and moved there when complete: an interrupted initdb leaves nothing that looks like a cluster.
    /// </summary>
    private async Task InitialiseAsync(CancellationToken ct)
    {
        var work = Path.Combine(folder, "cluster.new");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        Folders.Make(work, passable: false);
        // initdb reads the password as the account, which cannot read ours.
        var passwordFile = Path.Combine(folder, "run", "password");
        File.Delete(passwordFile);
        Folders.Secret(passwordFile, () => password);
        await account.OwnAsync(work, ct);
        await account.OwnAsync(Path.Combine(folder, "run"), ct);

        var run = await account.RunAsync(
            binaries["initdb"],
            ["-D", work, "-U", User, "-E", "UTF8", .. Locale(), "-A", "scram-sha-256", $"--pwfile={passwordFile}", "--no-sync"],
            Path.GetDirectoryName(passwordFile)!, ct);
        File.Delete(passwordFile);
        if (run.ExitCode != 0)
            throw new CannotStartException($"PostgreSQL could not make its cluster in {folder}: {run.Output}");
        if (Directory.Exists(Cluster))
            Directory.Delete(Cluster); // Only if empty: anything else there is not ours to delete.
        Directory.Move(work, Cluster);
    }

    /// <summary>
    /// C.UTF-8, for plain C knows no É; outside Linux the operating system lacks it and PostgreSQL brings its own from 17.
    /// </summary>
    private string[] Locale() => OperatingSystem.IsLinux() ? ["--locale=C.UTF-8"]
        : binaries.Major >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        : OperatingSystem.IsMacOS() ? ["--locale=en_US.UTF-8"] : ["--locale=C"];

    /// <summary>A server that a killed process left behind is ours if it answers with our data directory to our password.</summary>
    private async Task<bool> TakeOverAsync(CancellationToken ct)
    {
        for (var patience = 0; ; patience++)
        {
            var lines = File.Exists(PidFile) ? await File.ReadAllLinesAsync(PidFile, ct) : [];
            if (lines.Length == 0 || !int.TryParse(lines[0], out var pid) || !OrphanProcess.IsAlive(pid, Cluster))
            {
                // After a SIGKILL the process may stay a zombie, which postgres itself takes for a living owner of the file.
                File.Delete(PidFile);
                await OrphanProcess.WaitForLastAsync(Cluster, ct);
                return false;
            }
            if (lines.Length > 3 && int.TryParse(lines[3], out port) && await IsOursAsync(ct))
                return true;
            if (patience == 150)
                throw new CannotStartException(
                    $"Process {pid} holds the cluster in {folder} and does not answer as ours: stop it (kill {pid}) and start again.");
            await Task.Delay(200, ct); // It may still be starting, recovering or stopping.
        }
    }

    private async Task<bool> IsOursAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await ConnectAsync(ct);
            await using var command = new NpgsqlCommand("select current_setting('data_directory')", connection);
            return (string?)await command.ExecuteScalarAsync(ct) == Cluster;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task StartAsync(string[] settings, CancellationToken ct)
    {
        await account.OwnAsync(Cluster, ct);
        await account.OwnAsync(Path.Combine(folder, "run"), ct);

        Account.Result run = new(1, "");
        for (var attempt = 0; attempt < 3 && run.ExitCode != 0; attempt++) // Somebody may take the free port before postgres does.
        {
            port = FreePort();
            var options = string.Join(' ', settings
                .Concat(["listen_addresses=127.0.0.1", $"port={port}", "unix_socket_directories=", "timezone=UTC"])
                .Select(s => "-c " + s));
            File.Delete(Log);
            run = await PgCtlAsync(["-w", "-t", "60", "-l", Log, "-o", options, "start"], ct);
        }
        if (run.ExitCode != 0)
        {
            var reasons = File.Exists(Log)
                ? File.ReadLines(Log).Where(l => l.Contains("FATAL:") || l.Contains("PANIC:") || l.Contains("ERROR:")).TakeLast(2) : [];
            throw new CannotStartException(
                $"PostgreSQL did not start in {folder}: {string.Join(' ', reasons.DefaultIfEmpty(run.Output))} (see {Log})");
        }
        if (!await IsOursAsync(ct))
        {
            await PgCtlAsync(["-m", "fast", "-w", "stop"], CancellationToken.None);
            throw new CannotStartException(
                $"The cluster in {folder} refuses the password of keys/postgres.password: restore that file, "
                    + "or remove the folder to begin anew.");
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=5");
        await connection.OpenAsync(ct);
        return connection;
    }

    private Task<Account.Result> PgCtlAsync(IEnumerable<string> arguments, CancellationToken ct) =>
        account.RunAsync(binaries["pg_ctl"], ["-D", Cluster, .. arguments], "/", ct);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
