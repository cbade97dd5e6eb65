using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class CountedFigures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "counted_figure",
                columns: table => new
                {
                    landlord_siren = table.Column<string>(type: "text", nullable: false),
                    year = table.Column<short>(type: "smallint", nullable: false),
                    qpv_code = table.Column<string>(type: "text", nullable: false),
                    basis = table.Column<string>(type: "text", nullable: false),
                    declaration_id = table.Column<long>(type: "bigint", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: true),
                    holding_version = table.Column<int>(type: "integer", nullable: true),
                    dwellings = table.Column<int>(type: "integer", nullable: false),
                    abatement = table.Column<long>(type: "bigint", nullable: false),
                    expense = table.Column<long>(type: "bigint", nullable: false),
                    valued = table.Column<long>(type: "bigint", nullable: false),
                    expense1 = table.Column<long>(type: "bigint", nullable: false),
                    expense2 = table.Column<long>(type: "bigint", nullable: false),
                    expense3 = table.Column<long>(type: "bigint", nullable: false),
                    expense4 = table.Column<long>(type: "bigint", nullable: false),
                    expense5 = table.Column<long>(type: "bigint", nullable: false),
                    expense6 = table.Column<long>(type: "bigint", nullable: false),
                    expense7 = table.Column<long>(type: "bigint", nullable: false),
                    expense8 = table.Column<long>(type: "bigint", nullable: false),
                    valued1 = table.Column<long>(type: "bigint", nullable: false),
                    valued2 = table.Column<long>(type: "bigint", nullable: false),
                    valued3 = table.Column<long>(type: "bigint", nullable: false),
                    valued4 = table.Column<long>(type: "bigint", nullable: false),
                    valued5 = table.Column<long>(type: "bigint", nullable: false),
                    valued6 = table.Column<long>(type: "bigint", nullable: false),
                    valued7 = table.Column<long>(type: "bigint", nullable: false),
                    valued8 = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_counted_figure", x => new { x.year, x.qpv_code, x.landlord_siren, x.basis });
                    table.CheckConstraint("ck_counted_figure_basis", "basis in ('VALIDATED','SUBMITTED')");
                });

            migrationBuilder.CreateIndex(
                name: "ix_counted_figure_landlord_siren",
                table: "counted_figure",
                column: "landlord_siren");

            migrationBuilder.CreateIndex(
                name: "ix_counted_figure_year_qpv_code",
                table: "counted_figure",
                columns: new[] { "year", "qpv_code" },
                filter: "basis = 'VALIDATED'")
                .Annotation("Npgsql:IndexInclude", new[] { "landlord_siren", "declaration_id", "holding_version", "dwellings", "abatement", "expense", "valued" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "counted_figure");
        }
    }
}
