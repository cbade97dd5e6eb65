using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>A file of rows received from a caller, and what became of it.</summary>
internal sealed class Import
{
    public Guid Id { get; init; }
    public required string Dataset { get; init; }
    public required string Mode { get; init; }
    public bool Submit { get; init; }
    public required string Atomicity { get; init; }
    public required string State { get; set; }
    public required string Actor { get; init; }
    public required string IdempotencyKey { get; init; }
    public string? Fingerprint { get; set; }
    public string? ContentType { get; init; }
    public int RowsRead { get; set; }
    public int? RowsTotal { get; set; }
    public int Created { get; set; }
    public int Updated { get; set; }
    public int Unchanged { get; set; }
    public int Rejected { get; set; }
    public int Errors { get; set; }
    public int Warnings { get; set; }
    public long BaseRevision { get; set; }
    public long? ChangeSetId { get; set; }
    public string? MessageEn { get; set; }
    public string? MessageFr { get; set; }
    public DateTime ReceivedAt { get; init; }
    public DateTime? StartedAt { get; set; }
    public DateTime? EndedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Import>
    {
        public void Configure(EntityTypeBuilder<Import> import)
        {
            import.HasKey(i => i.Id);
            import.HasIndex(i => new { i.Actor, i.IdempotencyKey }).IsUnique().HasDatabaseName("ak_import_idempotency_key");
            import.HasIndex(i => new { i.ReceivedAt, i.Id });
            import.ToTable(t => t.HasCheckConstraint(
                "ck_import_state",
                "state in ('RECEIVING','RECEIVED','VALIDATING','VALIDATED','APPLYING','DONE','DONE_WITH_REJECTS','FAILED','STALE','CANCELLED')"));
        }
    }
}

/// <summary>A piece of an import's body, as it was received.</summary>
internal sealed class ImportChunk
{
    public Guid ImportId { get; init; }
    public int No { get; init; }
    public required byte[] Bytes { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImportChunk>
    {
        public void Configure(EntityTypeBuilder<ImportChunk> chunk)
        {
            chunk.HasKey(c => new { c.ImportId, c.No });
            chunk.HasOne<Import>().WithMany().HasForeignKey(c => c.ImportId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What an import has to say of one of its rows.</summary>
internal sealed class ImportError
{
    public Guid ImportId { get; init; }
    public int No { get; init; }
    public int? Line { get; init; }
    public string? ColumnName { get; init; }
    public string? ObjectKey { get; init; }
    public required string Code { get; init; }
    public Severity Severity { get; init; }
    public required string MessageEn { get; init; }
    public required string MessageFr { get; init; }
    public string? Value { get; init; }
    public string? Expected { get; init; }
    public string? Suggestion { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImportError>
    {
        public void Configure(EntityTypeBuilder<ImportError> error)
        {
            error.HasKey(e => new { e.ImportId, e.No });
            error.HasOne<Import>().WithMany().HasForeignKey(e => e.ImportId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
