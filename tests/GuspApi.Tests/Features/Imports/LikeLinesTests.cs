using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

public sealed class LikeLinesTests
{
    private readonly LikeLines lines = new();

    [Fact]
    public void Lines_that_differ_are_not_alike_in_each_declaration_anew()
    {
        Assert.False(Add(1, "a", "Gardiennage", 10m));
        Assert.False(Add(1, "b", "Gardiennage", 11m));
        Assert.False(Add(1, "c", "Propreté", 10m));
        Assert.False(Add(2, "a", "Gardiennage", 10m));
    }

    [Theory]
    [InlineData("a", "Propreté", 11)]
    [InlineData("b", "Gardiennage", 10)]
    public void The_same_reference_or_the_same_action_and_amount_are_alike(string reference, string action, int amount)
    {
        Add(1, "a", "Gardiennage", 10.00m);

        Assert.True(Add(1, reference, action, amount));
    }

    [Fact]
    public void A_declaration_that_goes_on_elsewhere_may_be_alike()
    {
        Add(1, "a", "Gardiennage", 10m);
        Add(2, "a", "Gardiennage", 10m);

        Assert.True(lines.Add(1, isContinued: true, new() { Ref = "b", Action = "Propreté", Actual = 11m }));
    }

    [Fact]
    public void A_long_declaration_may_be_alike_and_is_not_remembered_whole()
    {
        var told = Enumerable.Range(0, 10_000).Select(i => Add(1, $"L{i}", "Gardiennage", i)).ToList();

        Assert.False(told[1000]);
        Assert.All(told[5000..], Assert.True);
        Assert.False(Add(2, "a", "Gardiennage", 10m));
    }

    private bool Add(int key, string reference, string action, decimal actual) =>
        lines.Add(key, isContinued: false, new() { Ref = reference, Action = action, Actual = actual });
}
