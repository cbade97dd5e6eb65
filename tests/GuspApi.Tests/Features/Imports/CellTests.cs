using System.Globalization;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

public sealed class CellTests
{
    [Theory]
    [InlineData("1234.56", 1234.56)]
    [InlineData("1234,56", 1234.56)]
    [InlineData("1 234,56 €", 1234.56)]
    [InlineData("1\u00A0234,56\u00A0€", 1234.56)]
    [InlineData("1\u202F234\u202F567,5 EUR", 1234567.5)]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    public void Reads_amounts_as_people_write_them(string cell, double expected)
    {
        Assert.Null(Cell.Money(cell, out var amount));
        Assert.Equal((decimal)expected, amount);
    }

    [Theory]
    [InlineData("1.234,56", "AMOUNT_INVALID", "1234.56")]
    [InlineData("1,234.56", "AMOUNT_INVALID", "1234.56")]
    [InlineData("1.000", "AMOUNT_DECIMALS", null)]
    [InlineData("12.345", "AMOUNT_DECIMALS", null)]
    [InlineData("1 23,5", "AMOUNT_INVALID", null)]
    [InlineData("12 34 567", "AMOUNT_INVALID", null)]
    [InlineData("-1", "AMOUNT_OUT_OF_RANGE", null)]
    [InlineData("1000000000,01", "AMOUNT_OUT_OF_RANGE", null)]
    [InlineData("1e400", "AMOUNT_INVALID", null)]
    [InlineData("1e3", "AMOUNT_INVALID", null)]
    [InlineData("999999999999999999999999999999999999", "AMOUNT_OUT_OF_RANGE", null)]
    [InlineData("12,", "AMOUNT_INVALID", null)]
    [InlineData("€", "AMOUNT_INVALID", null)]
    [InlineData("n.c.", "AMOUNT_INVALID", null)]
    public void Refuses_what_is_no_amount(string cell, string code, string? suggestion)
    {
        var refusal = Cell.Money(cell, out var amount);

        Assert.Equal(code, refusal?.Code);
        Assert.Equal(suggestion, refusal?.Suggestion);
        Assert.Null(amount);
    }

    [Fact]
    public void Any_amount_written_in_any_manner_is_read_back()
    {
        var random = new Random(1388);
        for (var i = 0; i < 5_000; i++)
        {
            var amount = random.NextInt64(0, 100_000_000_000) / (decimal)Math.Pow(10, random.Next(0, 3));
            amount = Math.Min(Math.Round(amount, 2), 1_000_000_000m);
            var group = new[] { "", " ", "\u00A0", "\u202F" }[random.Next(4)];
            var format = new NumberFormatInfo { NumberGroupSeparator = group, NumberDecimalSeparator = random.Next(2) == 0 ? "," : "." };
            var text = amount.ToString("#,0." + new string('0', random.Next(3) is var zeros && zeros == 0 ? 2 : 2), format);
            text += new[] { "", " €", "\u00A0€", "EUR" }[random.Next(4)];

            Assert.Null(Cell.Money(text, out var read));
            Assert.Equal(amount, read);
        }
    }

    [Theory]
    [InlineData("50000003", "050000003")]
    [InlineData("552100554", null)]
    [InlineData("123456789", null)]
    public void A_siren_that_lost_its_zero_is_refused_with_the_whole_one(string cell, string? suggestion)
    {
        var refusal = CodeCell.SirenOf(cell, out var siren);
        if (refusal is null)
            Assert.Equal(cell, siren);
        else if (GuspApi.Model.Siren.IsValid(cell.PadLeft(9, '0')))
            Assert.Equal(suggestion, refusal.Suggestion);
        else
            Assert.Null(refusal.Suggestion);
    }

    [Theory]
    [InlineData("QN5901M", "QN05901M")]
    [InlineData("QP59001", "QP059001")]
    [InlineData("nonsense", null)]
    public void A_qpv_code_that_lost_a_zero_is_refused_with_the_whole_one(string cell, string? suggestion) =>
        Assert.Equal(suggestion, CodeCell.QpvOf(cell, out _)!.Suggestion);

    [Theory]
    [InlineData("1053", true, "01053")]
    [InlineData("2A004", true, "2A004")]
    [InlineData("59350", false, "59350")]
    public void The_qpv_list_gives_lost_zeros_back(string cell, bool repair, string expected)
    {
        Assert.Null(CodeCell.Territory(cell, Territory.Commune, repair, out var code));
        Assert.Equal(expected, code);
    }

    [Fact]
    public void Elsewhere_a_lost_zero_is_an_error_with_the_whole_code() =>
        Assert.Equal("02", CodeCell.Territory("2", Territory.Department, false, out _)!.Suggestion);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("Sur-entretien", 3)]
    [InlineData("TRANQUILLITE RESIDENTIELLE", 5)]
    public void An_axis_is_a_number_or_its_label(string cell, int expected)
    {
        var labels = new Dictionary<string, short> { ["surentretien"] = 3, ["tranquilliteresidentielle"] = 5 };
        Assert.Null(Cell.Axis(cell, labels, out var axis));
        Assert.Equal(expected, axis);
    }

    [Fact]
    public void Axis_nine_is_unknown() => Assert.Equal("AXIS_UNKNOWN", Cell.Axis("9", new Dictionary<string, short>(), out _)!.Code);
}
