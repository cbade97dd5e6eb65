using System.Reflection;
using GuspApi.Auth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace GuspApi.Http;

/// <summary>The OpenAPI documents and Swagger UI.</summary>
internal static class Contract
{
    private const string Description = """
        French social landlords pay 30 % less property tax on their dwellings in priority neighbourhoods, spend in return on the
        management of these neighbourhoods, and declare it each year. This API takes the declarations and gives the indicators.

        | French | English here |
        |---|---|
        | bailleur social | landlord |
        | quartier prioritaire de la ville (QPV) | qpv, priority neighbourhood |
        | abattement de TFPB | abatement (EUR of property tax saved) |
        | gestion urbaine et sociale de proximité (GUSP) | neighbourhood management |
        | patrimoine en QPV | holding |
        | déclaration, ligne de dépense | declaration, line |
        | axe, thème | axis, theme |
        | prévu, réalisé, valorisé | planned, actual, valued |
        | renforcement, spécifique | REINFORCEMENT, SPECIFIC |

        Amounts are EUR with two decimals, shares are 0.83 and not 83. Every answer tells in `Gusp-Revision` the last write it
        reflects. Errors are `application/problem+json`, in French with `Accept-Language: fr`. Open data needs no key.
        """;

    public static void AddContract(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "GuspApi",
                Version = typeof(Contract).Assembly.GetName().Version!.ToString(3),
                Description = Description,
                License = new OpenApiLicense { Name = "EUPL-1.2", Url = new Uri("https://eupl.eu/1.2/en/") },
            });
            swagger.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "GuspApi.xml"));
            swagger.SupportNonNullableReferenceTypes();
            // OpenAPI 3.0 lets nothing stand beside a $ref: without this an object that may be null would not say so.
            swagger.UseAllOfToExtendReferenceSchemas();
            swagger.NonNullableReferenceTypesAsRequired();
            swagger.CustomSchemaIds(SchemaId);
            swagger.AddSecurityDefinition("key", new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of the API, as `Authorization: Bearer <key>`.",
            });
            swagger.OperationFilter<ContractOperations>();
            swagger.SchemaFilter<ContractSchemas>();
        });
    }

    /// <summary><c>/openapi/v1.json</c> is OpenAPI 3.0, <c>/openapi/v1-3.1.json</c> 3.1; Swagger UI stands in every environment.</summary>
    public static void UseContract(this WebApplication app)
    {
        app.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = "openapi/{documentName}-3.1.json";
            swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            swagger.PreSerializeFilters.Add((document, _) => SayNullAsJsonSchemaDoes(document));
        });
        app.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = "openapi/{documentName}.json";
            swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        });
        app.UseSwaggerUI(ui =>
        {
            ui.DocumentTitle = "GuspApi";
            ui.SwaggerEndpoint("/openapi/v1.json", "GuspApi v1");
            ui.DisplayRequestDuration();
            ui.EnableTryItOutByDefault();
            ui.EnablePersistAuthorization();
            ui.DefaultModelsExpandDepth(0);
            ui.HeadContent = $"<style>{HtmlPage.Css("Http/swagger.css").Text}</style>";
            Prefill(ui, app);
        });
    }

    /// <summary>OpenAPI 3.0 says "nullable" beside the reference; JSON Schema, which 3.1 is, says "null or that".</summary>
    private static void SayNullAsJsonSchemaDoes(OpenApiDocument document)
    {
        var members = document.Components!.Schemas!.Values.Where(schema => schema.Properties is not null).SelectMany(schema => schema.Properties!.Values);
        foreach (var member in members.OfType<OpenApiSchema>().Where(member => member is { Type: JsonSchemaType.Null, AllOf.Count: > 0 }))
        {
            member.OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, .. member.AllOf!];
            (member.AllOf, member.Type) = (null, null);
        }
    }

    /// <summary>On the private server in Development the key is filled in, so that "Try it out" works at once.</summary>
    private static void Prefill(SwaggerUIOptions ui, WebApplication app)
    {
        var keys = app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<KeyOptions>>().Get(KeyAuthentication.Name);
        if (!app.Environment.IsDevelopment() || keys.DevelopmentKey is not { } key)
            return;
        ui.HeadContent += $$"""
            <script>
            const wait = setInterval(() => {
              if (!window.ui?.preauthorizeApiKey) return;
              clearInterval(wait);
              setTimeout(() => window.ui.preauthorizeApiKey('key', '{{key}}'), 500);
            }, 100);
            </script>
            """;
    }

    private static string SchemaId(Type type) => type.IsGenericType
        ? type.Name[..type.Name.IndexOf('`')] + "Of" + string.Concat(type.GetGenericArguments().Select(SchemaId))
        : type.Name;
}

