using GuspApi.Auth;
using Microsoft.OpenApi;
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

    public static readonly string Comments = Path.Combine(AppContext.BaseDirectory, "GuspApi.xml");

    private const string ForPage = "swagger/{documentName}.json";

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
            swagger.IncludeXmlComments(Comments);
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
            swagger.AddServer(new OpenApiServer { Url = "/", Description = "Where this document comes from." });
            swagger.OperationFilter<ContractOperations>();
            swagger.SchemaFilter<ContractSchemas>();
            swagger.DocumentFilter<ContractDocument>();
        });
    }

    /// <summary><c>/openapi/v1.json</c> is OpenAPI 3.0, <c>/openapi/v1-3.1.json</c> 3.1; Swagger UI stands in every environment.</summary>
    public static void UseContract(this WebApplication app) =>
        app.UseWhen(http => !http.Request.Path.StartsWithSegments("/v1"), documents =>
    {
        documents.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = "openapi/{documentName}-3.1.json";
            swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            swagger.PreSerializeFilters.Add((document, _) => SayNullAsJsonSchemaDoes(document));
        });
        documents.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = "openapi/{documentName}.json";
            swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
            swagger.PreSerializeFilters.Add((document, _) => SayNullAsOpenApiDoes(document));
        });
        documents.UseSwagger(swagger =>
        {
            swagger.RouteTemplate = ForPage;
            swagger.PreSerializeFilters.Add((document, _) => ShortenForPage(document));
        });
        documents.UseSwaggerUI(ui =>
        {
            ui.DocumentTitle = "GuspApi";
            ui.SwaggerEndpoint("/" + ForPage.Replace("{documentName}", "v1"), "GuspApi v1");
            ui.DisplayRequestDuration();
            ui.EnableTryItOutByDefault();
            ui.EnablePersistAuthorization();
            ui.DefaultModelsExpandDepth(0);
            ui.HeadContent = $"<style>{HtmlPage.Css("Http/swagger.css").Text}</style>";
            Prefill(ui, app);
        });
    });

    /// <summary>
    /// The page fills in every example: with those of optional parameters "Execute" would ask for all filters at once. And it shows every
    /// example of every problem: their codes and cures will do.
    /// </summary>
    private static void ShortenForPage(OpenApiDocument document)
    {
        var parameters = document.Paths.Values.SelectMany(path => path.Operations!.Values)
            .SelectMany(operation => operation.Parameters ?? []);
        foreach (var parameter in parameters.OfType<OpenApiParameter>().Where(parameter => !parameter.Required && !IsNeeded(parameter)))
            parameter.Example = null;

        foreach (var response in document.Components!.Responses!.Values.OfType<OpenApiResponse>())
            (response.Content, response.Headers) = (null, null);

        // One of two conditions is required: that of creating is filled in. So is what some values of another parameter require, the years,
        // as the demonstration data end in 2022, and how long to wait for the end of an import.
        static bool IsNeeded(OpenApiParameter parameter) => parameter.Name is "from" or "to" or "Prefer"
            || (parameter.Description is { } text && (text.StartsWith("Required", StringComparison.Ordinal)
                || (parameter.Name == "If-None-Match" && text.Contains("required", StringComparison.Ordinal))));
    }

    /// <summary>OpenAPI 3.0 says "nullable" beside the reference; JSON Schema, which 3.1 is, says "null or that".</summary>
    private static void SayNullAsJsonSchemaDoes(OpenApiDocument document)
    {
        foreach (var member in NullableReferences(document))
        {
            member.OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, .. member.AllOf!];
            (member.AllOf, member.Type) = (null, null);
        }
    }

    /// <summary>OpenAPI 3.0 knows no type "null": it is the one value of a type that may be null.</summary>
    private static void SayNullAsOpenApiDoes(OpenApiDocument document)
    {
        foreach (var member in NullableReferences(document))
        {
            member.OneOf = [.. member.AllOf!, new OpenApiSchema { Type = member.Type, Enum = [JsonNullSentinel.JsonNull] }];
            (member.AllOf, member.Type) = (null, null);
        }
    }

    private static List<OpenApiSchema> NullableReferences(OpenApiDocument document) =>
    [
        .. document.Components!.Schemas!.Values.SelectMany(schema => schema.Properties?.Values.AsEnumerable() ?? []).OfType<OpenApiSchema>()
            .Where(member => member is { Type: { } type, AllOf.Count: > 0 } && type.HasFlag(JsonSchemaType.Null)),
    ];

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
