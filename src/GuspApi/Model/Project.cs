using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>An action sheet: what was done in a neighbourhood, told for readers.</summary>
internal sealed class Project
{
    public long Id { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public required List<string> Objectives { get; init; }

    /// <summary>EUR per year.</summary>
    public decimal? AnnualBudget { get; init; }
    public required List<string> Partners { get; init; }
    public required string LandlordName { get; init; }
    public string? LandlordSiren { get; init; }
    public string? QpvCode { get; init; }
    public string? CommuneCode { get; init; }
    public short? Axis { get; init; }
    public short? Year { get; init; }
    public required string Source { get; init; }
    public int Version { get; set; }
    public Commune? Commune { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Project>
    {
        public void Configure(EntityTypeBuilder<Project> project)
        {
            project.HasKey(p => p.Id);
            project.HasOne<Landlord>().WithMany().HasForeignKey(p => p.LandlordSiren).OnDelete(DeleteBehavior.Restrict);
            project.HasOne<Qpv>().WithMany().HasForeignKey(p => p.QpvCode).OnDelete(DeleteBehavior.Restrict);
            project.HasOne(p => p.Commune).WithMany().HasForeignKey(p => p.CommuneCode).OnDelete(DeleteBehavior.Restrict);
            project.HasOne<Axis>().WithMany().HasForeignKey(p => p.Axis).OnDelete(DeleteBehavior.Restrict);
            project.ToTable(t => t.HasCheckConstraint("ck_project_annual_budget", "annual_budget >= 0"));
        }
    }
}
