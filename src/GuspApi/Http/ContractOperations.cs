using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Xml.XPath;
using GuspApi.Auth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace GuspApi.Http;

/// <summary>
/// Says of each operation what the routes and filters make true of all: forms of parameters, pages, conditions, headers, keys, examples.
/// </summary>
internal sealed class ContractOperations : IOperationFilter
{
    private const string FreeYear = "2023";

    /// <summary>Parameters that are one thing wherever they are.</summary>
    private static readonly Dictionary<string, string> Meanings = new()
    {
        ["asOf"] = "A revision or an instant: the data as they stood then; names are today's. For known callers.",
        ["dryRun"] = "Whether to say what would be done, and write nothing.",
        ["q"] = "Words to look for; accents and case are ignored.",
        ["reason"] = "Why what is locked is changed all the same; for admin.",
        ["submit"] = "Whether to submit the declaration too.",
    };

    private static readonly XPathNavigator Comments = new XPathDocument(Contract.Comments).CreateNavigator();

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var method = context.ApiDescription.HttpMethod!;
        operation.OperationId ??= metadata.OfType<IEndpointNameMetadata>().FirstOrDefault()?.EndpointName;
        operation.Parameters ??= [];
        DescribeForms(operation, context);
        if (context.MethodInfo.GetParameters().Any(parameter => parameter.ParameterType == typeof(Page)))
            DescribePages(operation);
        if (metadata.OfType<AnswersIn>().FirstOrDefault() is { } answers)
            DescribeFormats(operation, answers, context);
        var hasTag = HasTag(context, metadata);
        DescribeConditions(operation, method, hasTag, context);

        if (metadata.OfType<ForecastsAs>().FirstOrDefault() is { } forecast)
            DescribeForecast(operation, forecast, context);
        if (metadata.OfType<TakesFile>().FirstOrDefault() is { } file)
            DescribeFile(operation, file);
        // Routes that can refuse a header are those that may wait.
        if (metadata.OfType<GivesProblems>().Any(gives => gives.Codes.Contains("INVALID_HEADER")))
            DescribeWait(operation);