/// <summary>Says of each operation what the routes and filters make true of all: forms of parameters, pages, conditions, problems, keys.</summary>
internal sealed class ContractOperations : IOperationFilter
{
    private const string FreeYear = "2023";

    private static readonly Dictionary<int, string> Problems = new()
    {
        [400] = "A parameter, header or body is out of form; every fault is listed.",
        [401] = "A key is needed, or the one sent is not valid.",
        [403] = "The key does not allow this.",
        [404] = "There is no such object that the caller may see.",
        [406] = "None of the formats that Accept takes can be had.",
        [408] = "The body came too slowly.",
        [409] = "The object's state does not allow it.",
        [412] = "The object changed since it was read.",
        [413] = "The body is too large.",
        [415] = "The Content-Type is not taken.",
        [422] = "Rules of the trade are broken; every one is listed.",
        [428] = "If-Match or If-None-Match is required.",
        [414] = "Path and query are too long.",
        [429] = "Too many requests; Retry-After says when to try again, RateLimit what is left.",
        [431] = "The headers are too large.",
        [503] = "Not available for the moment; Retry-After says when to try again.",
    };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var method = context.ApiDescription.HttpMethod;
        operation.OperationId ??= metadata.OfType<IEndpointNameMetadata>().FirstOrDefault()?.EndpointName;
        operation.Parameters ??= [];
        DescribeForms(operation, context);
        if (context.MethodInfo.GetParameters().Any(parameter => parameter.ParameterType == typeof(Page)))
            DescribePages(operation);
        var answers = metadata.OfType<AnswersIn>().FirstOrDefault();
        if (answers is not null)
            DescribeFormats(operation, answers);
        if (method == "PUT")
            DescribeConditions(operation, isRequired: context.ApiDescription.RelativePath!.EndsWith("{year}/{qpvCode}", StringComparison.Ordinal));

        if (metadata.OfType<ForecastsAs>().FirstOrDefault() is { } forecast)
            DescribeForecast(operation, forecast, context);
        if (metadata.OfType<TakesFile>().FirstOrDefault() is { } file)
            DescribeFile(operation, file);

