using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace GuspApi.Features.Imports;

/// <summary>Reads on while what was read is worked on, a few batches ahead at the most: two processors share a file.</summary>
internal static class ReadAhead
{
    private const int BatchRows = 256;
    private const int Batches = 4;

    public static async IAsyncEnumerable<T> ReadAsync<T>(IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken ct)
    {
        var batches = Channel.CreateBounded<T[]>(new BoundedChannelOptions(Batches) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = Task.Run(() => FillAsync(source, batches.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(ct))
                foreach (var row in batch)
                    yield return row;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    /// <summary>What stops the reader stops whoever works on its rows, after the rows before it.</summary>
    private static async Task FillAsync<T>(IAsyncEnumerable<T> source, ChannelWriter<T[]> batches, CancellationToken ct)
    {
        try
        {
            await foreach (var batch in source.Chunk(BatchRows).WithCancellation(ct))
                await batches.WriteAsync(batch, ct);
            batches.Complete();
        }
        catch (Exception fault)
        {
            batches.Complete(fault);
        }
    }
}
