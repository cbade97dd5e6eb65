using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class SteadyPlans : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.SqlFile("16_declaration_at");
            migrationBuilder.SqlFile("17_holding_at");
            migrationBuilder.SqlFile("31_record_anomalies");
            migrationBuilder.SqlFile("40_counted_figure");
            migrationBuilder.SqlFile("42_summed_figure");
            migrationBuilder.Sql("select rebuild_sums()");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
