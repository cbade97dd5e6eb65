using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class Anomalies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_declaration_action",
                table: "declaration");

            migrationBuilder.CreateTable(
                name: "anomaly",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    declaration_id = table.Column<long>(type: "bigint", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    @ref = table.Column<string>(name: "ref", type: "text", nullable: true),
                    field = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<string>(type: "text", nullable: true),
                    expected = table.Column<string>(type: "text", nullable: true),
                    since_change_set_id = table.Column<long>(type: "bigint", nullable: false),
                    until_change_set_id = table.Column<long>(type: "bigint", nullable: true),
                    justification = table.Column<string>(type: "text", nullable: true),
                    justified_change_set_id = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_anomaly", x => x.id);
                    table.CheckConstraint("ck_anomaly_justification", "(justification is null) = (justified_change_set_id is null)");
                });

            migrationBuilder.CreateTable(
                name: "rule",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    minimum = table.Column<decimal>(type: "numeric", nullable: true),
                    maximum = table.Column<decimal>(type: "numeric", nullable: false),
                    unit = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rule", x => x.code);
                    table.CheckConstraint("ck_rule_thresholds", "minimum >= 0 and minimum <= maximum or minimum is null and maximum >= 0");
                    table.CheckConstraint("ck_rule_version", "version > 0");
                });

            migrationBuilder.InsertData(
                table: "rule",
                columns: new[] { "code", "maximum", "minimum", "unit", "version" },
                values: new object[,]
                {
                    { "DWELLINGS_CHANGE", 0.1m, null, "share of last year's", 1 },
                    { "EXPENSE_PER_DWELLING", 600m, 50m, "EUR per dwelling per year", 1 },
                    { "EXPENSE_PER_DWELLING_CHANGE", 0.5m, null, "share of last year's", 1 },
                    { "FUNDING_MISMATCH", 0.01m, null, "EUR", 1 },
                    { "VALUED_VERSUS_ABATEMENT", 0.05m, null, "share of the abatement", 1 }
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_declaration_action",
                table: "declaration",
                sql: "action in ('SAVED','SUBMITTED','VALIDATED','CHANGES_REQUESTED','REOPENED','DELETED','JUSTIFIED')");

            migrationBuilder.CreateIndex(
                name: "ix_anomaly_code_declaration_id",
                table: "anomaly",
                columns: new[] { "code", "declaration_id" },
                filter: "until_change_set_id is null");

            migrationBuilder.CreateIndex(
                name: "ix_anomaly_declaration_id",
                table: "anomaly",
                column: "declaration_id");

            migrationBuilder.SqlFile("12_record_change");
            migrationBuilder.SqlFileOfRules("30_broken_rules");
            migrationBuilder.SqlFile("31_record_anomalies");
            migrationBuilder.SqlFile("32_anomaly_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "anomaly");

            migrationBuilder.DropTable(
                name: "rule");

            migrationBuilder.DropCheckConstraint(
                name: "ck_declaration_action",
                table: "declaration");

            migrationBuilder.AddCheckConstraint(
                name: "ck_declaration_action",
                table: "declaration",
                sql: "action in ('SAVED','SUBMITTED','VALIDATED','CHANGES_REQUESTED','REOPENED','DELETED')");
        }
    }
}
