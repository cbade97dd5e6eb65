using System;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class ImportPlans : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_import_state",
                table: "import");

            migrationBuilder.AddColumn<int>(
                name: "record",
                table: "import_error",
                type: "integer",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "idempotency_key",
                table: "import",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<int>(
                name: "attempts",
                table: "import",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "bytes",
                table: "import",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string[]>(
                name: "landlords",
                table: "import",
                type: "text[]",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "lease_owner",
                table: "import",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "lease_until",
                table: "import",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "percent",
                table: "import",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "plan",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "retry_at",
                table: "import",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "sheet",
                table: "import",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "import_change",
                columns: table => new
                {
                    import_id = table.Column<Guid>(type: "uuid", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    object_key = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: true),
                    before = table.Column<JsonDocument>(type: "jsonb", nullable: true),
                    after = table.Column<JsonDocument>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import_change", x => new { x.import_id, x.no });
                    table.ForeignKey(
                        name: "fk_import_change_import_id",
                        column: x => x.import_id,
                        principalTable: "import",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "import_reject",
                columns: table => new
                {
                    import_id = table.Column<Guid>(type: "uuid", nullable: false),
                    record = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import_reject", x => new { x.import_id, x.record });
                    table.ForeignKey(
                        name: "fk_import_reject_import_id",
                        column: x => x.import_id,
                        principalTable: "import",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_import_state",
                table: "import",
                sql: "state in ('RECEIVED','VALIDATING','VALIDATED','APPLYING','DONE','DONE_WITH_REJECTS','FAILED','STALE','CANCELLED')");

            // Bodies are read once or twice and deleted: compressing them costs more than the room it saves.
            migrationBuilder.Sql("alter table import_chunk alter column bytes set storage external");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "import_change");

            migrationBuilder.DropTable(
                name: "import_reject");

            migrationBuilder.DropCheckConstraint(
                name: "ck_import_state",
                table: "import");

            migrationBuilder.DropColumn(
                name: "record",
                table: "import_error");

            migrationBuilder.DropColumn(
                name: "attempts",
                table: "import");

            migrationBuilder.DropColumn(
                name: "bytes",
                table: "import");

            migrationBuilder.DropColumn(
                name: "landlords",
                table: "import");

            migrationBuilder.DropColumn(
                name: "lease_owner",
                table: "import");

            migrationBuilder.DropColumn(
                name: "lease_until",
                table: "import");

            migrationBuilder.DropColumn(
                name: "percent",
                table: "import");

            migrationBuilder.DropColumn(
                name: "plan",
                table: "import");

            migrationBuilder.DropColumn(
                name: "retry_at",
                table: "import");

            migrationBuilder.DropColumn(
                name: "sheet",
                table: "import");

            migrationBuilder.AlterColumn<string>(
                name: "idempotency_key",
                table: "import",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_import_state",
                table: "import",
                sql: "state in ('RECEIVING','RECEIVED','VALIDATING','VALIDATED','APPLYING','DONE','DONE_WITH_REJECTS','FAILED','STALE','CANCELLED')");
        }
    }
}
