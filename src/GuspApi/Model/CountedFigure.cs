using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>Which version of a declaration a row counts.</summary>
internal enum FigureBasis
{
    /// <summary>The last validated one.</summary>
    Validated,

    /// <summary>The current one, where it is submitted and not validated yet.</summary>
    Submitted,
}

/// <summary>
/// What indicators sum: a landlord in a QPV in a year, what it held and what counts of what it spent, in cents. Kept by the database at
/// each commit (Database/Sql/40_counted_figure.sql); the lines can give it again at any time.
/// </summary>
internal sealed class CountedFigure
{
    public required string LandlordSiren { get; init; }
    public short Year { get; init; }
    public required string QpvCode { get; init; }
    public FigureBasis Basis { get; init; }

    /// <summary>The declaration and its version that count; null where none does.</summary>
    public long? DeclarationId { get; init; }
    public int? Version { get; init; }

    /// <summary>Null where there is no holding.</summary>
    public int? HoldingVersion { get; init; }
    public int Dwellings { get; init; }
    public long Abatement { get; init; }
    public long Expense { get; init; }
    public long Valued { get; init; }

    /// <summary>The same by axis of the national framework.</summary>
    public long Expense1 { get; init; }
    public long Expense2 { get; init; }
    public long Expense3 { get; init; }
    public long Expense4 { get; init; }
    public long Expense5 { get; init; }
    public long Expense6 { get; init; }
    public long Expense7 { get; init; }
    public long Expense8 { get; init; }
    public long Valued1 { get; init; }
    public long Valued2 { get; init; }
    public long Valued3 { get; init; }
    public long Valued4 { get; init; }
    public long Valued5 { get; init; }
    public long Valued6 { get; init; }
    public long Valued7 { get; init; }
    public long Valued8 { get; init; }

    /// <summary>What of each is for means specific to the neighbourhood; the rest reinforces ordinary management.</summary>
    public long ExpenseSpecific { get; init; }
    public long ValuedSpecific { get; init; }
    public long ExpenseSpecific1 { get; init; }
    public long ExpenseSpecific2 { get; init; }
    public long ExpenseSpecific3 { get; init; }
    public long ExpenseSpecific4 { get; init; }
    public long ExpenseSpecific5 { get; init; }
    public long ExpenseSpecific6 { get; init; }
    public long ExpenseSpecific7 { get; init; }
    public long ExpenseSpecific8 { get; init; }
    public long ValuedSpecific1 { get; init; }
    public long ValuedSpecific2 { get; init; }
    public long ValuedSpecific3 { get; init; }
    public long ValuedSpecific4 { get; init; }
    public long ValuedSpecific5 { get; init; }
    public long ValuedSpecific6 { get; init; }
    public long ValuedSpecific7 { get; init; }
    public long ValuedSpecific8 { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<CountedFigure>
    {
        public void Configure(EntityTypeBuilder<CountedFigure> figure)
        {
            figure.HasKey(f => new { f.Year, f.QpvCode, f.LandlordSiren, f.Basis });
            figure.HasIndex(f => f.LandlordSiren);
            // Most questions are answered from this index alone: what is not by axis, of what is validated.
            figure.HasIndex(f => new { f.Year, f.QpvCode }).HasFilter("basis = 'VALIDATED'").IncludeProperties(f => new
            {
                f.LandlordSiren,
                f.DeclarationId,
                f.HoldingVersion,
                f.Dwellings,
                f.Abatement,
                f.Expense,
                f.Valued,
            });
            figure.ToTable(t => t.HasCheckConstraint("ck_counted_figure_basis", "basis in ('VALIDATED','SUBMITTED')"));
        }
    }
}
