using System.Runtime.CompilerServices;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

public sealed class ReadAheadTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private int begun;
    private bool isStopped;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(10_000)]
    public async Task All_is_read_in_order(int count) =>
        Assert.Equal(Enumerable.Range(0, count), await ReadAhead.ReadAsync(RowsAsync(count, ct: Ct), Ct).Select(row => row.Record)
            .ToListAsync(Ct));

    [Fact]
    public async Task A_fault_of_the_file_comes_after_the_rows_before_it()
    {
        var read = 0;
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in ReadAhead.ReadAsync(RowsAsync(1000, isBroken: true, ct: Ct), Ct))
                read++;
        });

        Assert.Equal(1000, read);
    }

    [Fact]
    public async Task Who_leaves_stops_the_reading_before_going_on()
    {
        await foreach (var row in ReadAhead.ReadAsync(RowsAsync(int.MaxValue, ct: Ct), Ct))
            if (row.Record == 1000)
                break;

        Assert.True(isStopped);
    }

    [Fact]
    public async Task Of_large_rows_few_are_held()
    {
        await foreach (var row in ReadAhead.ReadAsync(RowsAsync(100, cell: new('x', 1 << 20), ct: Ct), Ct))
            Assert.InRange(begun, row.Record + 1, row.Record + 3);
    }

    private async IAsyncEnumerable<ImportRow> RowsAsync(
        int count, bool isBroken = false, string? cell = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                ct.ThrowIfCancellationRequested();
                begun++;
                yield return new(ImportDataset.Landlords, i, i) { Cells = { [0] = cell } };
            }
            if (isBroken)
                throw new InvalidDataException();
            await Task.Yield();
        }
        finally
        {
            isStopped = true;
        }
    }
}
