using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class FasterAtScale : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_declaration_year_qpv_code",
                table: "declaration");

            migrationBuilder.CreateIndex(
                name: "ix_declaration_year_qpv_code_landlord_siren",
                table: "declaration",
                columns: new[] { "year", "qpv_code", "landlord_siren" });

            migrationBuilder.SqlFile("05_trust_known_keys");
            migrationBuilder.SqlFile("13_record_declaration");
            migrationBuilder.SqlFile("15_record_territory");
            migrationBuilder.SqlFileOfRules("30_broken_rules");
            migrationBuilder.SqlFile("31_record_anomalies");
            migrationBuilder.SqlFile("40_counted_figure");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_declaration_year_qpv_code_landlord_siren",
                table: "declaration");

            migrationBuilder.CreateIndex(
                name: "ix_declaration_year_qpv_code",
                table: "declaration",
                columns: new[] { "year", "qpv_code" });

            migrationBuilder.Sql("""
                drop function note_write cascade;
                alter table declaration enable trigger record_insert, enable trigger record_update
                """);
        }
    }
}
