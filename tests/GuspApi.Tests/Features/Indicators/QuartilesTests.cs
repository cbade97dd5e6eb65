using GuspApi.Features.Indicators;

namespace GuspApi.Tests.Features.Indicators;

public class QuartilesTests
{
    [Fact]
    public void Are_taken_in_proportion_between_two_figures() =>
        Assert.Equal(new Quartiles(4, 1m, 1.75m, 2.5m, 3.25m, 4m), Quartiles.Of([4m, null, 2m, 1m, 3m]));

    [Fact]
    public void Of_one_figure_are_that_figure() => Assert.Equal(new Quartiles(1, 7m, 7m, 7m, 7m, 7m), Quartiles.Of([7m]));

    [Fact]
    public void Of_none_there_are_none() => Assert.Null(Quartiles.Of([null]));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public void Tell_the_quarter_of_a_figure(int figure, int quarter) =>
        Assert.Equal(quarter, Quartiles.Of([1m, 2m, 3m, 4m])!.Quarter(figure));
}
