using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>What the tables' own constraints and defaults call.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261123000000_Functions")]
internal sealed class Functions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.SqlFile("01_fold");
        migrationBuilder.SqlFile("02_is_siren");
        migrationBuilder.SqlFile("10_current_change_set");
    }
}
