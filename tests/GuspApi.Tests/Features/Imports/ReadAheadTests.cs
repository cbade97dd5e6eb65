using System.Runtime.CompilerServices;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

public class ReadAheadTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private bool isStopped;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task All_is_read_in_order(int rows) =>
        Assert.Equal(Enumerable.Range(0, rows), await ReadAhead.ReadAsync(RowsAsync(rows, ct: Ct), Ct).ToListAsync(Ct));

    [Fact]
    public async Task A_fault_of_the_file_reaches_who_works_on_its_rows()
    {
        var fault = await Assert.ThrowsAsync<InvalidDataException>(async () => await ReadAhead.ReadAsync(RowsAsync(1000, isBroken: true, Ct), Ct).CountAsync(Ct));

        Assert.Equal("1000", fault.Message);
    }

    [Fact]
    public async Task Who_leaves_stops_the_reading_before_going_on()
    {
        await foreach (var row in ReadAhead.ReadAsync(RowsAsync(int.MaxValue, ct: Ct), Ct))
            if (row == 1000)
                break;

        Assert.True(isStopped);
    }

    private async IAsyncEnumerable<int> RowsAsync(int rows, bool isBroken = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            for (var row = 0; row < rows; row++)
            {
                ct.ThrowIfCancellationRequested();
                yield return row;
            }
            if (isBroken)
                throw new InvalidDataException($"{rows}");
            await Task.Yield();
        }
        finally
        {
            isStopped = true;
        }
    }
}
