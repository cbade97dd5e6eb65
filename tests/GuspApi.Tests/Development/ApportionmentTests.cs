using GuspApi.Development;

namespace GuspApi.Tests.Development;

public sealed class ApportionmentTests
{
    [Theory]
    [InlineData(100, new long[] { 1, 1, 1 }, new long[] { 34, 33, 33 })]
    [InlineData(2, new long[] { 0, 5, 5 }, new long[] { 0, 1, 1 })]
    [InlineData(0, new long[] { 3, 4 }, new long[] { 0, 0 })]
    public void Parts_add_up_to_the_whole(long total, long[] weights, long[] expected) =>
        Assert.Equal(expected, Apportionment.Share(total, weights));

    [Fact]
    public void A_table_has_the_sums_asked_for()
    {
        long[] rows = [1_000_003, 7, 0, 999_990];
        long[] columns = [500_001, 1_499_999];

        var table = Apportionment.Table(rows, columns);

        Assert.Equal(rows, table.Select(row => row.Sum()));
        Assert.Equal(columns, Enumerable.Range(0, 2).Select(column => table.Sum(row => row[column])));
        Assert.All(table, row => Assert.All(row, cell => Assert.True(cell >= 0)));
    }
}
