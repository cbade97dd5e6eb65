using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>A heading under which this region prints the axes. Which axis goes where is data: other regions group otherwise.</summary>
internal sealed class Theme
{
    public required string Code { get; init; }
    public required string Label { get; init; }
    public short Rank { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Theme>
    {
        public void Configure(EntityTypeBuilder<Theme> theme) => theme.HasKey(t => t.Code);
    }
}

/// <summary>One of the eight axes of the national framework of 29 April 2015.</summary>
internal sealed class Axis
{
    public short Number { get; init; }
    public required string Label { get; init; }
    public required string ThemeCode { get; init; }
    public required string Source { get; init; }
    public DateOnly SourceDate { get; init; }
    public Theme? Theme { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Axis>
    {
        public void Configure(EntityTypeBuilder<Axis> axis)
        {
            axis.HasKey(a => a.Number);
            axis.Property(a => a.Number).ValueGeneratedNever();
            axis.HasOne(a => a.Theme).WithMany().HasForeignKey(a => a.ThemeCode).OnDelete(DeleteBehavior.Restrict);
            axis.ToTable(t => t.HasCheckConstraint("ck_axis_number", "number between 1 and 8"));
        }
    }
}
