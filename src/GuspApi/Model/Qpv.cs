using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>A priority neighbourhood. Its EPCI are those of its communes.</summary>
internal sealed class Qpv
{
    public required string Code { get; init; }
    public required string Name { get; set; }
    public short Generation { get; init; }
    public required string DepartmentCode { get; set; }

    /// <summary>GeoJSON geometry (WGS 84), and its bounding box in degrees.</summary>
    public JsonDocument? Geometry { get; set; }
    public double? MinLongitude { get; set; }
    public double? MinLatitude { get; set; }
    public double? MaxLongitude { get; set; }
    public double? MaxLatitude { get; set; }
    public int Version { get; set; }
    public Department? Department { get; init; }
    public List<QpvCommune> Communes { get; init; } = [];

    internal sealed class Mapping : IEntityTypeConfiguration<Qpv>
    {
        public void Configure(EntityTypeBuilder<Qpv> qpv)
        {
            qpv.HasKey(q => q.Code);
            qpv.Property(q => q.Version).IsConcurrencyToken();
            qpv.HasOne(q => q.Department).WithMany().HasForeignKey(q => q.DepartmentCode).OnDelete(DeleteBehavior.Restrict);
            qpv.ToTable(t =>
            {
                t.HasCheckConstraint("ck_qpv_code", $"code ~ '{QpvCode.Pattern2015}' or code ~ '{QpvCode.Pattern2024}'");
                t.HasCheckConstraint("ck_qpv_generation", "generation = case when code like 'QP%' then 2015 else 2024 end");
                t.HasCheckConstraint("ck_qpv_name", "btrim(name) <> ''");
                t.HasCheckConstraint("ck_qpv_box",
                    "(geometry is null) = (min_longitude is null) and min_longitude <= max_longitude and min_latitude <= max_latitude");
                t.HasCheckConstraint("ck_qpv_version", "version > 0");
            });
        }
    }
}

/// <summary>A QPV lies in a commune, whole or in part.</summary>
internal sealed class QpvCommune
{
    public required string QpvCode { get; init; }
    public required string CommuneCode { get; init; }
    public Qpv? Qpv { get; init; }
    public Commune? Commune { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<QpvCommune>
    {
        public void Configure(EntityTypeBuilder<QpvCommune> link)
        {
            link.HasKey(l => new { l.QpvCode, l.CommuneCode });
            link.HasOne(l => l.Qpv).WithMany(q => q.Communes).HasForeignKey(l => l.QpvCode).OnDelete(DeleteBehavior.Cascade);
            link.HasOne(l => l.Commune).WithMany().HasForeignKey(l => l.CommuneCode).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>A QPV of the 2015 list continues in one of the 2024 list.</summary>
internal sealed class QpvLineage
{
    public required string PredecessorCode { get; init; }
    public required string SuccessorCode { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<QpvLineage>
    {
        public void Configure(EntityTypeBuilder<QpvLineage> lineage)
        {
            lineage.HasKey(l => new { l.PredecessorCode, l.SuccessorCode });
            lineage.HasOne<Qpv>().WithMany().HasForeignKey(l => l.PredecessorCode).OnDelete(DeleteBehavior.Restrict);
            lineage.HasOne<Qpv>().WithMany().HasForeignKey(l => l.SuccessorCode).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
