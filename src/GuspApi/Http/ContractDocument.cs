using System.Globalization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace GuspApi.Http;

/// <summary>Finishes the document: what its tags are, the bounds of all that it describes, and the examples.</summary>
internal sealed class ContractDocument : IDocumentFilter
{
    private const int LongestText = 100_000;
    private const int MostItems = 100_000;

    /// <summary>JSON numbers are exact up to here in every language.</summary>
    private const long MostNumber = 9_007_199_254_740_991;

    /// <summary>Text without NUL, which no answer holds and no request may hold.</summary>
    private const string AnyText = "^[^\\u0000]*$";

    private const string Bytes = "application/octet-stream";

    private const string Echo = @"^[\s\S]*$";
    private const string Path = "^/v1";
    private const string Capitals = "^[A-Z][A-Z0-9_]*$";
    private const string Siren = Model.Siren.Pattern;
    private const string Qpv = Model.QpvCode.Pattern;

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["Landing"] = "What this API is and where its resources are.",
        ["Territories"] = "Regions, départements, EPCI and communes, with their source.",
        ["Nomenclature"] = "The eight axes of the national framework and the themes they are grouped in.",
        ["Landlords"] = "Social landlords: who they are, were and became.",
        ["QPVs"] = "Priority neighbourhoods, of the 2015 and the 2024 list.",
        ["Holdings"] = "What a landlord has in a QPV in a year: dwellings and abatement.",
        ["Declarations"] = "What a landlord spent in a QPV in a year, line by line, from draft to validated, every version kept.",
        ["Campaigns"] = "When the declarations of a year are made.",
        ["Completeness"] = "What is expected, received, late and missing.",
        ["Rules"] = "The rules of the trade, and from where on they speak.",
        ["Imports"] = "Files of declarations, holdings, landlords, QPVs and communes: tried, applied, mended.",
        ["Indicators"] = "Figures by any dimension, what they mean and what lies behind them.",
        ["Reports"] = "The leaflet of a territory or a landlord.",
        ["Projects"] = "Action sheets of projects.",
        ["Changes"] = "Every write in order, to keep a copy in step.",
        ["Keys"] = "Who may do what.",
        ["Audit"] = "Who wrote what and when.",
        ["Problems"] = "Every code of a refusal: its cause and its cure.",
        ["Changelog"] = "What changed in the contract, release by release.",
    };

    /// <summary>
    /// The form of texts by the name of their member: one word stands for one thing everywhere. Answers and requests whose names are not
    /// here are any text.
    /// </summary>
    private static readonly Dictionary<string, (string? Pattern, int Longest)> Texts = new()
    {
        ["siren"] = (Siren, 9),
        ["successorSiren"] = (Siren, 9),
        ["landlords[]"] = (Siren, 9),
        ["predecessors[]"] = (Qpv, 8),
        ["successors[]"] = (Qpv, 8),
        ["qpvCode"] = (Qpv, 8),
        ["departments[]"] = (DepartmentForm.Pattern, 3),
        ["department"] = (DepartmentForm.Pattern, 3),
        ["region"] = (RegionForm.Pattern, 3),
        ["href"] = (Path, 1000),
        ["self"] = (Path, 9000),
        ["next"] = (Path, 9000),
        ["sources"] = (Path, 9000),
        ["instance"] = (Echo, 200_000),
        // What was sent comes back as it came.
        ["value"] = (Echo, LongestText),
        ["message"] = (Echo, LongestText),
        ["detail"] = (Echo, LongestText),
        ["parameter"] = (Echo, LongestText),
        ["pointer"] = (Echo, LongestText),
        ["type"] = (null, 200),
        ["ref"] = (null, 100),
        ["action"] = (null, 500),
        ["quantitativeReview"] = (null, 5000),
        ["qualitativeReview"] = (null, 5000),
        ["comment"] = (null, 5000),
        ["cursor"] = ("^[A-Za-z0-9_-]+$", 1000),
        ["requestId"] = ("^[A-Za-z0-9._:-]{1,100}$", 100),
        ["scopes[]"] = ("^(read|declare|review|admin)$", 10),
        ["theme"] = (Capitals, 40),
    };

    private static readonly Dictionary<string, (long Least, long Most)> Numbers = new()
    {
        ["year"] = (2015, 2100),
        ["from"] = (1, 2100),
        ["to"] = (1, 2100),
        ["generation"] = (2015, 2024),
        ["axis"] = (1, 8),
        ["activeFrom"] = (1800, 2100),
        ["activeTo"] = (1800, 2100),
        ["limit"] = (0, 1_000_000),
        ["status"] = (400, 599),
        ["percent"] = (0, 100),
        ["overlapHours"] = (0, 720),
        ["version"] = (1, int.MaxValue),
    };

    private static readonly Dictionary<string, (string Least, string Most)> Amounts = new()
    {
        ["PutHolding.abatement"] = ("0", "1000000000"),
        ["LineResponse.planned"] = ("0", "1000000000"),
        ["LineResponse.actual"] = ("0", "1000000000"),
        ["LineResponse.valued"] = ("0", "1000000000"),
        ["LineResponse.landlordFunding"] = ("0", "1000000000"),
        ["LineResponse.otherFunding"] = ("0", "1000000000"),
        ["PutRule.minimum"] = ("0", "1000000"),
        ["PutRule.maximum"] = ("0", "1000000"),
    };

    public void Apply(OpenApiDocument document, DocumentFilterContext context)
    {
        var operations = document.Paths.Values.SelectMany(path => path.Operations!.Values).ToList();
        var used = operations.SelectMany(operation => operation.Tags!).Select(tag => tag.Name!).ToHashSet();
        document.Tags = Tags.Where(tag => used.Contains(tag.Key))
            .Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }).ToHashSet();
        foreach (var name in document.Components!.Schemas!.Keys.Where(IsUnused).ToList())
            document.Components.Schemas.Remove(name);
        foreach (var (name, schema) in document.Components.Schemas)
            Bound(schema, name, name);
        var members = document.Components.Schemas.Values.SelectMany(schema => schema.Properties?.Values.AsEnumerable() ?? []);
        foreach (var member in members.OfType<OpenApiSchema>())
            SayType(member, document.Components.Schemas);
        foreach (var operation in operations)
        {
            var answers = operation.Responses!.Values.OfType<OpenApiResponse>();
            foreach (var media in answers.SelectMany(answer => answer.Content?.AsEnumerable() ?? []))
                DescribeFile(media.Key, media.Value);
            foreach (var parameter in operation.Parameters ?? [])
                Bound(parameter.Schema, parameter.Name!, parameter.Name!);
        }
        ContractExamples.AddTo(document);
    }

    /// <summary>OpenAPI 3.0 has nullable beside a type alone: that of what is referred to.</summary>
    private static void SayType(OpenApiSchema member, IDictionary<string, IOpenApiSchema> schemas)
    {
        if (member is { Type: JsonSchemaType.Null, AllOf: [OpenApiSchemaReference reference] })
            member.Type |= schemas[reference.Reference.Id!].Type;
    }

    /// <summary>A file is described as what it is: objects, text, or bytes.</summary>
    public static OpenApiSchema File(string type)
    {
        var (isObject, isBytes) = (type is "application/json" or "application/geo+json",
            type.EndsWith("sheet", StringComparison.Ordinal) || type == Bytes);
        if (isObject)
        {
            var row = new OpenApiSchema { Type = JsonSchemaType.Object, MaxProperties = 1000 };
            return type != "application/json" ? row : new()
            {
                OneOf = [new OpenApiSchema { Type = JsonSchemaType.Array, Items = row, MaxItems = int.MaxValue }, row],
            };
        }
        return new()
        {
            Type = JsonSchemaType.String,
            Format = isBytes ? "binary" : null,
            Pattern = isBytes ? null : AnyText,
            MaxLength = int.MaxValue,
        };
    }

    private static void DescribeFile(string type, OpenApiMediaType media)
    {
        if (!type.EndsWith("json", StringComparison.Ordinal) || media.Schema is OpenApiSchema { Type: JsonSchemaType.String })
            media.Schema = File(type);
    }

    /// <summary>What the generator met and nothing refers to: types of parameters, and problems as the framework knows them.</summary>
    private static bool IsUnused(string schema) => schema is "AsOf" or "ProblemDetails" or "Text"
        || schema.StartsWith("OneOf", StringComparison.Ordinal) || schema.StartsWith("ManyOf", StringComparison.Ordinal);

    private static void Bound(IOpenApiSchema? schema, string name, string owner)
    {
        if (schema is not OpenApiSchema written)
            return;
        foreach (var (member, property) in written.Properties ?? new Dictionary<string, IOpenApiSchema>())
            Bound(property, member, $"{owner}.{member}");
        foreach (var part in (written.AllOf ?? []).Concat(written.OneOf ?? []))
            Bound(part, name, owner);
        Bound(written.AdditionalProperties, name, owner);
        Bound(written.Items, name + "[]", owner + "[]");
        var kind = (written.Type ?? 0) & ~JsonSchemaType.Null;
        if (kind == JsonSchemaType.Array)
            written.MaxItems ??= owner == "StepsResponse.data" ? 10_000 : name == "data" ? LimitForm.Most : MostItems;
        else if (kind == JsonSchemaType.Object && (written.AdditionalProperties is not null || written.AdditionalPropertiesAllowed))
            written.MaxProperties ??= 1000;
        else if (kind == JsonSchemaType.String && written.Enum is null)
            BoundText(written, name);
        else if (kind == JsonSchemaType.Integer)
            BoundNumber(written, name);
        else if (kind == JsonSchemaType.Number && Amounts.TryGetValue(owner, out var bounds))
            (written.Minimum, written.Maximum) = bounds;
    }

    private static void BoundText(OpenApiSchema text, string name)
    {
        if (Texts.TryGetValue(name, out var form))
            (text.Pattern, text.MaxLength) = (text.Pattern ?? form.Pattern, text.MaxLength ?? form.Longest);
        text.MaxLength ??= text.Format switch { "date" => 10, "date-time" => 40, "uuid" => 36, _ => LongestText };
        if (text.Format is null)
            text.Pattern ??= AnyText;
    }

    private static void BoundNumber(OpenApiSchema number, string name)
    {
        var known = Numbers.TryGetValue(name, out var bounds) ? bounds : (0, number.Format == "int64" ? MostNumber : int.MaxValue);
        number.Format ??= "int64";
        number.Minimum ??= known.Item1.ToString(CultureInfo.InvariantCulture);
        number.Maximum ??= known.Item2.ToString(CultureInfo.InvariantCulture);
    }
}
