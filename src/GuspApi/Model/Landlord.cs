using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>The families of social landlords.</summary>
public enum LandlordFamily
{
    /// <summary>Office public de l'habitat.</summary>
    Oph,
    /// <summary>Entreprise sociale pour l'habitat.</summary>
    Esh,
    /// <summary>Coopérative d'Hlm.</summary>
    Coop,
    /// <summary>Société d'économie mixte.</summary>
    Sem,
    /// <summary>Any other body.</summary>
    Other,
}

internal sealed class Landlord
{
    public required string Siren { get; init; }
    public required string Name { get; set; }
    public LandlordFamily Family { get; set; }

    /// <summary>First and last year of activity, both included; null where open.</summary>
    public short? ActiveFrom { get; set; }
    public short? ActiveTo { get; set; }
    public string? SuccessorSiren { get; set; }
    public int Version { get; set; }
    public Landlord? Successor { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Landlord>
    {
        public void Configure(EntityTypeBuilder<Landlord> landlord)
        {
            landlord.HasKey(l => l.Siren);
            landlord.Property(l => l.Version).IsConcurrencyToken();
            landlord.HasOne(l => l.Successor).WithMany().HasForeignKey(l => l.SuccessorSiren).OnDelete(DeleteBehavior.Restrict);
            landlord.ToTable(t =>
            {
                t.HasCheckConstraint("ck_landlord_siren", "is_siren(siren)");
                t.HasCheckConstraint("ck_landlord_name", "btrim(name) <> ''");
                t.HasCheckConstraint("ck_landlord_family", "family in ('OPH','ESH','COOP','SEM','OTHER')");
                t.HasCheckConstraint("ck_landlord_active", "active_from <= active_to");
                t.HasCheckConstraint("ck_landlord_successor", "successor_siren <> siren");
                t.HasCheckConstraint("ck_landlord_version", "version > 0");
            });
        }
    }
}
