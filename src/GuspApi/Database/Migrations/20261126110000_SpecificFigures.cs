using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class SpecificFigures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "expense_specific",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific1",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific2",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific3",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific4",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific5",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific6",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific7",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expense_specific8",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific1",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific2",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific3",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific4",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific5",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific6",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific7",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "valued_specific8",
                table: "counted_figure",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.SqlFile("14_record_key");
            migrationBuilder.SqlFile("20_seen_declaration");
            migrationBuilder.SqlFile("31_record_anomalies");
            migrationBuilder.SqlFile("40_counted_figure");
            migrationBuilder.SqlFile("41_seen_figure");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "expense_specific",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific1",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific2",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific3",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific4",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific5",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific6",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific7",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "expense_specific8",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific1",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific2",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific3",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific4",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific5",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific6",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific7",
                table: "counted_figure");

            migrationBuilder.DropColumn(
                name: "valued_specific8",
                table: "counted_figure");
        }
    }
}
