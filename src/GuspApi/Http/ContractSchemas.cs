using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace GuspApi.Http;

/// <summary>Enums as the API spells them, the examples of bodies, and what bodies require.</summary>
internal sealed class ContractSchemas : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema written)
            return;
        if (context.Type.GetCustomAttribute<ExampleAttribute>() is { } example && written.Properties is not null)
        {
#pragma warning disable CS0618 // OpenAPI 3.0 has `example` alone, and it is what Swagger UI fills in.
            written.Example = JsonNode.Parse(example.Json);
#pragma warning restore CS0618
            // What was read may be sent back whole: a body may have members that only answers have.
            written.AdditionalPropertiesAllowed = true;
            Require(written, context.Type, JsonNode.Parse(example.Json)!.AsObject());
        }
        if (!context.Type.IsEnum || written.AllOf is { Count: > 0 })
            return;
        written.Type = JsonSchemaType.String;
        written.Format = null;
        written.Enum = [.. Enum.GetNames(context.Type).Select(name => (JsonNode)JsonNamingPolicy.SnakeCaseUpper.ConvertName(name))];
    }

    /// <summary>
    /// A member of a body is required, and never null, when its validator refuses the example without it; and only then. One with a default
    /// can be left out: whether the example needs it depends on the others.
    /// </summary>
    private static void Require(OpenApiSchema schema, Type type, JsonObject example)
    {
        if (!RequestFilter.Validates(type))
            return;
        schema.Required?.Clear();
        var optional = type.GetConstructors().SelectMany(made => made.GetParameters()).Where(member => member.HasDefaultValue)
            .Select(member => RequestFilter.Camel(member.Name!)).ToHashSet();
        foreach (var (name, property) in schema.Properties!.Where(member => !optional.Contains(member.Key)))
        {
            var without = example.DeepClone().AsObject();
            without.Remove(name);
            if (!RequestFilter.Refuses(type, without.Deserialize(type, ApiJson.Options)!, name))
                continue;
            (schema.Required ??= new HashSet<string>()).Add(name);
            if (property is OpenApiSchema member)
                member.Type &= ~JsonSchemaType.Null;
        }
    }
}
