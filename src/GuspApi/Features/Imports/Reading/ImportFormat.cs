using GuspApi.Http;
using Microsoft.Net.Http.Headers;

namespace GuspApi.Features.Imports;

internal enum ImportFormat
{
    Csv,
    Json,
    Ndjson,
    GeoJson,
    Xlsx,
}

/// <summary>The format a body is in: its Content-Type says it, or its first bytes when there is none.</summary>
internal static class ImportFormats
{
    public const string Workbook = XlsxWriter.MediaType;

    public const string Accepted = "text/csv, application/json, application/x-ndjson, " + Workbook
        + " (.xlsx), or application/geo+json for qpvs";

    public static bool IsTaken(string? contentType, string dataset) =>
        IsUnsaid(contentType) || Named(contentType!) is { } format && (format != ImportFormat.GeoJson || dataset == "qpvs");

    public static ImportFormat Of(string? contentType, ReadOnlySpan<byte> start)
    {
        if (!IsUnsaid(contentType))
            return Named(contentType!)!.Value;
        if (start.StartsWith(WorkbookGuard.Zip) || start.StartsWith(WorkbookGuard.Ole))
            return ImportFormat.Xlsx;
        var first = start.TrimStart("\uFEFF \t\r\n"u8);
        return first.Length > 0 && first[0] is (byte)'[' or (byte)'{' ? ImportFormat.Json : ImportFormat.Csv;
    }

    public static string? Charset(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.Charset.HasValue ? type.Charset.Value!.Trim('"') : null;

    private static bool IsUnsaid(string? contentType) =>
        string.IsNullOrWhiteSpace(contentType) || contentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase);

    private static ImportFormat? Named(string contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type) ? null : type.MediaType.Value!.ToLowerInvariant() switch
        {
            "text/csv" or "text/tab-separated-values" or "text/plain" or "application/csv" => ImportFormat.Csv,
            "application/json" => ImportFormat.Json,
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" => ImportFormat.Ndjson,
            "application/geo+json" => ImportFormat.GeoJson,
            Workbook => ImportFormat.Xlsx,
            _ => null,
        };
}
