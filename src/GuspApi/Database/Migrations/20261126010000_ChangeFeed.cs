using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class ChangeFeed : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_change_change_set_id",
                table: "change");

            migrationBuilder.AddColumn<long>(
                name: "id",
                table: "change",
                type: "bigint",
                nullable: false,
                defaultValue: 0L)
                .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn);

            migrationBuilder.CreateIndex(
                name: "ix_change_change_set_id_id",
                table: "change",
                columns: new[] { "change_set_id", "id" });

            // The events told so far get the names that the trigger gives from now on.
            migrationBuilder.Sql("""
                update change c set event = case when v.status = 'CHANGES_REQUESTED' then 'declaration.corrected' else 'declaration.withdrawn' end
                from declaration d
                join declaration_version v on v.declaration_id = d.id
                left join declaration_version before on before.declaration_id = d.id and before.version = v.version - 1
                where c.object_type = 'declaration' and c.event = 'declaration.saved'
                  and c.object_key = d.landlord_siren || '/' || d.year || '/' || d.qpv_code and c.version = v.version
                  and (v.status = 'CHANGES_REQUESTED' or v.status = 'DRAFT' and before.status = 'SUBMITTED')
                """);
            migrationBuilder.SqlFile("13_record_declaration");
            migrationBuilder.SqlFile("21_seen_change");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_change_change_set_id_id",
                table: "change");

            migrationBuilder.DropColumn(
                name: "id",
                table: "change");

            migrationBuilder.CreateIndex(
                name: "ix_change_change_set_id",
                table: "change",
                column: "change_set_id");
        }
    }
}
