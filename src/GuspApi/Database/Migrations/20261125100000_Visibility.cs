using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>What a caller sees of declarations.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261125100000_Visibility")]
internal sealed class Visibility : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.SqlFile("16_declaration_at");
        migrationBuilder.SqlFile("20_seen_declaration");
    }
}