        // Open data are for everybody; who sends a key is known, and may see more.
        var policy = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        var key = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] };
        operation.Security = policy == Policies.Open ? [new OpenApiSecurityRequirement(), key] : [key];
        operation.Deprecated = metadata.OfType<Deprecated>().Any();

        DescribeAnswers(operation, context.Document, method, hasTag, operation.Deprecated);
        ContractProblems.Describe(operation, context, policy);
        DescribeWords(operation, policy);
    }

    /// <summary>The first sentence says what it does; the rest, who may and what else there is to know.</summary>
    private static void DescribeWords(OpenApiOperation operation, string? policy)
    {
        var text = (operation.Summary ?? "").ReplaceLineEndings(" ").Trim();
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        operation.Summary = (end < 0 ? text : text[..end]).TrimEnd('.');
        string?[] parts = [end < 0 ? null : text[(end + 2)..], operation.Description?.ReplaceLineEndings(" ").Trim(),
            Policies.Explain(policy)];
        operation.Description = string.Join("\n\n", parts.Where(part => part is { Length: > 0 }));
    }

    private static void DescribeForms(OpenApiOperation operation, OperationFilterContext context)
    {
        var required = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<RequiredParameter>()
            .ToDictionary(parameter => parameter.Name);
        foreach (var described in context.ApiDescription.ParameterDescriptions)
        {
            var type = described.ParameterDescriptor?.ParameterType;
            if (operation.Parameters!.FirstOrDefault(parameter => parameter.Name == described.Name) is not OpenApiParameter parameter
                || type is null)
                continue;
            if (parameter.In == ParameterLocation.Query)
                parameter.Name = RequestFilter.Camel(parameter.Name!);
            if (type == typeof(Guid))
                (parameter.Description, parameter.Example) = ("Identifier, as the answer to its making gives it.", ContractExamples.SomeId);
            if (!typeof(IUrlValue).IsAssignableFrom(type))
                continue;
            var form = (UrlForm)type.GetProperty(nameof(IUrlValue.Form), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
            // Without a text of its own a parameter has that of its type, which tells nothing.
            var own = parameter.Description is { Length: > 0 } said && !said.Contains("typeparamref", StringComparison.Ordinal)
                ? said
                : TextOf(context.MethodInfo, described.Name) ?? Meanings.GetValueOrDefault(parameter.Name!);
            var text = own is null ? "" : own + " ";
            var rule = required.GetValueOrDefault(parameter.Name!);
            var when = rule?.When is { } condition ? $"Required {condition}. " : "";
            parameter.Description = $"{when}{text}Expected: {form.Expected}{(form.Several ? "; several separated by commas" : "")}.";
            parameter.Required |= rule is { When: null };
            // Writes are tried on a year that the demonstration data leave free.
            var example = parameter.Name == "year" && context.ApiDescription.HttpMethod != "GET"
                ? FreeYear
                : form.Example ?? form.Words?[0];
            Describe(parameter, form, example, context);
        }
    }

    /// <summary>What the record that gathers parameters says of one: Swashbuckle reads it for bodies alone.</summary>
    private static string? TextOf(MethodInfo handler, string name) => handler.GetParameters()
        .Where(parameter => parameter.IsDefined(typeof(AsParametersAttribute)))
        .Select(parameter => Comments.SelectSingleNode(
            $"/doc/members/member[@name='T:{parameter.ParameterType.FullName}']/param[@name='{name}']"))
        .Where(comment => comment is not null)
        .Select(comment => XmlCommentsTextHelper.Humanize(comment!.InnerXml))
        .FirstOrDefault();

    private static void Describe(OpenApiParameter parameter, UrlForm form, string? example, OperationFilterContext context)
    {
        var value = Value(form, context);
        var sample = example is null ? null : Sample(value, example);
        parameter.Schema = form.Several
            ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = value, MinItems = 1, MaxItems = 1000 }
            : value;
        parameter.Example = form.Several && sample is not null ? new JsonArray(sample) : sample;
        if (form.Several)
            (parameter.Style, parameter.Explode) = (ParameterStyle.Form, false);
    }

    private static IOpenApiSchema Value(UrlForm form, OperationFilterContext context)
    {
        if (form.IsAsAnswered)
            return context.SchemaGenerator.GenerateSchema(form.Type, context.SchemaRepository);
        if (form.Words is { } words)
            return Words(form.Name, words, context);
        if (form.Type == typeof(bool))
            return new OpenApiSchema { Type = JsonSchemaType.Boolean };
        if (form.Bounds is { } bounds)
        {
            return new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = bounds.Most > int.MaxValue ? "int64" : "int32",
                Minimum = bounds.Least.ToString(CultureInfo.InvariantCulture),
                Maximum = bounds.Most.ToString(CultureInfo.InvariantCulture),
            };
        }
        var text = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 4000 };
        if (form.Type == typeof(Guid))
            (text.Format, text.MaxLength) = ("uuid", 36);
        else if (form.Type == typeof(DateTime))
            (text.Format, text.MaxLength) = ("date-time", 40);
        else
            text.Pattern = form.Pattern;
        return text;
    }

    /// <summary>Words are a schema of their own, so that clients have one type with a good name wherever they are taken.</summary>
    private static IOpenApiSchema Words(string name, IReadOnlyList<string> words, OperationFilterContext context)
    {
        JsonNode[] values = [.. words];
        if (context.SchemaRepository.Schemas.TryGetValue(name, out var known))
        {
            return known.Enum!.Select(value => value.ToString()).SequenceEqual(words)
                ? new OpenApiSchemaReference(name, context.Document)
                : throw new InvalidOperationException(
                    $"{name} already names other words in the contract: {string.Join(", ", known.Enum!)}.");
        }
        return context.SchemaRepository.AddDefinition(name, new OpenApiSchema { Type = JsonSchemaType.String, Enum = values });
    }

    private static JsonNode Sample(IOpenApiSchema value, string example) => value.Type switch
    {
        JsonSchemaType.Integer => long.Parse(example, CultureInfo.InvariantCulture),
        JsonSchemaType.Boolean => example == "true",
        _ => example,
    };

    private static void DescribePages(OpenApiOperation operation)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "limit",
            In = ParameterLocation.Query,
            Description = "The most objects a page holds.",
            Example = LimitForm.Default,
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int32",
                Minimum = "1",
                Maximum = "1000",
                Default = LimitForm.Default
            },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "cursor",
            In = ParameterLocation.Query,
            Description = "Where the page begins: that of links.next, with the same filters.",
            Example = CursorForm.Example,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = CursorForm.Pattern, MaxLength = 1000 },
        });
    }

    private static void DescribeFormats(OpenApiOperation operation, AnswersIn answers, OperationFilterContext context)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "format",
            In = ParameterLocation.Query,
            Description = "In which format to answer; else the Accept header decides."
                + (answers.Streams ? " A file holds all rows unless limit is given." : ""),
            Example = AnswersIn.NameOf(answers.Formats[0]),
            Schema = Words(answers.Name, [.. answers.Formats.Select(AnswersIn.NameOf)], context),
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "dialect",
            In = ParameterLocation.Query,
            Description = "standard unless said; excel-fr: French column names; in CSV also a byte order mark, "
                + "semicolons and decimal commas.",
            Example = "standard",
            Schema = Value(One<CsvDialect, DialectForm>.Form, context),
        });
        foreach (var (type, content) in operation.Responses!["200"].Content!.Where(content => content.Key != "application/json"))
        {
            ((OpenApiMediaType)content).Schema = type == AnswersIn.TypeOf(TableFormat.GeoJson)
                ? new OpenApiSchema { Type = JsonSchemaType.Object }
                : ContractDocument.File(type);
        }
    }

    /// <summary>Collections, and objects that have a version.</summary>
    private static bool HasTag(OperationFilterContext context, IList<object> metadata) => metadata.OfType<TagsWithRevision>().Any()
        || context.ApiDescription.SupportedResponseTypes.Any(answer => answer is { StatusCode: 200 or 201, Type: { } type }
            && type.GetProperty("Version")?.PropertyType == typeof(int));

    private static void DescribeConditions(OpenApiOperation operation, string method, bool hasTag, OperationFilterContext context)
    {
        if (method == "GET" && hasTag)
            Add("If-None-Match", "The ETag of an answer that you have: 304 when it is still good.", "\"v1\"");
        if (method == "GET")
            return;
        var isRequired = method == "PUT" && context.ApiDescription.RelativePath!.EndsWith("{year}/{qpvCode}", StringComparison.Ordinal);
        var also = isRequired ? " One of If-Match and If-None-Match is required." : "";
        if (method == "PUT" || context.ApiDescription.SupportedResponseTypes.Any(answer => answer.StatusCode == 412))
        {
            var verb = method switch { "DELETE" => "Delete", "PUT" => "Replace", _ => "Step from" };
            Add("If-Match", $"{verb} the version with this ETag alone.{also}", isRequired ? null : "*");
        }
        if (method == "PUT")
            Add("If-None-Match", "`*`: create, never replace." + also, "*");

        void Add(string name, string text, string? example) => operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = text,
            Example = example ?? "\"v1\"",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Pattern = """^(\*|(W/)?"[^"]*"( *, *(W/)?"[^"]*")*)$""",
                MaxLength = 1000
            },
        });
    }

    private static void DescribeForecast(OpenApiOperation operation, ForecastsAs forecast, OperationFilterContext context)
    {
        var answer = (OpenApiMediaType)operation.Responses!["200"].Content!["application/json"];
        answer.Schema = new OpenApiSchema
        {
            OneOf = [answer.Schema!,
            context.SchemaGenerator.GenerateSchema(forecast.Type, context.SchemaRepository)]
        };
    }

    private static void DescribeFile(OpenApiOperation operation, TakesFile file)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "The file, as it is.",
            Content = file.ContentTypes.ToDictionary(type => type, type => new OpenApiMediaType
            {
                Schema = ContractDocument.File(type),
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
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 200, Pattern = "^[ -~]+$" },
        });
    }

    private static void DescribeWait(OpenApiOperation operation)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "Prefer",
            In = ParameterLocation.Header,
            Description = "`wait=N`: answer when the import ends, within N seconds (0 to 30).",
            Example = "wait=10",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 100, Pattern = "^[ -~]*$" },
        });
    }

    private static void DescribeAnswers(OpenApiOperation operation, OpenApiDocument document, string method, bool hasTag, bool isDeprecated)
    {
        if (method == "GET" && hasTag)
            operation.Responses!["304"] =
                new OpenApiResponse { Description = "The answer that If-None-Match names is still good; no body." };
        foreach (var (status, response) in operation.Responses!)
        {
            if (status[0] is not ('2' or '3') || response is not OpenApiResponse answer)
                continue;
            answer.Headers = ContractHeaders.Of(document, method == "GET"
                ? ["Gusp-Revision", "X-Request-Id", "RateLimit", "RateLimit-Policy", "Access-Control-Allow-Origin"]
                : ["Gusp-Revision", "X-Request-Id", "RateLimit", "RateLimit-Policy"]);
            if (hasTag && method is "GET" or "PUT" or "POST")
                ContractHeaders.Add(answer, document, "ETag");
            if (status is "201" or "202")
                ContractHeaders.Add(answer, document, "Location");
            if (isDeprecated)
                ContractHeaders.Add(answer, document, "Deprecation", "Sunset");
        }
    }
}

/// <summary>Metadata of a route that answers with another type when nothing is to be written (<c>dryRun=true</c>).</summary>
internal sealed record ForecastsAs(Type Type);

/// <summary>Metadata of a route whose body is a file: its types, the first with an example.</summary>
internal sealed record TakesFile(string[] ContentTypes, string Example);
