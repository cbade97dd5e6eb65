using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class LeaseDuringImports : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.SqlFile("10_current_change_set");
            migrationBuilder.SqlFile("11_number_change_set");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
