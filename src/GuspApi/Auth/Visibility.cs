using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Auth;

/// <summary>
/// How queries ask for what a caller sees. The rules themselves stand in <c>Database/Sql/20_seen_declaration.sql</c> and
/// <c>21_seen_change.sql</c>: name one of these relations and add the caller's parameters with <see cref="VisibleTo"/>.
/// </summary>
internal static class Visibility
{
    /// <summary>The declarations that the caller sees, each at the version it sees.</summary>
    public const string Declarations = $"seen_declaration({Parameters})";

    /// <summary>Every version of them that the caller sees.</summary>
    public const string DeclarationVersions = $"seen_declaration_version({Parameters})";

    /// <summary>The expected declarations that are not submitted, of the caller's own perimeter.</summary>
    public const string MissingDeclarations = $"missing_declaration({Parameters})";

    /// <summary>The events of the change feed that the caller is told of.</summary>
    public const string Changes = $"seen_change({Parameters})";

    /// <summary>What counts for a caller who asks for what is submitted.</summary>
    public const string Figures = $"seen_figure({Parameters})";

    private const string Parameters = "@seesEverything, @seesLandlords, @seesDepartments";

    /// <summary>The same as they stood at the revision that the SQL <paramref name="asOf"/> gives, or as they stand.</summary>
    public static string DeclarationsAt(string? asOf) => asOf is null ? Declarations : $"seen_declaration_at({Parameters}, {asOf})";

    /// <summary>What is published, for everybody: the last validated version.</summary>
    public static string PublishedDeclarationsAt(string? asOf) =>
        asOf is null ? "published_declaration()" : $"published_declaration_at({asOf})";

    public static void VisibleTo(this NpgsqlParameterCollection parameters, Caller caller)
    {
        parameters.Add(new("seesEverything", NpgsqlDbType.Boolean) { Value = caller.IsAdmin });
        parameters.Add(new("seesLandlords", NpgsqlDbType.Array | NpgsqlDbType.Text)
        {
            Value = caller.Declare ? caller.Landlords.ToArray() : [],
        });
        parameters.Add(new("seesDepartments", NpgsqlDbType.Array | NpgsqlDbType.Text)
        {
            Value = caller.Review ? caller.Departments.ToArray() : [],
        });
    }
}
