using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>Whether an action reinforces what a landlord does everywhere, or is specific to the neighbourhood.</summary>
public enum LineFamily
{
    /// <summary>Renforcement des moyens de gestion de droit commun.</summary>
    Reinforcement,
    /// <summary>Moyens spécifiques au quartier.</summary>
    Specific,
}

/// <summary>A line of a declaration at one version. Append-only.</summary>
internal sealed class ExpenseLine
{
    public long DeclarationId { get; init; }
    public int Version { get; init; }

    /// <summary>The sender's reference, unique in the declaration; and the line's place, from 1.</summary>
    public required string Ref { get; init; }
    public int No { get; init; }
    public short Axis { get; init; }
    public required string Action { get; init; }
    public LineFamily Family { get; init; }

    /// <summary>Amounts in EUR; the actual one is the expense that indicators sum.</summary>
    public decimal? Planned { get; init; }
    public decimal Actual { get; init; }
    public decimal? Valued { get; init; }
    public decimal? LandlordFunding { get; init; }
    public decimal? OtherFunding { get; init; }
    public string? QuantitativeReview { get; init; }
    public string? QualitativeReview { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ExpenseLine>
    {
        public void Configure(EntityTypeBuilder<ExpenseLine> line)
        {
            line.HasKey(l => new { l.DeclarationId, l.Version, l.Ref });
            line.HasOne<Declaration>().WithMany(d => d.Lines).HasForeignKey(l => l.DeclarationId).OnDelete(DeleteBehavior.Restrict);
            line.ToTable(t =>
            {
                t.HasCheckConstraint("ck_expense_line_axis", "axis between 1 and 8");
                t.HasCheckConstraint("ck_expense_line_family", "family in ('REINFORCEMENT','SPECIFIC')");
                t.HasCheckConstraint(
                    "ck_expense_line_amounts",
                    "least(planned, actual, valued, landlord_funding, other_funding) >= 0 and "
                        + "greatest(planned, actual, valued, landlord_funding, other_funding) <= 1000000000");
            });
        }
    }
}
