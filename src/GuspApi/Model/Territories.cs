using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

internal sealed class Region
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Region>
    {
        public void Configure(EntityTypeBuilder<Region> region) => region.HasKey(r => r.Code);
    }
}

internal sealed class Department
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public required string RegionCode { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }
    public Region? Region { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Department>
    {
        public void Configure(EntityTypeBuilder<Department> department)
        {
            department.HasKey(d => d.Code);
            department.HasOne(d => d.Region).WithMany().HasForeignKey(d => d.RegionCode).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>An intercommunal body; its code is its SIREN.</summary>
internal sealed class Epci
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Epci>
    {
        public void Configure(EntityTypeBuilder<Epci> epci)
        {
            epci.HasKey(e => e.Code);
            epci.ToTable(t => t.HasCheckConstraint("ck_epci_code", "is_siren(code)"));
        }
    }
}

internal sealed class Commune
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public required string DepartmentCode { get; init; }
    public string? EpciCode { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }
    public Department? Department { get; init; }
    public Epci? Epci { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Commune>
    {
        public void Configure(EntityTypeBuilder<Commune> commune)
        {
            commune.HasKey(c => c.Code);
            commune.HasOne(c => c.Department).WithMany().HasForeignKey(c => c.DepartmentCode).OnDelete(DeleteBehavior.Restrict);
            commune.HasOne(c => c.Epci).WithMany().HasForeignKey(c => c.EpciCode).OnDelete(DeleteBehavior.Restrict);
            commune.ToTable(t => t.HasCheckConstraint("ck_commune_code", "code ~ '^[0-9][0-9AB][0-9]{3}$'"));
        }
    }
}
