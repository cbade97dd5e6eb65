using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database.Migrations;

/// <summary>Succession of landlords and lineage of QPVs, and versions of QPVs that keep communes and predecessors.</summary>
[DbContext(typeof(GuspDb))]
[Migration("20261126040000_Lineage")]
internal sealed class Lineage : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.SqlFile("12_record_change");
        migrationBuilder.SqlFile("15_record_lineage");
        migrationBuilder.SqlFile("21_landlord_succession");
        migrationBuilder.SqlFile("22_qpv_in_lineage");
    }
}