        var policy = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        if (policy != Policies.Open)
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] }];

        foreach (var status in Statuses(operation, method, policy).Concat(answers is null ? [] : [406]))
            operation.Responses!.TryAdd(status.ToString(System.Globalization.CultureInfo.InvariantCulture), Problem(status, context));
        foreach (var (status, response) in operation.Responses!)
        {
            if (status[0] != '2' || response is not OpenApiResponse success)
                continue;
            success.Headers ??= new Dictionary<string, IOpenApiHeader>();
            success.Headers["Gusp-Revision"] = Header(JsonSchemaType.Integer, "The last accepted write that the answer reflects.");
            if (method is "GET" or "PUT")
                success.Headers["ETag"] = Header(JsonSchemaType.String, "Send it back in If-None-Match or If-Match.");
        }
    }

    private static IEnumerable<int> Statuses(OpenApiOperation operation, string? method, string? policy)
    {
        yield return 400;
        yield return 401;
        yield return 414;
        yield return 429;
        yield return 431;
        yield return 503;
        if (policy != Policies.Open)
            yield return 403;
        if (operation.Parameters!.Any(parameter => parameter.In == ParameterLocation.Path))
            yield return 404;
        if (method is "GET")
            yield break;
        yield return 409;
        yield return 412;
        yield return 422;
        if (method is not "DELETE")
        {
            yield return 408;
            yield return 413;
            yield return 415;
        }
        if (method is "PUT")
            yield return 428;
    }

    private static void DescribeForms(OpenApiOperation operation, OperationFilterContext context)
    {
        var required = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<RequiredParameter>().Select(parameter => parameter.Name).ToList();
        foreach (var described in context.ApiDescription.ParameterDescriptions)
        {
            var type = described.ParameterDescriptor?.ParameterType;
            if (operation.Parameters!.FirstOrDefault(parameter => parameter.Name == described.Name) is not OpenApiParameter parameter || type is null)
                continue;
            if (parameter.In == ParameterLocation.Query)
                parameter.Name = RequestFilter.Camel(parameter.Name!);
            if (!typeof(IUrlValue).IsAssignableFrom(type))
                continue;
            var form = (UrlForm)type.GetProperty(nameof(IUrlValue.Form), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
            parameter.Description = $"{(parameter.Description is { Length: > 0 } text ? text + " " : "")}Expected: {form.Expected}{(form.Several ? "; several separated by commas" : "")}.";
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = form.Several ? null : form.Pattern, MaxLength = 4000 };
            // Writes are tried on a year that the demonstration data leave free.
            parameter.Required |= required.Contains(parameter.Name!);
            if (parameter.Required)
                parameter.Example = parameter.Name == "year" && context.ApiDescription.HttpMethod != "GET" ? FreeYear : form.Example;
        }
    }

    private static void DescribePages(OpenApiOperation operation)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "limit",
            In = ParameterLocation.Query,
            Description = "The most objects a page holds.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = "1000", Default = 100 },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "cursor",
            In = ParameterLocation.Query,
            Description = "Where the page begins: that of links.next, with the same filters.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 1000 },
        });
    }

    private static void DescribeFormats(OpenApiOperation operation, AnswersIn answers)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "format",
            In = ParameterLocation.Query,
            Description = "In which format to answer; else the Accept header decides."
                + (answers.Streams ? " A file holds all rows unless limit is given." : ""),
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. answers.Formats.Select(format => (System.Text.Json.Nodes.JsonNode)AnswersIn.NameOf(format))],
                Default = AnswersIn.NameOf(answers.Formats[0]),
            },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "dialect",
            In = ParameterLocation.Query,
            Description = "excel-fr: French column names; in CSV also a byte order mark, semicolons and decimal commas.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["standard", "excel-fr"], Default = "standard" },
        });
        foreach (var (type, content) in operation.Responses!["200"].Content!.Where(content => content.Key != "application/json"))
        {
            ((OpenApiMediaType)content).Schema = type == AnswersIn.TypeOf(TableFormat.GeoJson)
                ? new OpenApiSchema { Type = JsonSchemaType.Object }
                : new OpenApiSchema { Type = JsonSchemaType.String, Format = type == XlsxWriter.MediaType ? "binary" : null };
        }
    }

    private static void DescribeConditions(OpenApiOperation operation, bool isRequired)
    {
        foreach (var (name, text) in new[] { ("If-Match", "Replace the version with this ETag alone."), ("If-None-Match", "`*`: create, never replace.") })
        {
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Header,
                Description = text + (isRequired ? " One of If-Match and If-None-Match is required." : ""),
                Example = isRequired && name == "If-None-Match" ? "*" : null,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 1000 },
            });
        }
    }

    private static void DescribeForecast(OpenApiOperation operation, ForecastsAs forecast, OperationFilterContext context)
    {
        var answer = (OpenApiMediaType)operation.Responses!["200"].Content!["application/json"];
        answer.Schema = new OpenApiSchema { OneOf = [answer.Schema!, context.SchemaGenerator.GenerateSchema(forecast.Type, context.SchemaRepository)] };
    }

    private static void DescribeFile(OpenApiOperation operation, TakesFile file)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "The file, as it is.",
            Content = file.ContentTypes.ToDictionary(type => type, type => new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = type == file.ContentTypes[0] ? file.Example : null,
            }),
        };
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "Idempotency-Key",
            In = ParameterLocation.Header,
            Required = true,
            Description = "A name for this request: sent again, it gives the same import and imports nothing twice.",
            Example = "import-2024-1",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 200 },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "Prefer",
            In = ParameterLocation.Header,
            Description = "`wait=N`: answer when the import ends, within N seconds (0 to 30).",
            Example = "wait=10",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 100 },
        });
    }

    private static OpenApiResponse Problem(int status, OperationFilterContext context) => new()
    {
        Description = Problems[status],
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new() { Schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemDocument), context.SchemaRepository) },
        },
    };

    private static OpenApiHeader Header(JsonSchemaType type, string text) => new() { Description = text, Schema = new OpenApiSchema { Type = type } };
}

/// <summary>Metadata of a route that answers with another type when nothing is to be written (<c>dryRun=true</c>).</summary>
internal sealed record ForecastsAs(Type Type);

/// <summary>Metadata of a route whose body is a file: its types, the first with an example.</summary>
internal sealed record TakesFile(string[] ContentTypes, string Example);

/// <summary>Enums as the API spells them, and the examples of bodies.</summary>
internal sealed class ContractSchemas : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema written)
            return;
        if (context.Type.GetCustomAttribute<ExampleAttribute>() is { } example)
#pragma warning disable CS0618 // OpenAPI 3.0 has `example` alone, and it is what Swagger UI fills in.
            written.Example = System.Text.Json.Nodes.JsonNode.Parse(example.Json);
#pragma warning restore CS0618
        if (!context.Type.IsEnum || written.AllOf is { Count: > 0 })
            return;
        written.Type = JsonSchemaType.String;
        written.Format = null;
        written.Enum = [.. Enum.GetNames(context.Type).Select(name => (System.Text.Json.Nodes.JsonNode)System.Text.Json.JsonNamingPolicy.SnakeCaseUpper.ConvertName(name))];
    }
}
