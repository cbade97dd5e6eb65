using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace GuspApi.Model;

/// <summary>
/// The database: one set per table. Tables, columns and constraints carry the names of the types and properties in snake_case.
/// </summary>
internal sealed partial class GuspDb(DbContextOptions<GuspDb> options) : DbContext(options)
{
    public DbSet<Region> Regions => Set<Region>();
    public DbSet<Department> Departments => Set<Department>();
    public DbSet<Epci> Epcis => Set<Epci>();
    public DbSet<Commune> Communes => Set<Commune>();
    public DbSet<Theme> Themes => Set<Theme>();
    public DbSet<Axis> Axes => Set<Axis>();
    public DbSet<Landlord> Landlords => Set<Landlord>();
    public DbSet<Qpv> Qpvs => Set<Qpv>();
    public DbSet<QpvCommune> QpvCommunes => Set<QpvCommune>();
    public DbSet<QpvLineage> QpvLineages => Set<QpvLineage>();
    public DbSet<Holding> Holdings => Set<Holding>();
    public DbSet<Campaign> Campaigns => Set<Campaign>();
    public DbSet<Declaration> Declarations => Set<Declaration>();
    public DbSet<DeclarationVersion> DeclarationVersions => Set<DeclarationVersion>();
    public DbSet<ExpenseLine> ExpenseLines => Set<ExpenseLine>();
    public DbSet<Anomaly> Anomalies => Set<Anomaly>();
    public DbSet<Rule> Rules => Set<Rule>();
    public DbSet<CountedFigure> CountedFigures => Set<CountedFigure>();
    public DbSet<Project> Projects => Set<Project>();
    public DbSet<ChangeSet> ChangeSets => Set<ChangeSet>();
    public DbSet<Change> Changes => Set<Change>();
    public DbSet<Import> Imports => Set<Import>();
    public DbSet<ImportError> ImportErrors => Set<ImportError>();
    public DbSet<ImportChange> ImportChanges => Set<ImportChange>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>Lower case without accents: what <c>q=</c> compares. Translated to the SQL function of that name.</summary>
    public static string Fold(string text) => throw new NotSupportedException($"Fold is SQL's alone ({text}).");

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<decimal>().HavePrecision(14, 2);
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.ApplyConfigurationsFromAssembly(typeof(GuspDb).Assembly);
        model.HasDbFunction(() => Fold(default!)).HasName("fold");

        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.ClrType.Name));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.Name));
                var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
                if (type.IsEnum)
                    property.SetValueConverter((ValueConverter)Activator.CreateInstance(
                        typeof(CapitalsConverter<>).MakeGenericType(type))!);
            }
            foreach (var key in entity.GetKeys())
                key.SetName($"pk_{entity.GetTableName()}");
            foreach (var foreignKey in entity.GetForeignKeys())
                foreignKey.SetConstraintName(
                    $"fk_{entity.GetTableName()}_{string.Join('_', foreignKey.Properties.Select(p => p.GetColumnName()))}");
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName(index.IsUnique ? index.GetDatabaseName()
                    : $"ix_{entity.GetTableName()}_{string.Join('_', index.Properties.Select(p => p.GetColumnName()))}");
        }
    }

    internal static string Snake(string name) => WordStart().Replace(name, "_$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();

    /// <summary>Enums are stored as they are shown: CHANGES_REQUESTED.</summary>
    private sealed class CapitalsConverter<T>() : ValueConverter<T, string>(value => Capitals.Of(value), text => Capitals.Parse<T>(text))
        where T : struct, Enum;
}

/// <summary>The names of enum values as the API and the database spell them: CHANGES_REQUESTED.</summary>
public static class Capitals
{
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    public static T Parse<T>(string text) where T : struct, Enum => Enum.Parse<T>(text.Replace("_", ""), ignoreCase: true);

    public static bool TryParse<T>(string text, out T value) where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (Of(candidate) == text)
            {
                value = candidate;
                return true;
            }
        }
        value = default;
        return false;
    }
}
