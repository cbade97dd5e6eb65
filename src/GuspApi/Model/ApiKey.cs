using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>
/// A key of the API: what it may do, for whom, until when. Its secret is known to its bearer alone; here are hashes, two of them while
/// it is being replaced. Keys are revoked, not deleted: the audit goes on naming them.
/// </summary>
internal sealed class ApiKey
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required byte[] SecretHash { get; set; }

    /// <summary>The secret before the last rotation, and how long it is still good.</summary>
    public byte[]? PreviousHash { get; set; }
    public DateTime? PreviousExpiresAt { get; set; }

    public required string[] Scopes { get; init; }

    /// <summary>SIRENs of the landlords it declares for.</summary>
    public required string[] Landlords { get; init; }

    /// <summary>Codes of the départements it reviews.</summary>
    public required string[] Departments { get; init; }

    public DateTime? ExpiresAt { get; init; }
    public DateTime? RevokedAt { get; set; }

    /// <summary>To the minute: it is written at most once a minute.</summary>
    public DateTime? LastUsedAt { get; set; }

    public DateTime CreatedAt { get; init; }
    public required string CreatedBy { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> key)
        {
            key.HasKey(k => k.Id);
            key.HasIndex(k => new { k.Name, k.Id });
            key.ToTable(t =>
            {
                t.HasCheckConstraint("ck_api_key_scopes", "scopes <@ array['read','declare','review','admin'] and cardinality(scopes) > 0");
                t.HasCheckConstraint("ck_api_key_landlords", "(cardinality(landlords) > 0) = ('declare' = any (scopes))");
                t.HasCheckConstraint("ck_api_key_departments", "(cardinality(departments) > 0) = ('review' = any (scopes))");
                t.HasCheckConstraint("ck_api_key_previous", "(previous_hash is null) = (previous_expires_at is null)");
            });
        }
    }
}
