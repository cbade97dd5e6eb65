using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>
/// A rule that a stored declaration breaks, from one write to another (null: still). The database keeps them with every write that
/// matters to them (Database/Sql/31_record_anomalies.sql); what stood once stays, so that any past answer can be had again.
/// </summary>
internal sealed class Anomaly
{
    public long Id { get; init; }
    public long DeclarationId { get; init; }
    public required string Code { get; init; }

    /// <summary>The line concerned, if one is.</summary>
    public string? Ref { get; init; }
    public required string Field { get; init; }
    public string? Value { get; init; }
    public string? Expected { get; init; }
    public long SinceChangeSetId { get; init; }
    public long? UntilChangeSetId { get; init; }

    /// <summary>Why the declarer finds it right, and the write that said so.</summary>
    public string? Justification { get; init; }
    public long? JustifiedChangeSetId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Anomaly>
    {
        // No foreign keys: only the trigger writes here, of rows it has just read and that are never deleted, and a look-up of the
        // declaration would wait for whoever has locked it and waits for the trigger.
        public void Configure(EntityTypeBuilder<Anomaly> anomaly)
        {
            anomaly.HasIndex(a => a.DeclarationId);
            anomaly.HasIndex(a => new { a.Code, a.DeclarationId }).HasFilter("until_change_set_id is null");
            anomaly.ToTable(t => t.HasCheckConstraint(
                "ck_anomaly_justification", "(justification is null) = (justified_change_set_id is null)"));
        }
    }
}
