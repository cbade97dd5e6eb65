using Microsoft.AspNetCore.ResponseCompression;

namespace GuspApi.Http;

/// <summary>
/// Answers are sent in gzip or Brotli to those who accept it, over TLS too: keys are sent by programs, never by a browser of its own
/// accord, so nobody learns a secret by the length of an answer that another was made to ask for. XLSX is compressed as it is.
/// </summary>
internal static class Compression
{
    private static readonly string[] Types =
        ["text/csv", "application/x-ndjson", "application/geo+json", "application/problem+json", "image/svg+xml"];

    public static void AddCompression(this IServiceCollection services) => services.AddResponseCompression(compression =>
    {
        compression.EnableForHttps = true;
        compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, .. Types];
    });
}
