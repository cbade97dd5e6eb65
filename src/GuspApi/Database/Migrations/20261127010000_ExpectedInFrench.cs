using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class ExpectedInFrench : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "expected",
                table: "import_error",
                newName: "expected_en");

            migrationBuilder.AddColumn<string>(
                name: "expected_fr",
                table: "import_error",
                type: "text",
                nullable: true);

            // What imports said in English alone stays so, for the 90 days that they are kept.
            migrationBuilder.Sql("update import_error set expected_fr = expected_en");

            // What a stored rule expects is numbers, codes and names of the API, which need no language.
            migrationBuilder.SqlFileOfRules("30_broken_rules");
            migrationBuilder.Sql("update anomaly set expected = replace(expected, 'a holding ', '/v1/holdings/') where code = 'HOLDING_MISSING'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "expected_fr",
                table: "import_error");

            migrationBuilder.RenameColumn(
                name: "expected_en",
                table: "import_error",
                newName: "expected");
        }
    }
}
