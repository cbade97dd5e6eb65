using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace GuspApi.Features.Imports;

/// <summary>Reads the next rows while those before them are worked on: two processors share a file.</summary>
internal static class ReadAhead
{
    // What is held is two batches, whatever the size of the rows.
    private const int MostRows = 256;
    private const int MostCharacters = 1 << 18;

    /// <summary>Some rows and, if anything, the fault that stopped the reading after them.</summary>
    private sealed record Batch(List<ImportRow> Rows, bool IsLast, ExceptionDispatchInfo? Fault = null);

    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        IAsyncEnumerable<ImportRow> source, [EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var rows = source.GetAsyncEnumerator(stop.Token);
        var next = BeginAsync(rows);
        try
        {
            Batch batch;
            do
            {
                batch = await next;
                if (!batch.IsLast)
                    next = BeginAsync(rows);
                foreach (var row in batch.Rows)
                    yield return row;
                batch.Fault?.Throw();
            }
            while (!batch.IsLast);
        }
        finally
        {
            await stop.CancelAsync();
            await next;
        }
    }

    // On another thread. It never faults: a batch carries what stopped the reading.
    private static Task<Batch> BeginAsync(IAsyncEnumerator<ImportRow> source) => Task.Run(() => NextAsync(source), CancellationToken.None);

    private static async Task<Batch> NextAsync(IAsyncEnumerator<ImportRow> source)
    {
        var rows = new List<ImportRow>();
        try
        {
            for (var characters = 0; rows.Count < MostRows && characters < MostCharacters; characters += source.Current.Characters)
            {
                if (!await source.MoveNextAsync())
                    return new(rows, IsLast: true);
                rows.Add(source.Current);
            }
            return new(rows, IsLast: false);
        }
        catch (Exception fault)
        {
            return new(rows, IsLast: true, ExceptionDispatchInfo.Capture(fault));
        }
    }
}
