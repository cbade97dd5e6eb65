using System.Threading.Channels;
using GuspApi.Database;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// Tells the worker that an import was received, and who waits for one that it was worked on, so that neither waits for its next look.
/// </summary>
internal sealed class ImportSignal
{
    private readonly Channel<bool> _received = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private TaskCompletionSource<Guid> _worked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which import is worked on next, to its end or to a pause, on this instance. Take it, look, then wait for it.</summary>
    public Task<Guid> Next => Volatile.Read(ref _worked).Task;

    public void TellWorked(Guid id) =>
        Interlocked.Exchange(ref _worked, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(id);

    /// <summary>Waits until the import was worked on here, or for so long: another instance may have it.</summary>
    public async Task WaitForWorkAsync(Guid id, Task<Guid> next, TimeSpan atMost, CancellationToken ct)
    {
        var late = Task.Delay(atMost, ct);
        while (await Task.WhenAny(next, late) == next && await next != id)
            next = Next;
    }

    public void TellReceived() => _received.Writer.TryWrite(true);

    public async Task WaitForOneAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(atMost);
        try
        {
            await _received.Reader.ReadAsync(late.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing was received: look all the same, another instance may have received one and died.
        }
    }
}

/// <summary>
/// Carries out what was received, the oldest first, two at a time so that a small file does not wait for a large one, and deletes what
/// was kept long enough.
/// </summary>
internal sealed partial class ImportWorker(
    [FromKeyedServices(DatabaseSetup.Background)] NpgsqlDataSource source, ImportSignal signal, TimeProvider time,
    ILogger<ImportWorker> log) : BackgroundService
{
    private const int AtOnce = 2;
    private const string Kept = "interval '90 days'";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Sweep = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stopping) =>
        Task.WhenAll([SweepAsync(stopping), .. Enumerable.Range(0, AtOnce).Select(_ => WorkAsync(stopping))]);

    private async Task WorkAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (await TakeOneAsync(stopping))
                {
                }
                await signal.WaitForOneAsync(Look, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // Whatever it was, the import is still there and its lease runs out: this loop must not end.
                Interrupted(log, fault);
                await Task.Delay(Look, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>False when there is nothing to do.</summary>
    private async Task<bool> TakeOneAsync(CancellationToken stopping)
    {
        await using var lease = await ImportLease.TakeAsync(source, stopping);
        if (lease is null)
            return false;
        // There may be another one, for the other loop.
        signal.TellReceived();
        await new ImportRun(source, time, log, lease).ExecuteAsync(stopping);
        signal.TellWorked(lease.Id);
        return true;
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Sweep, time);
        try
        {
            do
            {
                try
                {
                    await using var command = source.CreateCommand(
                        $"delete from import where ended_at is not null and received_at < now() - {Kept}");
                    await command.ExecuteNonQueryAsync(stopping);
                }
                catch (NpgsqlException fault)
                {
                    Interrupted(log, fault);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The work on imports was interrupted; it will be taken up again.")]
    private static partial void Interrupted(ILogger log, Exception fault);
}
