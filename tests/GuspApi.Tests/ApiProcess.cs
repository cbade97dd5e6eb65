using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GuspApi.Tests;

/// <summary>The API as a process of its own, as a user starts it.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();

    private ApiProcess(Process process, string url) => (this.process, Client) = (process, new HttpClient { BaseAddress = new Uri(url) });

    internal HttpClient Client { get; }

    internal string Output => string.Join('\n', output);

    internal string Errors => string.Join('\n', errors);

    internal static ApiProcess Start(params (string Name, string Value)[] settings)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "GuspApi.dll"), "--urls", url])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var api = new ApiProcess(new Process { StartInfo = start }, url);
        api.process.OutputDataReceived += (_, line) => Keep(api.output, line.Data);
        api.process.ErrorDataReceived += (_, line) => Keep(api.errors, line.Data);
        api.process.Start();
        api.process.BeginOutputReadLine();
        api.process.BeginErrorReadLine();
        return api;

        static void Keep(ConcurrentQueue<string> lines, string? line)
        {
            if (line is not null)
                lines.Enqueue(line);
        }
    }

    /// <summary>Runs a command of the program to its end.</summary>
    internal static async Task<(int Code, string Output, string Errors)> RunAsync(
        string[] command, CancellationToken ct, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "GuspApi.dll"), .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var streams = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, streams[0], streams[1]);
    }

    /// <summary>The most memory the process ever held, in bytes.</summary>
    internal long MostMemory()
    {
        process.Refresh();
        return process.PeakWorkingSet64;
    }

    /// <summary>The memory the process holds now, in bytes.</summary>
    internal long Memory()
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    /// <summary>How long it took until <c>/health/ready</c> said yes.</summary>
    internal async Task<TimeSpan> ReadyAsync(CancellationToken ct)
    {
        while (DateTime.Now - process.StartTime < TimeSpan.FromSeconds(60) && !process.HasExited)
        {
            try
            {
                using var answer = await Client.GetAsync("/health/ready", ct);
                if (answer.IsSuccessStatusCode)
                    return DateTime.Now - process.StartTime;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(50, ct);
        }
        throw new InvalidOperationException($"The API did not get ready.\n{Output}\n{Errors}");
    }

    internal async Task<int> ExitCodeAsync(CancellationToken ct)
    {
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }

    internal async Task KillAsync(CancellationToken ct)
    {
        process.Kill();
        await process.WaitForExitAsync(ct);
    }

    /// <summary>As Ctrl-C or a container does.</summary>
    internal async Task<int> StopAsync(CancellationToken ct)
    {
        await SignalAsync("TERM", ct);
        return await ExitCodeAsync(ct);
    }

    /// <summary>Holds the whole process in place, as a machine that is suspended does.</summary>
    internal Task FreezeAsync(CancellationToken ct) => SignalAsync("STOP", ct);

    internal Task ThawAsync(CancellationToken ct) => SignalAsync("CONT", ct);

    private async Task SignalAsync(string signal, CancellationToken ct)
    {
        var start = new ProcessStartInfo("kill", ["-" + signal, process.Id.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var kill = Process.Start(start)!;
        await kill.WaitForExitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
            await StopAsync(CancellationToken.None);
        process.Dispose();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
