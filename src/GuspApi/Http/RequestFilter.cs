using System.Reflection;
using FluentValidation;
using GuspApi.Model;
using Microsoft.AspNetCore.Mvc;

namespace GuspApi.Http;

/// <summary>
/// Looks at every request of /v1 before its handler: parameters that do not exist, are given twice or are out of form, and bodies
/// that break their validator. All faults are told at once.
/// </summary>
internal static class RequestFilter
{
    private static readonly Dictionary<Type, IValidator> Validators = AssemblyScanner
        .FindValidatorsInAssembly(typeof(RequestFilter).Assembly, includeInternalTypes: true)
        .ToDictionary(found => found.InterfaceType.GetGenericArguments()[0],
            found => (IValidator)Activator.CreateInstance(found.ValidatorType)!);

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var known = QueryNames(context.MethodInfo).ToArray();
        var instead = context.MethodInfo.GetParameters()
            .SelectMany(parameter => parameter.ParameterType.GetCustomAttributes<InsteadOfAttribute>())
            .ToDictionary(hint => hint.Unknown, hint => hint.Known);
        var names = context.MethodInfo.GetParameters().Select(parameter => parameter.Name!).ToArray();
        return async invocation =>
        {
            var request = invocation.HttpContext.Request;
            var answers = invocation.HttpContext.GetEndpoint()!.Metadata.GetMetadata<AnswersIn>();
            var errors = Unknown(request, answers is null ? known : [.. known, "format", "dialect"], instead).Concat(Repeated(request))
                .Concat(OutOfForm(invocation.Arguments, names)).Concat(WrongCursor(request)).Concat(WrongFormat(request, answers))
                .DistinctBy(error => (error.Code, error.Parameter)).ToList();
            if (errors.Count > 0)
                return Problems.InvalidParameters(errors);

            if (answers is not null && !request.Query.ContainsKey("format") && answers.Accepted(request) is null)
                return Problems.NotAcceptable(string.Join(", ", answers.MediaTypes));

            var broken = invocation.Arguments.SelectMany(Broken).ToList();
            if (broken.Any(error => error.Parameter is not null))
                return Problems.InvalidParameters(broken);
            return broken.Count > 0 ? Problems.RulesBroken(broken) : await next(invocation);
        };
    }

    /// <summary>The query parameters of a handler: those bound one by one, those of [AsParameters] records, and a page's.</summary>
    internal static IEnumerable<string> QueryNames(MethodInfo handler)
    {
        foreach (var parameter in handler.GetParameters())
        {
            if (parameter.ParameterType == typeof(Page))
            {
                yield return "limit";
                yield return "cursor";
            }
            else if (parameter.GetCustomAttribute<AsParametersAttribute>() is not null)
            {
                foreach (var property in parameter.ParameterType.GetProperties())
                    yield return property.GetCustomAttribute<FromQueryAttribute>()?.Name ?? Camel(property.Name);
            }
            else if (parameter.GetCustomAttribute<FromQueryAttribute>() is { } query)
            {
                yield return query.Name ?? parameter.Name!;
            }
            else if (typeof(IUrlValue).IsAssignableFrom(parameter.ParameterType))
            {
                yield return parameter.Name!;
            }
        }
    }

    private static IEnumerable<ApiError> Unknown(HttpRequest request, string[] known, Dictionary<string, string> instead)
    {
        foreach (var name in request.Query.Keys.Where(name => !known.Contains(name)))
        {
            var near = known.MinBy(candidate => Distance(candidate, name));
            var hint = instead.TryGetValue(name, out var said) ? said : near is not null && Distance(near, name) <= 3 ? near : null;
            var allowed = known.Length == 0 ? new("none", "aucun") : Text.Alike(string.Join(", ", known));
            yield return ApiError.OfParameter(
                "UNKNOWN_PARAMETER",
                new(
                    $"There is no parameter {name} here" + (hint is null ? "." : $": did you mean {hint}?"),
                    $"Il n'y a pas de paramètre {name} ici" + (hint is null ? "." : $" : vouliez-vous dire {hint} ?")),
                name, request.Query[name], allowed);
        }
    }

    private static IEnumerable<ApiError> Repeated(HttpRequest request) =>
        from pair in request.Query
        where pair.Value.Count > 1
        select ApiError.OfParameter(
            "REPEATED_PARAMETER",
            new(
                $"{pair.Key} is given {pair.Value.Count} times: give it once.",
                $"{pair.Key} est donné {pair.Value.Count} fois : donnez-le une fois."),
            pair.Key, pair.Value.ToString(),
            new Text(
                "once; where several values are allowed, separated by commas",
                "une fois ; là où plusieurs valeurs sont admises, séparées par des virgules"));

    private static IEnumerable<ApiError> OutOfForm(IList<object?> arguments, string[] names) =>
        arguments.SelectMany((argument, index) => argument switch
        {
            null => [],
            IUrlValue value => OutOfForm(names[index], value),
            _ when argument.GetType().IsAssignableTo(typeof(IUrlParameters)) => argument.GetType().GetProperties()
                .Where(property => property.PropertyType.IsAssignableTo(typeof(IUrlValue)))
                .SelectMany(property => OutOfForm(Camel(property.Name), (IUrlValue?)property.GetValue(argument))),
            _ => [],
        });

    private static IEnumerable<ApiError> OutOfForm(string name, IUrlValue? value) =>
        value?.Wrong is { } wrong ? [OutOfForm(name, wrong, value.Expected)] : [];

    private static IEnumerable<ApiError> WrongFormat(HttpRequest request, AnswersIn? answers) =>
        answers is null ? [] : Representation.Faults(request, answers)
            .Select(fault => OutOfForm(fault.Parameter, fault.Wrong, fault.Expected));

    private static ApiError OutOfForm(string name, string wrong, Text expected) => ApiError.OfParameter(
        "INVALID_PARAMETER", new($"This is not {expected.En}.", $"Valeur hors forme ; attendu : {expected.Fr}."), name, wrong, expected);

    private static IEnumerable<ApiError> WrongCursor(HttpRequest request)
    {
        if (request.Query.TryGetValue("limit", out var limit) && !LimitForm.TryRead(limit.ToString(), out _))
        {
            yield return ApiError.OfParameter(
                "INVALID_PARAMETER", new(
                    $"limit is {LimitForm.Expected.En}.", $"limit est {LimitForm.Expected.Fr}."), "limit", limit, LimitForm.Expected);
        }
        if (!request.Query.TryGetValue("cursor", out var text))
            yield break;
        if (!Cursor.TryRead(text.ToString(), out var cursor) || cursor.Filters != Page.Fingerprint(request))
        {
            yield return ApiError.OfParameter(
                "INVALID_CURSOR",
                new("This cursor does not belong to this query. Follow links.next from the first page.",
                    "Ce curseur n'appartient pas à cette requête. Suivez links.next depuis la première page."),
                "cursor", text, CursorForm.Expected);
        }
    }

    /// <summary>What the argument's validator says. Filters of a query are named by parameter, bodies by pointer.</summary>
    private static IEnumerable<ApiError> Broken(object? argument)
    {
        if (argument is null || !Validators.TryGetValue(argument.GetType(), out var validator))
            return [];
        return validator.Validate(new ValidationContext<object>(argument)).Errors.Select(failure =>
        {
            var message = failure.CustomState is Text text ? text : new Text(failure.ErrorMessage, failure.ErrorMessage);
            var name = Camel(failure.PropertyName);
            return argument is IUrlParameters
                ? ApiError.OfParameter(failure.ErrorCode, message, name, failure.AttemptedValue?.ToString())
                : ApiError.OfBody(failure.ErrorCode, message, "/" + name.Replace('.', '/').Replace("[", "/").Replace("]", ""),
                    failure.AttemptedValue?.ToString());
        });
    }

    internal static bool Validates(Type type) => Validators.ContainsKey(type);

    /// <summary>Whether the validator of a body finds fault with this member.</summary>
    internal static bool Refuses(Type type, object body, string member) => Validators.TryGetValue(type, out var validator)
        && validator.Validate(new ValidationContext<object>(body)).Errors.Exists(failure => Camel(failure.PropertyName) == member);

    internal static string Camel(string name) =>
        string.Join('.', name.Split('.').Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName));

    /// <summary>Levenshtein's distance, ignoring case.</summary>
    private static int Distance(string left, string right)
    {
        var costs = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = costs[0];
            costs[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = costs[j];
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                costs[j] = Math.Min(Math.Min(costs[j] + 1, costs[j - 1] + 1), diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }
        return costs[^1];
    }
}

/// <summary>Marks the records that gather a URL's parameters.</summary>
internal interface IUrlParameters;

/// <summary>A parameter that people try and that does not exist here, and the one to use instead.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class InsteadOfAttribute(string unknown, string known) : Attribute
{
    public string Unknown { get; } = unknown;
    public string Known { get; } = known;
}

/// <summary>Metadata of a route that cannot answer without this query parameter; the handler refuses, naming it.</summary>
internal sealed record RequiredParameter(string Name, string? When = null);
