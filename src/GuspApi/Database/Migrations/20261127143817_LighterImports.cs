using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class LighterImports : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.SqlFileOfRules("30_broken_rules");
            migrationBuilder.SqlFile("31_record_anomalies");

            // Files of rows are mostly repetition: LZ4 costs a fraction of the writing, the log and the room that it saves; pglz costs more.
            migrationBuilder.Sql("""
                do $$
                begin
                  alter table import_chunk alter column bytes set compression lz4, alter column bytes set storage extended;
                exception when feature_not_supported then
                  null; -- PostgreSQL was built without it: bodies stay as they come.
                end
                $$
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            alter table import_chunk alter column bytes set storage external, alter column bytes set compression default
            """);
    }
}
