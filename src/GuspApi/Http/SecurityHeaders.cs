using Microsoft.Extensions.Primitives;

namespace GuspApi.Http;

/// <summary>
/// What every answer tells browsers and caches: to guess no type, run nothing, frame nothing, keep nothing that needed a key.
/// </summary>
internal static class SecurityHeaders
{
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

    // Swagger UI is a page with a script of its own, served from here.
    private const string SwaggerRuns =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

    private const string OneYear = "max-age=31536000";

    public static Task AddTo(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            // A 304 stands for an answer that has its own.
            if (StringValues.IsNullOrEmpty(headers.ContentSecurityPolicy) && http.Response.StatusCode != StatusCodes.Status304NotModified)
                headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments("/swagger") ? SwaggerRuns : NothingRuns;
            if (StringValues.IsNullOrEmpty(headers.CacheControl))
                headers.CacheControl = http.User.Identity is { IsAuthenticated: true } ? "private, no-cache" : "no-cache";
            if (http.Request.IsHttps)
                headers.StrictTransportSecurity = OneYear;
            return Task.CompletedTask;
        });
        return next(http);
    }

    /// <summary>Any page may read (there are no cookies to abuse, and keys are sent on purpose); none may write.</summary>
    public static void UseReadingFromAnywhere(this WebApplication app) => app.UseWhen(
        http => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method),
        reading => reading.UseCors(policy => policy
            .AllowAnyOrigin().WithMethods("GET").AllowAnyHeader().SetPreflightMaxAge(TimeSpan.FromHours(1))
            .WithExposedHeaders("ETag", "Link", "Gusp-Revision", "X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After",
                "Content-Disposition", "Deprecation", "Sunset")));
}
