using System.Net;

namespace GuspApi.Tests.Features.Imports;

/// <summary>
/// Processes that end or stand still at any moment of an import: what is in the database at the end is what an undisturbed run leaves.
/// The moments are random; a failure tells their seed, which <see cref="Seed"/> takes.
/// </summary>
public sealed class ImportFaultTests(FaultServer server) : IClassFixture<FaultServer>, IDisposable
{
    private static readonly TimeSpan Upload = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private static int Seed { get; } = Environment.GetEnvironmentVariable("GUSP_FAULT_SEED") is { } seed
        ? int.Parse(seed)
        : Random.Shared.Next();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly List<ApiProcess> _apis = [];

    /// <summary>What the processes said of a failure.</summary>
    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
            return;
        foreach (var api in _apis)
            TestContext.Current.TestOutputHelper?.WriteLine(api.Output + api.Errors);
    }

    [Fact]
    public async Task The_API_killed_at_twenty_moments_leaves_what_an_undisturbed_run_leaves()
    {
        // Two at a time, each over a database of its own: most of the time goes into starting the API.
        var moments = Moments(20, span: TimeSpan.FromMilliseconds(550));
        var found = await Task.WhenAll(
            KillAsync([.. server.Samples.Take(10)], moments[..10]), KillAsync([.. server.Samples.Skip(10)], moments[10..]));

        var states = found.SelectMany(state => state).ToList();
        Assert.True(states.Count(state => !state.StartsWith("DONE", StringComparison.Ordinal)) >= 8,
            $"Seed {Seed}: too few kills met an import: {string.Join(' ', states)}");
    }

    [Fact]
    public async Task PostgreSQL_stopped_at_ten_moments_leaves_what_an_undisturbed_run_leaves()
    {
        var samples = server.Samples.Take(10).ToList();
        var calm = await server.CalmAsync(Cancelled);
        var connectionString = await server.CopyAsync();
        await using var state = new ImportState(connectionString);
        await using var api = StartApi(connectionString);
        await api.ReadyAsync(Cancelled);
        using var ended = new CancellationTokenSource();
        var reading = ReadAllTheWhileAsync(api.Client, ended.Token);

        var moments = Moments(10, span: TimeSpan.FromMilliseconds(600));
        for (var i = 0; i < samples.Count; i++)
        {
            var upload = SendAsync(samples[i], api.Client);
            // Every other stop is at a moment of chance, the rest while the import is at work.
            if (i % 2 == 0)
                await Task.Delay(moments[i], Cancelled);
            for (var wait = 0; i % 2 == 1 && wait < 300 && await state.MostAttemptsAsync([samples[i]], Cancelled) == 0; wait++)
                await Task.Delay(5, Cancelled);
            await server.CrashAsync(Cancelled);
            await upload;
            await server.RecoverAsync(Cancelled);
            await samples[i].SendUntilTakenAsync(api.Client, Cancelled);
        }

        await state.EndAsync(samples, Patience, Cancelled);
        await AssertCalmAsync(state, samples, calm);
        Assert.True(await state.MostAttemptsAsync(samples, Cancelled) > 1, $"Seed {Seed}: no stop met an import at work.");
        await ended.CancelAsync();
        var (served, refused) = await reading;
        Assert.True(served > 0 && refused > 0, $"Seed {Seed}: {served} served, {refused} refused");
    }

    [Fact]
    public async Task Two_instances_that_race_for_the_same_imports_end_each_once()
    {
        var calm = await server.CalmAsync(Cancelled);
        var connectionString = await server.CopyAsync();
        await using var state = new ImportState(connectionString);
        await using var one = StartApi(connectionString);
        await using var two = StartApi(connectionString);
        await Task.WhenAll(one.ReadyAsync(Cancelled), two.ReadyAsync(Cancelled));

        await Task.WhenAll(server.Samples.SelectMany(
            sample => new[] { one, two }.Select(api => sample.SendUntilTakenAsync(api.Client, Cancelled))));

        await state.EndAsync(server.Samples, Patience, Cancelled);
        await AssertCalmAsync(state, server.Samples, calm);
    }

    [Fact]
    public async Task A_frozen_instance_is_followed_and_writes_nothing_when_it_wakes()
    {
        var samples = server.Samples.Take(6).ToList();
        var calm = await server.CalmAsync(Cancelled);
        var connectionString = await server.CopyAsync();
        await using var state = new ImportState(connectionString);
        await using var frozen = StartApi(connectionString);
        await frozen.ReadyAsync(Cancelled);
        foreach (var sample in samples)
            await sample.SendUntilTakenAsync(frozen.Client, Cancelled);
        await state.ReachAsync(samples, "APPLYING", Patience, Cancelled);
        await frozen.FreezeAsync(Cancelled);
        try
        {
            await using var other = StartApi(connectionString);
            await other.ReadyAsync(Cancelled);
            await state.EndAsync(samples, Patience, Cancelled);
            await AssertCalmAsync(state, samples, calm);

            await frozen.ThawAsync(Cancelled);
            await Task.Delay(1500, Cancelled);
            await AssertCalmAsync(state, samples, calm);
        }
        finally
        {
            await frozen.ThawAsync(CancellationToken.None);
        }

        // It works on: the next import is its own.
        var next = server.Samples[6];
        await next.SendUntilTakenAsync(frozen.Client, Cancelled);
        await state.EndAsync([next], Patience, Cancelled);
        await AssertCalmAsync(state, [.. samples, next], calm);
    }

    [Fact]
    public async Task A_full_disk_refuses_an_upload_keeps_nothing_of_it_and_makes_an_import_wait()
    {
        await using var disk = await SmallDisk.MountAsync(Path.Combine(server.Folder, "small"), megabytes: 100, Cancelled);
        Assert.SkipWhen(disk is null, "Needs to be root and to be allowed to mount a small tmpfs.");
        var calm = await server.CalmAsync(Cancelled);
        await server.ExecuteAsync($"create tablespace small location '{disk.Space}'");
        var connectionString = await server.CopyAsync("small");
        try
        {
            await using var state = new ImportState(connectionString);
            await using var api = StartApi(connectionString);
            await api.ReadyAsync(Cancelled);

            disk.Leave(1 << 20);
            var (status, text, answer) = await ImportSample.Noise("noise", 8 << 20).SendAsync(api.Client, TimeSpan.Zero, Cancelled);
            Assert.True(status == HttpStatusCode.ServiceUnavailable, $"{status} {text}");
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("NONE", await state.StateAsync(ImportSample.Noise("noise", 0), Cancelled));
            await AssertLivesAsync(api.Client);

            // Room for an upload comes little by little; while an import is at work there is next to none: it meets the end of it and
            // begins again.
            var samples = server.Samples.Take(4).ToList();
            var uploads = Task.WhenAll(samples.Select(sample => sample.SendUntilTakenAsync(api.Client, Cancelled)));
            for (var room = 1 << 17; await state.MostAttemptsAsync(samples, Cancelled) < 2 && !uploads.IsCompleted; room += 1 << 17)
                await GiveAsync(await state.AnyAtWorkAsync(samples, Cancelled) ? 1 << 14 : room);

            // Then more and more: the other uploads and all imports meet the end of it at every stage.
            for (var room = 1 << 17; room < 30 << 17; room += 1 << 17)
                await GiveAsync(room);

            disk.Empty();
            await uploads;
            await state.EndAsync(samples, Patience, Cancelled);
            Assert.True(await state.MostAttemptsAsync(samples, Cancelled) > 1, "The disk was never full for an import.");
            await AssertCalmAsync(state, samples, calm);

            async Task GiveAsync(int bytes)
            {
                disk.Leave(bytes);
                await Task.Delay(100, Cancelled);
                await AssertLivesAsync(api.Client);
            }
        }
        finally
        {
            await server.ExecuteAsync($"drop database {new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");
            await server.ExecuteAsync("drop tablespace small");
        }
    }

    private ApiProcess StartApi(string connectionString)
    {
        var api = FaultServer.Api(connectionString);
        lock (_apis)
            _apis.Add(api);
        return api;
    }

    /// <summary>A kill for each sample, at its moment after the upload began; the state each kill found.</summary>
    private async Task<List<string>> KillAsync(IReadOnlyList<ImportSample> samples, TimeSpan[] moments)
    {
        var calm = await server.CalmAsync(Cancelled);
        var connectionString = await server.CopyAsync();
        await using var state = new ImportState(connectionString);
        var found = new List<string>();
        var api = StartApi(connectionString);
        try
        {
            await api.ReadyAsync(Cancelled);
            for (var i = 0; i < samples.Count; i++)
            {
                var upload = SendAsync(samples[i], api.Client);
                await Task.Delay(moments[i], Cancelled);
                await api.KillAsync(Cancelled);
                await upload;
                found.Add(await state.StateAsync(samples[i], Cancelled));

                await api.DisposeAsync();
                api = StartApi(connectionString);
                await api.ReadyAsync(Cancelled);
                await samples[i].SendUntilTakenAsync(api.Client, Cancelled);
            }
            await state.EndAsync(samples, Patience, Cancelled);
        }
        finally
        {
            await api.DisposeAsync();
        }
        await AssertCalmAsync(state, samples, calm);
        return found;
    }

    /// <summary>Sends it slowly, whatever comes of it, but for a fault of ours.</summary>
    private static async Task SendAsync(ImportSample sample, HttpClient client)
    {
        try
        {
            var (status, text, _) = await sample.SendAsync(client, Upload, Cancelled);
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable,
                $"Seed {Seed}: {status} {text}");
        }
        catch (HttpRequestException)
        {
            // Cut off.
        }
    }

    private static async Task<(int Served, int Refused)> ReadAllTheWhileAsync(HttpClient client, CancellationToken ended)
    {
        var (served, refused) = (0, 0);
        while (!ended.IsCancellationRequested)
        {
            using var answer = await client.GetAsync("/v1/landlords?limit=1", Cancelled);
            if (answer.IsSuccessStatusCode)
            {
                served++;
            }
            else
            {
                Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable,
                    $"Seed {Seed}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
                Assert.NotNull(answer.Headers.RetryAfter);
                refused++;
            }
            await Task.Delay(3, Cancelled);
        }
        return (served, refused);
    }

    private static async Task AssertLivesAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/v1/declarations?limit=1", Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task AssertCalmAsync(
        ImportState state, IReadOnlyCollection<ImportSample> samples, IReadOnlyDictionary<string, string> calm)
    {
        var now = await state.ReadAsync(samples, Cancelled);
        foreach (var sample in samples)
            Assert.True(calm[sample.Siren] == now[sample.Siren],
                $"Seed {Seed}, {sample.Key}: expected\n{calm[sample.Siren]}\nbut found\n{now[sample.Siren]}");
        Assert.Equal("", await state.OrderAsync(samples, Cancelled));
    }

    /// <summary>Moments spread over a span, one in each of its parts, in any order.</summary>
    private static TimeSpan[] Moments(int count, TimeSpan span)
    {
        var random = new Random(Seed);
        var moments = Enumerable.Range(0, count).Select(part => span * ((part + random.NextDouble()) / count)).ToArray();
        random.Shuffle(moments);
        return moments;
    }
}
