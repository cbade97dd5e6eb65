using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>Revision, versions and change feed, and the reference data.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261123200000_Triggers")]
internal sealed class Triggers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.SqlFile("11_number_change_set");
        migrationBuilder.SqlFile("12_record_change");
        migrationBuilder.SqlFile("13_record_declaration");
        migrationBuilder.Sql(ReferenceData.Sql());
    }
}
