using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>The thresholds of a rule that has some: from where on a figure is worth a second look. Shares are of 1.</summary>
internal sealed class Rule
{
    public required string Code { get; init; }
    public decimal? Minimum { get; init; }
    public decimal Maximum { get; init; }
    public required string Unit { get; init; }
    public int Version { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Rule>
    {
        public void Configure(EntityTypeBuilder<Rule> rule)
        {
            rule.HasKey(r => r.Code);
            // Not amounts: kept with the decimals they were given.
            foreach (var threshold in new[] { rule.Property(r => r.Minimum).Metadata, rule.Property(r => r.Maximum).Metadata })
            {
                threshold.SetPrecision(null);
                threshold.SetScale(null);
            }
            rule.ToTable(t =>
            {
                t.HasCheckConstraint("ck_rule_thresholds", "minimum >= 0 and minimum <= maximum or minimum is null and maximum >= 0");
                t.HasCheckConstraint("ck_rule_version", "version > 0");
            });
            rule.HasData(
                new Rule { Code = "FUNDING_MISMATCH", Maximum = 0.01m, Unit = "EUR", Version = 1 },
                new Rule { Code = "VALUED_VERSUS_ABATEMENT", Maximum = 0.05m, Unit = "share of the abatement", Version = 1 },
                new Rule { Code = "EXPENSE_PER_DWELLING", Minimum = 50m, Maximum = 600m, Unit = "EUR per dwelling per year", Version = 1 },
                new Rule { Code = "EXPENSE_PER_DWELLING_CHANGE", Maximum = 0.5m, Unit = "share of last year's", Version = 1 },
                new Rule { Code = "DWELLINGS_CHANGE", Maximum = 0.1m, Unit = "share of last year's", Version = 1 });
        }
    }
}
