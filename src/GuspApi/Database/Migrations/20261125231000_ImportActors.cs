using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class ImportActors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "applied_by",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "apply_request_id",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "cancelled_by",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "request_id",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "comment",
                table: "change_set",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "import_id",
                table: "change_set",
                type: "uuid",
                nullable: true);

            migrationBuilder.SqlFile("10_current_change_set");
            migrationBuilder.SqlFile("15_key_has_ended");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "applied_by",
                table: "import");

            migrationBuilder.DropColumn(
                name: "apply_request_id",
                table: "import");

            migrationBuilder.DropColumn(
                name: "cancelled_by",
                table: "import");

            migrationBuilder.DropColumn(
                name: "request_id",
                table: "import");

            migrationBuilder.DropColumn(
                name: "comment",
                table: "change_set");

            migrationBuilder.DropColumn(
                name: "import_id",
                table: "change_set");
        }
    }
}
