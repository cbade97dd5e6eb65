using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>
/// The header of a declaration: what a landlord spent in a QPV in a year. Nothing is overwritten: it points to the lines of its
/// current version and to those of the version last validated. A DELETED one stays as a tombstone, so that its versions go on.
/// </summary>
internal sealed class Declaration
{
    public long Id { get; init; }
    public required string LandlordSiren { get; init; }
    public short Year { get; init; }
    public required string QpvCode { get; init; }
    public DeclarationStatus Status { get; set; }

    /// <summary>The step that led to this version, and what was said of it.</summary>
    public DeclarationAction Action { get; set; }
    public string? Comment { get; set; }
    public int Version { get; set; }
    public int LinesVersion { get; set; }
    public int? ValidatedVersion { get; set; }
    public int? ValidatedLinesVersion { get; set; }
    public bool EverSubmitted { get; set; }
    public long ChangeSetId { get; set; }
    public Landlord? Landlord { get; init; }
    public Qpv? Qpv { get; init; }
    public ChangeSet? ChangeSet { get; init; }
    public List<ExpenseLine> Lines { get; init; } = [];

    internal sealed class Mapping : IEntityTypeConfiguration<Declaration>
    {
        public void Configure(EntityTypeBuilder<Declaration> declaration)
        {
            declaration.HasKey(d => d.Id);
            declaration.HasIndex(d => new { d.LandlordSiren, d.Year, d.QpvCode }).IsUnique().HasDatabaseName("ak_declaration_key");
            declaration.HasIndex(d => new { d.Year, d.QpvCode, d.LandlordSiren });
            declaration.Property(d => d.Version).IsConcurrencyToken();
            declaration.Property(d => d.ChangeSetId).HasDefaultValueSql("current_change_set()");
            declaration.HasOne(d => d.Landlord).WithMany().HasForeignKey(d => d.LandlordSiren).OnDelete(DeleteBehavior.Restrict);
            declaration.HasOne(d => d.Qpv).WithMany().HasForeignKey(d => d.QpvCode).OnDelete(DeleteBehavior.Restrict);
            declaration.HasOne(d => d.ChangeSet).WithMany().HasForeignKey(d => d.ChangeSetId).OnDelete(DeleteBehavior.Restrict);
            declaration.ToTable(t =>
            {
                t.HasCheckConstraint("ck_declaration_year", "year between 2015 and 2100");
                t.HasCheckConstraint("ck_declaration_status", "status in ('DRAFT','SUBMITTED','CHANGES_REQUESTED','VALIDATED','DELETED')");
                t.HasCheckConstraint("ck_declaration_action",
                    "action in ('SAVED','SUBMITTED','VALIDATED','CHANGES_REQUESTED','REOPENED','DELETED','JUSTIFIED')");
                t.HasCheckConstraint("ck_declaration_versions",
                    "0 < lines_version and lines_version <= version and validated_lines_version <= validated_version and "
                        + "validated_version <= version");
                t.HasCheckConstraint("ck_declaration_validated", "status <> 'VALIDATED' or validated_lines_version = lines_version");
                t.HasCheckConstraint("ck_declaration_deleted", "status <> 'DELETED' or validated_version is null");
            });
        }
    }
}

/// <summary>One version of a declaration, written by the database at every accepted write.</summary>
internal sealed class DeclarationVersion
{
    public long DeclarationId { get; init; }
    public int Version { get; init; }
    public DeclarationStatus Status { get; init; }
    public DeclarationAction Action { get; init; }
    public string? Comment { get; init; }
    public int LinesVersion { get; init; }
    public long ChangeSetId { get; init; }
    public Declaration? Declaration { get; init; }
    public ChangeSet? ChangeSet { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DeclarationVersion>
    {
        public void Configure(EntityTypeBuilder<DeclarationVersion> version)
        {
            version.HasKey(v => new { v.DeclarationId, v.Version });
            version.HasOne(v => v.Declaration).WithMany().HasForeignKey(v => v.DeclarationId).OnDelete(DeleteBehavior.Restrict);
            version.HasOne(v => v.ChangeSet).WithMany().HasForeignKey(v => v.ChangeSetId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
