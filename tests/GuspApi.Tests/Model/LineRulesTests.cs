using GuspApi.Model;

namespace GuspApi.Tests.Model;

public sealed class LineRulesTests
{
    private static readonly LineDraft Good = new() { Ref = "L1", Axis = 3, Action = "Sur-entretien", Family = "SPECIFIC", Actual = 10.50m };

    [Fact]
    public void A_line_in_order_finds_nothing() => Assert.Empty(Check(Good));

    [Fact]
    public void Five_fields_are_required() =>
        Assert.Equal(["ref", "axis", "action", "family", "actual"], Check(new()).Select(found => found.Field));

    [Fact]
    public void Amounts_have_a_range_and_two_decimals()
    {
        Assert.Equal("AMOUNT_OUT_OF_RANGE", Assert.Single(Check(Good with { Actual = -0.01m })).Code);
        Assert.Equal("AMOUNT_OUT_OF_RANGE", Assert.Single(Check(Good with { Valued = 1_000_000_000.01m })).Code);
        Assert.Equal("AMOUNT_DECIMALS", Assert.Single(Check(Good with { Planned = 0.001m })).Code);
        Assert.Empty(Check(Good with { Actual = 1_000_000_000m, Planned = 0m, Valued = 1.50000m }));
    }

    [Fact]
    public void Axes_families_and_texts_are_bounded()
    {
        Assert.Equal("AXIS_UNKNOWN", Assert.Single(Check(Good with { Axis = 9 })).Code);
        Assert.Equal("FAMILY_UNKNOWN", Assert.Single(Check(Good with { Family = "specific" })).Code);
        Assert.Equal("TEXT_TOO_LONG", Assert.Single(Check(Good with { Ref = new string('x', 101) })).Code);
        Assert.Equal("CHARACTER_FORBIDDEN", Assert.Single(Check(Good with { Action = "a\0b" })).Code);
    }

    [Fact]
    public void A_ref_is_used_once()
    {
        var findings = new List<Finding>();
        LineRules.CheckAll([Good, Good with { Ref = "L2" }, Good], findings);

        var found = Assert.Single(findings);
        Assert.Equal(("DUPLICATE_REF", 2), (found.Code, found.Line));
    }

    [Fact]
    public void A_key_has_a_siren_a_year_and_a_code()
    {
        var findings = new List<Finding>();
        LineRules.CheckKey("123456789", 2014, "QP1", 2026, findings);

        Assert.Equal(["SIREN_INVALID", "YEAR_OUT_OF_RANGE", "QPV_CODE_INVALID"], findings.Select(found => found.Code));
    }

    private static List<Finding> Check(LineDraft line)
    {
        var findings = new List<Finding>();
        LineRules.Check(line, 0, findings);
        return findings;
    }
}
