using System.Threading.Channels;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Tells the worker that an import was received, so that it need not wait for its next look.</summary>
internal sealed class ImportSignal
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _raised.Writer.TryWrite(true);

    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(atMost);
        try
        {
            await _raised.Reader.ReadAsync(late.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing was raised: look all the same, another instance may have received one and died.
        }
    }
}

/// <summary>
/// Carries out what was received, one import at a time, the oldest first. Whatever a dead process left unfinished is simply done again:
/// all of an import's writes, its final state included, are one transaction.
/// </summary>
internal sealed partial class ImportWorker(NpgsqlDataSource source, ImportSignal signal, TimeProvider time, ILogger<ImportWorker> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (await WorkAsync(stopping))
                {
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or IOException)
            {
                Interrupted(log, fault);
            }
            await signal.WaitAsync(Look, stopping);
        }
    }

    /// <summary>Takes the oldest import that nobody works on; false when there is none.</summary>
    private async Task<bool> WorkAsync(CancellationToken ct)
    {
        foreach (var id in await WaitingAsync(ct))
            if (await new ImportRun(source, time, log, id).ExecuteAsync(ct))
                return true;
        return false;
    }

    private async Task<List<Guid>> WaitingAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select id from import where state in ('RECEIVED', 'VALIDATING', 'APPLYING') order by received_at, id limit 20");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var waiting = new List<Guid>();
        while (await reader.ReadAsync(ct))
            waiting.Add(reader.GetGuid(0));
        return waiting;
    }

    [LoggerMessage(LogLevel.Warning, "An import was interrupted; it will be taken up again.")]
    private static partial void Interrupted(ILogger log, Exception fault);
}
