using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class Campaigns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "campaign",
                columns: table => new
                {
                    year = table.Column<short>(type: "smallint", nullable: false),
                    opens_on = table.Column<DateOnly>(type: "date", nullable: false),
                    due_on = table.Column<DateOnly>(type: "date", nullable: false),
                    closes_on = table.Column<DateOnly>(type: "date", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_campaign", x => x.year);
                    table.CheckConstraint("ck_campaign_days", "opens_on <= due_on and due_on <= closes_on");
                    table.CheckConstraint("ck_campaign_version", "version > 0");
                    table.CheckConstraint("ck_campaign_year", "year between 2015 and 2100");
                });

            migrationBuilder.SqlFile("15_record_campaign");
            migrationBuilder.SqlFile("21_campaign");
            migrationBuilder.SqlFile("22_expected_declaration");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "campaign");
        }
    }
}
