using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>
/// A file of rows received from a caller, and what became of it. RECEIVED → VALIDATING → APPLYING → DONE or DONE_WITH_REJECTS; a dry run
/// stops at VALIDATED until its plan is applied (APPLYING → DONE…, or STALE). FAILED, STALE and CANCELLED wrote nothing.
/// </summary>
internal sealed class Import
{
    /// <summary>Every state, in the order they are gone through.</summary>
    public static readonly string[] States =
        ["RECEIVED", "VALIDATING", "VALIDATED", "APPLYING", "DONE", "DONE_WITH_REJECTS", "FAILED", "STALE", "CANCELLED"];

    /// <summary>The states in which work is still to be done.</summary>
    public static readonly string[] Unended = ["RECEIVED", "VALIDATING", "APPLYING"];

    /// <summary>Why an import is cancelled when nobody asked.</summary>
    public static readonly Text KeyEnded = new(
        "The key it was sent with, or applied with, is revoked or has expired: nothing was written.",
        "La clé de l'envoi, ou de l'application, est révoquée ou a expiré : rien n'a été écrit.");

    public Guid Id { get; init; }
    public required string Dataset { get; init; }
    public required string Mode { get; init; }
    public bool Submit { get; init; }
    public required string Atomicity { get; init; }
    public required string State { get; set; }
    public required string Actor { get; init; }
    public string? RequestId { get; init; }

    /// <summary>Who had the plan of a dry run carried out, by which request: it need not be its author, and it is who writes.</summary>
    public string? AppliedBy { get; set; }
    public string? ApplyRequestId { get; set; }
    public string? CancelledBy { get; set; }

    /// <summary>The SIRENs its author declares for; null when the author may write for all.</summary>
    public string[]? Landlords { get; init; }

    /// <summary>Null once it has expired: the key may then name another import.</summary>
    public string? IdempotencyKey { get; init; }
    public string? Fingerprint { get; set; }
    public string? ContentType { get; init; }

    /// <summary>The sheet of a workbook, when the sender named one.</summary>
    public string? Sheet { get; init; }
    public long Bytes { get; set; }
    public int RowsRead { get; set; }
    public int? RowsTotal { get; set; }
    public int Percent { get; set; }
    public int Created { get; set; }
    public int Updated { get; set; }
    public int Unchanged { get; set; }
    public int Rejected { get; set; }
    public int Errors { get; set; }
    public int Warnings { get; set; }
    public long BaseRevision { get; set; }
    public long? ChangeSetId { get; set; }

    /// <summary>What a dry run foresaw, in short: an apply that would do anything else is stale.</summary>
    public string? Plan { get; set; }
    public string? MessageEn { get; set; }
    public string? MessageFr { get; set; }
    public DateTime ReceivedAt { get; init; }
    public DateTime? StartedAt { get; set; }
    public DateTime? EndedAt { get; set; }

    /// <summary>Who works on it, and until when that is believed without a sign of life.</summary>
    public Guid? LeaseOwner { get; set; }
    public DateTime? LeaseUntil { get; set; }
    public int Attempts { get; set; }
    public DateTime? RetryAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Import>
    {
        public void Configure(EntityTypeBuilder<Import> import)
        {
            import.HasKey(i => i.Id);
            import.HasIndex(i => new { i.Actor, i.IdempotencyKey }).IsUnique().HasDatabaseName("ak_import_idempotency_key");
            import.HasIndex(i => new { i.ReceivedAt, i.Id });
            import.ToTable(t => t.HasCheckConstraint(
                "ck_import_state",
                $"state in ('{string.Join("','", States)}')"));
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

    /// <summary>Number of the record in the file (row of a table, object of a JSON), from 1; and the line it starts on.</summary>
    public int? Record { get; init; }
    public int? Line { get; init; }
    public string? ColumnName { get; init; }
    public string? ObjectKey { get; init; }
    public required string Code { get; init; }
    public Severity Severity { get; init; }
    public required string MessageEn { get; init; }
    public required string MessageFr { get; init; }
    public string? Value { get; init; }
    public string? ExpectedEn { get; init; }
    public string? ExpectedFr { get; init; }
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

/// <summary>A record that was rejected without being wrong itself: its declaration is.</summary>
internal sealed class ImportReject
{
    public Guid ImportId { get; init; }
    public int Record { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImportReject>
    {
        public void Configure(EntityTypeBuilder<ImportReject> reject)
        {
            reject.HasKey(r => new { r.ImportId, r.Record });
            reject.HasOne<Import>().WithMany().HasForeignKey(r => r.ImportId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What a dry run would change of one object: as it stood, and as it would be.</summary>
internal sealed class ImportChange
{
    public Guid ImportId { get; init; }
    public int No { get; init; }
    public required string ObjectKey { get; init; }

    /// <summary>created or updated.</summary>
    public required string Outcome { get; init; }

    /// <summary>The version the change was computed from; 0 where there was none. Null for communes, which have no versions.</summary>
    public int? Version { get; init; }
    public JsonDocument? Before { get; init; }
    public required JsonDocument After { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImportChange>
    {
        public void Configure(EntityTypeBuilder<ImportChange> change)
        {
            change.HasKey(c => new { c.ImportId, c.No });
            change.HasOne<Import>().WithMany().HasForeignKey(c => c.ImportId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
