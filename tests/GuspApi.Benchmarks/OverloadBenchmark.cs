using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using GuspApi.Development;
using GuspApi.Tests;

namespace GuspApi.Benchmarks;

/// <summary>
/// One question: under ten times the load it can serve, is what the API serves served as fast as before, the rest refused, and memory flat?
/// Load is indicators over the demonstration data, each question new, so that nothing is cached. First as many callers as there are places
/// find what the API can serve; then callers ask at a fixed rate, once and ten times that, whatever becomes of their requests.
/// </summary>
internal static class OverloadBenchmark
{
    private const string Key = "bootstrap-key-of-the-benchmark-0123456789";
    private const int Places = 2;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(20);

    private static int asked;

    private sealed record Sample(int Status, double Milliseconds);

    public static async Task RunAsync(CancellationToken ct)
    {
        var folder = Path.Combine(Path.GetTempPath(), "gusp-benchmark-" + Guid.NewGuid().ToString("n"));
        try
        {
            await using var server = await PostgresServer.StartAsync(folder, ["shared_buffers=256MB"], ct);
            await using var api = ApiProcess.Start(
                ("ConnectionStrings__Gusp", server.ConnectionString("postgres")), ("Gusp__BootstrapKey", Key), ("Gusp__Demo", "true"),
                ("Gusp__Concurrency__Expensive", Places.ToString(CultureInfo.InvariantCulture)));
            await api.ReadyAsync(ct);
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 2000 })
            {
                BaseAddress = api.Client.BaseAddress,
            };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);

            await ClosedAsync(client, Places, TimeSpan.FromSeconds(5), ct);
            var (capacity, alone) = await ClosedAsync(client, Places, Round, ct);
            Console.WriteLine(FormattableString.Invariant(
                $"capacity {capacity:0} answers/s; alone {Told(alone)}; memory {api.Memory() / 1_000_000} MB"));
            foreach (var times in new[] { 0.7, 10.0 })
            {
                await OpenAsync(client, capacity * times, Round, ct); // until memory has found its level
                var memory = api.Memory();
                var samples = await OpenAsync(client, capacity * times, Round, ct);
                var served = samples.Where(sample => sample.Status == 200).ToList();
                var refused = samples.Where(sample => sample.Status == 503).ToList();
                if (served.Count == 0 || served.Count + refused.Count != samples.Count)
                    throw new InvalidOperationException(
                        $"The work was not done: {string.Join(", ", samples.CountBy(sample => sample.Status))}");
                Console.WriteLine(FormattableString.Invariant(
                    $"{times:0.0} x: {samples.Count / Round.TotalSeconds:0} asked/s, {served.Count / Round.TotalSeconds:0} served/s ({Told(served)}), {refused.Count / Round.TotalSeconds:0} refused/s ({Told(refused)}); memory {memory / 1_000_000} -> {api.Memory() / 1_000_000} MB"));
            }
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>So many callers, each asking again when it is answered.</summary>
    private static async Task<(double PerSecond, List<Sample> Samples)> ClosedAsync(
        HttpClient client, int callers, TimeSpan time, CancellationToken ct)
    {
        var samples = new ConcurrentBag<Sample>();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
                samples.Add(await AskAsync(client, ct));
        }));
        return (samples.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, [.. samples]);
    }

    /// <summary>So many requests a second, each sent at its time whatever became of those before.</summary>
    private static async Task<List<Sample>> OpenAsync(HttpClient client, double perSecond, TimeSpan time, CancellationToken ct)
    {
        var sent = new List<Task<Sample>>();
        var start = Stopwatch.GetTimestamp();
        for (var elapsed = TimeSpan.Zero; elapsed < time; elapsed = Stopwatch.GetElapsedTime(start))
        {
            while (sent.Count < elapsed.TotalSeconds * perSecond)
                sent.Add(AskAsync(client, ct));
            await Task.Delay(2, ct);
        }
        return [.. await Task.WhenAll(sent)];
    }

    private static async Task<Sample> AskAsync(HttpClient client, CancellationToken ct)
    {
        var from = 2019 + Interlocked.Increment(ref asked) % 3;
        var start = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync($"/v1/indicators?from={from}&to=2022&groupBy=department,year&qpv={Qpvs()}", ct);
        await answer.Content.ReadAsByteArrayAsync(ct);
        return new((int)answer.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>A hundred neighbourhoods, other ones each time.</summary>
    private static string Qpvs() => string.Join(',', Enumerable.Range(0, 100).Select(i => $"QP059{(asked + i) % 150 + 1:000}"));

    private static string Told(IReadOnlyCollection<Sample> samples)
    {
        if (samples.Count == 0)
            return "none";
        var times = samples.Select(sample => sample.Milliseconds).Order().ToList();
        return FormattableString.Invariant($"p50 {times[times.Count / 2]:0.0} ms, p99 {times[times.Count * 99 / 100]:0.0} ms");
    }
}
