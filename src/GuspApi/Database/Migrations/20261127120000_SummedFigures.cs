using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class SummedFigures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.SqlFile("40_counted_figure");
            migrationBuilder.SqlFile("42_summed_figure");
            migrationBuilder.SqlFile("43_figure_check");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                drop table summed_figure cascade;
                drop trigger keep_sums_of_departments on qpv;
                drop function keep_sums_of_departments;
                create or replace function keep_sums(was counted_figure[], become counted_figure[]) returns void language sql as '';
                create or replace function rebuild_sums() returns void language sql as ''
                """);
        }
    }
}
