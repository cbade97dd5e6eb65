using System.Text.Json.Serialization;
using GuspApi.Auth;
using GuspApi.Http;

namespace GuspApi.Features.Imports;

/// <summary>Each dataset as a Frictionless Table Schema, as schema.data.gouv.fr and the validators of French open data read it.</summary>
internal static class ImportSchema
{
    private const string Version = "1.0.0";
    private const string Created = "2026-11-25";
    private const string LastModified = "2026-11-25";

    private static readonly Dictionary<string, (string Title, string Description, string[] Key)> Datasets = new()
    {
        ["declarations"] = ("Dépenses déclarées en contrepartie de l'abattement de TFPB",
            "Une ligne par action d'un bailleur social dans un quartier prioritaire, une année.",
            ["landlord_siren", "year", "qpv_code", "ref"]),
        ["holdings"] = ("Patrimoine des bailleurs en QPV",
            "Logements et abattement de TFPB d'un bailleur social dans un quartier prioritaire, une année.",
            ["landlord_siren", "year", "qpv_code"]),
        ["landlords"] = ("Bailleurs sociaux", "Organismes Hlm et sociétés d'économie mixte, par SIREN.", ["siren"]),
        ["qpvs"] = ("Quartiers prioritaires de la politique de la ville",
            "Liste des quartiers dans la présentation de l'ANCT.", ["code_qp"]),
        ["communes"] = ("Communes", "Communes avec leur département, leur région et leur intercommunalité.", ["code"]),
    };

    public static void MapSchema(this RouteGroupBuilder api) =>
        api.MapGroup("/imports").WithTags("Imports").RequireAuthorization(Policies.Open)
        .MapGet("/schema", Get).WithName("GetImportSchema").WithMetadata(new RequiredParameter("dataset"))
        .Produces<TableSchema>().ProducesProblem(400);

    /// <summary>The columns of a dataset as a Table Schema (Frictionless), for the validators of open data.</summary>
    private static IResult Get(One<string, DatasetForm>? dataset) => dataset is null
        ? Problems.InvalidParameters([ApiError.OfParameter("MISSING_PARAMETER",
            new("Say which dataset is described.", "Dites quel jeu de données est décrit."), "dataset", null, DatasetForm.Expected)])
        : TypedResults.Ok(Of(ImportDataset.Of(dataset.Value)));

    internal static TableSchema Of(ImportDataset dataset)
    {
        var (title, description, key) = Datasets[dataset.Name];
        return new("https://specs.frictionlessdata.io/schemas/table-schema.json", "gusp-" + dataset.Name, title, description,
            Version, Created, LastModified,
            [.. dataset.Columns.Select(column => Field(column, ColumnText.Of(dataset, column)))], key, [""]);
    }

    private static TableField Field(ImportColumn column, ColumnText text) =>
        new(column.Name, text.Title, text.Description, text.Type, "default", text.Example,
        new(column.Required, text.Pattern, text.Words, text.Minimum, text.Maximum, text.MaxLength));
}

/// <summary>A Table Schema: https://specs.frictionlessdata.io/table-schema/.</summary>
/// <param name="Schema">The specification it follows.</param>
/// <param name="Name">Name of the schema.</param>
/// <param name="Title">Title, in French.</param>
/// <param name="Description">What a row is, in French.</param>
/// <param name="Version">Version of the schema.</param>
/// <param name="Created">Day of its first version.</param>
/// <param name="LastModified">Day of this version.</param>
/// <param name="Fields">The columns, in their order.</param>
/// <param name="PrimaryKey">The columns that name a row.</param>
/// <param name="MissingValues">What stands for no value.</param>
public sealed record TableSchema(
    [property: JsonPropertyName("$schema")] string Schema, string Name, string Title, string Description, string Version,
    string Created, string LastModified,
    IReadOnlyList<TableField> Fields, IReadOnlyList<string> PrimaryKey, IReadOnlyList<string> MissingValues);

/// <summary>A column.</summary>
/// <param name="Name">Its name in the header; imports know others too.</param>
/// <param name="Title">Title, in French.</param>
/// <param name="Description">What it holds, in French.</param>
/// <param name="Type">string, integer or number.</param>
/// <param name="Format">default.</param>
/// <param name="Example">A value.</param>
/// <param name="Constraints">What a value must be.</param>
public sealed record TableField(
    string Name, string Title, string Description, string Type, string Format, string Example, TableConstraints Constraints);

/// <summary>What a value must be; what does not apply is absent.</summary>
/// <param name="Required">Whether each row has it.</param>
/// <param name="Pattern">Regular expression of the whole value.</param>
/// <param name="Enum">The words that are taken.</param>
/// <param name="Minimum">Least value.</param>
/// <param name="Maximum">Greatest value.</param>
/// <param name="MaxLength">Most characters.</param>
public sealed record TableConstraints(
    bool Required,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Pattern,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Enum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? Minimum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? Maximum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MaxLength);
