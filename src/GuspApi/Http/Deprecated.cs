using System.Globalization;

namespace GuspApi.Http;

/// <summary>
/// Metadata of a route that is to end: since when it is deprecated, when it ends, and the path of what replaces it. Its answers say so
/// (RFC 9745, RFC 8594), and the contract too; <c>openapi/README.md</c> has the policy.
/// </summary>
internal sealed record Deprecated(DateOnly Since, DateOnly Ends, string Successor)
{
    public static Task Tell(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Deprecated>() is { } deprecated)
        {
            // At the last moment: a problem clears what was set before.
            http.Response.OnStarting(() =>
            {
                http.Response.Headers["Deprecation"] = string.Create(
                    CultureInfo.InvariantCulture, $"@{Start(deprecated.Since).ToUnixTimeSeconds()}");
                http.Response.Headers["Sunset"] = Start(deprecated.Ends).ToString("R", CultureInfo.InvariantCulture);
                http.Response.Headers.Append("Link", $"<{deprecated.Successor}>; rel=\"successor-version\"");
                return Task.CompletedTask;
            });
        }
        return next(http);
    }

    private static DateTimeOffset Start(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
