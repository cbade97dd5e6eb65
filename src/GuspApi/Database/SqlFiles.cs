using GuspApi.Model;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GuspApi.Database;

/// <summary>The functions and triggers of the database: one object a file, embedded, applied by a migration.</summary>
internal static class SqlFiles
{
    public static void SqlFile(this MigrationBuilder migration, string name) => migration.Sql(Read($"Database/Sql/{name}.sql"));

    /// <summary>The rules of the trade, which the code applies before a write, applied by the database to what was written.</summary>
    public static void SqlFileOfRules(this MigrationBuilder migration, string name) =>
        migration.Sql(Read($"Database/Sql/{name}.sql").Replace("{{Anomalies}}", DeclarationSql.Anomalies));

    internal static string Read(string resource)
    {
        using var stream = typeof(SqlFiles).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"No embedded file {resource}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
