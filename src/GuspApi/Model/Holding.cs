using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>Where the amount of the tax abatement comes from.</summary>
public enum AbatementMethod
{
    /// <summary>The tax notice.</summary>
    Notice,
    /// <summary>The landlord's estimate.</summary>
    Estimate,
    /// <summary>No abatement that year.</summary>
    None,
}

/// <summary>What a landlord has in a QPV a given year: dwellings on 1 January, and the property tax saved (CGI art. 1388 bis).</summary>
internal sealed class Holding
{
    public required string LandlordSiren { get; init; }
    public short Year { get; init; }
    public required string QpvCode { get; init; }
    public int Dwellings { get; set; }
    public int? AbatedDwellings { get; set; }
    public decimal Abatement { get; set; }
    public AbatementMethod AbatementMethod { get; set; }
    public int Version { get; set; }
    public Landlord? Landlord { get; init; }
    public Qpv? Qpv { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Holding>
    {
        public void Configure(EntityTypeBuilder<Holding> holding)
        {
            holding.HasKey(h => new { h.LandlordSiren, h.Year, h.QpvCode });
            holding.Property(h => h.Version).IsConcurrencyToken();
            holding.HasOne(h => h.Landlord).WithMany().HasForeignKey(h => h.LandlordSiren).OnDelete(DeleteBehavior.Restrict);
            holding.HasOne(h => h.Qpv).WithMany().HasForeignKey(h => h.QpvCode).OnDelete(DeleteBehavior.Restrict);
            holding.ToTable(t =>
            {
                t.HasCheckConstraint("ck_holding_year", "year between 2015 and 2100");
                t.HasCheckConstraint("ck_holding_dwellings", "dwellings >= 0");
                t.HasCheckConstraint("ck_holding_abated_dwellings", "abated_dwellings between 0 and dwellings");
                t.HasCheckConstraint("ck_holding_abatement", "abatement between 0 and 1000000000");
                t.HasCheckConstraint("ck_holding_abatement_method", "abatement_method in ('NOTICE','ESTIMATE','NONE')");
                t.HasCheckConstraint("ck_holding_no_abatement", "abatement_method <> 'NONE' or abatement = 0");
                t.HasCheckConstraint("ck_holding_version", "version > 0");
            });
        }
    }
}
