using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>Everything as it stood at a revision.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261126000000_History")]
internal sealed class History : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("drop view if exists published_declaration");
        migrationBuilder.SqlFile("11_number_change_set");
        migrationBuilder.SqlFile("16_declaration_at");
        migrationBuilder.SqlFile("17_holding_at");
        migrationBuilder.SqlFile("20_seen_declaration");
    }
}
