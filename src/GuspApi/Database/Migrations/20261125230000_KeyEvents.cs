using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>What becomes of keys is told like every other write.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261125230000_KeyEvents")]
internal sealed class KeyEvents : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.SqlFile("14_record_key");
}
