using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>
/// The peers as they run: on loopback, one process each, a pool of 8, no keys. One that cannot be had says why when it is asked.
/// </summary>
internal sealed class Peers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Peer, HttpLoad> loads = [];
    private readonly Dictionary<Peer, string> faults = [];
    private readonly List<Process> processes = [];

    /// <summary>
    /// In a copy of their folder, which goes with the data. Those that write SQL are given the statement of the indicators.
    /// </summary>
    public static async Task<Peers> StartAsync(string folder, string connectionString, Statement indicators, CancellationToken ct)
    {
        var (source, copy) = (Path.Combine(AppContext.BaseDirectory, "peers"), Path.Combine(folder, "peers"));
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        (string, string)[] settings =
        [
            ("DATABASE_URL", $"postgres://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{server.Database}"),
            ("INDICATORS", JsonSerializer.Serialize(new { sql = PgBench.Typed(indicators), values = indicators.Values })),
            ("NODE_ENV", "production"),
        ];
        var peers = new Peers();
        foreach (var peer in Peer.All)
        {
            try
            {
                if (peer == Peer.All[0])
                    await peers.InstallAsync(copy, ct);
                await peers.InstallAsync(Path.Combine(copy, peer.Folder), ct);
                var node = Path.Combine(copy, "node_modules", ".bin", "node");
                var address = await peers.RunAsync(
                    File.Exists(node) ? node : "node", ["server.mjs"], Path.Combine(copy, peer.Folder), ct, settings);
                peers.loads[peer] = new(address ?? throw new InvalidOperationException("it ended"), null);
            }
            catch (Exception failed) when (failed is InvalidOperationException or TimeoutException or Win32Exception)
            {
                peers.faults[peer] = failed.Message;
            }
        }
        return peers;
    }

    /// <summary>How many it answers in a second, once each answer has been seen to be right.</summary>
    public double Rate(Peer peer, IReadOnlyCollection<Question> questions, int callers, TimeSpan time)
    {
        if (faults.TryGetValue(peer, out var why))
            throw new InvalidOperationException(why);
        var load = loads[peer];
        var requests = questions.Select(asked => asked.Body is null ? load.Get(asked.Path) : load.Post(asked.Path, asked.Body)).ToList();
        foreach (var (asked, answer) in questions.Zip(requests.Select(load.Answer)))
        {
            if (answer.Split(asked.Holds).Length - 1 is var times && times < asked.Times)
                throw new InvalidOperationException($"{asked.Holds} is there {times} times, not {asked.Times}: {answer}");
        }
        return load.Run(requests, 200, callers, time).PerSecond;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Without the scripts of packages: nothing is compiled or downloaded beside what the lock file names.</summary>
    private Task<Uri?> InstallAsync(string folder, CancellationToken ct) =>
        RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, ct);

    /// <summary>Until it has done its work or, where it stays, prints its address.</summary>
    private async Task<Uri?> RunAsync(
        string program, string[] arguments, string folder, CancellationToken ct, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var (process, last, address) = (new Process { StartInfo = start }, new ConcurrentQueue<string>(), new TaskCompletionSource<Uri>());
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        processes.Add(process);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        await Task.WhenAny(address.Task, process.WaitForExitAsync(ct)).WaitAsync(Patience, ct);
        if (address.Task.IsCompletedSuccessfully)
            return await address.Task;
        return process.ExitCode == 0 ? null : throw new InvalidOperationException($"{program} {arguments[0]}: {string.Join('\n', last)}");

        void Keep(string? line)
        {
            if (line?.StartsWith("http://", StringComparison.Ordinal) is true)
                address.TrySetResult(new(line));
            if (!string.IsNullOrWhiteSpace(line))
                last.Enqueue(line);
            if (last.Count > 20)
                last.TryDequeue(out _);
        }
    }
}
