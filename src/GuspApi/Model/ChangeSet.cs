using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>One accepted write: who, for which request, and its place in the one order of all writes, given at commit.</summary>
internal sealed class ChangeSet
{
    public long Id { get; init; }
    public long? Revision { get; init; }
    public DateTime? At { get; init; }
    public required string Actor { get; init; }
    public string? RequestId { get; init; }

    /// <summary>The import that wrote it. No foreign key: imports are kept for 90 days, what they wrote for ever.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>What was said of it: the comment of a step, the reason for a change of what is locked.</summary>
    public string? Comment { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChangeSet>
    {
        public void Configure(EntityTypeBuilder<ChangeSet> changeSet)
        {
            changeSet.HasKey(c => c.Id);
            changeSet.HasIndex(c => c.Revision).IsUnique().HasDatabaseName("ak_change_set_revision");
            changeSet.HasIndex(c => c.At);
        }
    }
}

/// <summary>
/// One version of one object in the change feed, written by the database. Content is the row, but for declarations. Id is the order of
/// writing within a change set; between change sets the revision is the order.
/// </summary>
internal sealed class Change
{
    public long Id { get; init; }
    public required string ObjectType { get; init; }
    public required string ObjectKey { get; init; }
    public int Version { get; init; }
    public required string Event { get; init; }
    public long ChangeSetId { get; init; }
    public JsonDocument? Content { get; init; }
    public ChangeSet? ChangeSet { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Change>
    {
        public void Configure(EntityTypeBuilder<Change> change)
        {
            change.HasKey(c => new { c.ObjectType, c.ObjectKey, c.Version });
            change.Property(c => c.Id).UseIdentityAlwaysColumn();
            change.HasIndex(c => new { c.ChangeSetId, c.Id });
            change.HasOne(c => c.ChangeSet).WithMany().HasForeignKey(c => c.ChangeSetId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
