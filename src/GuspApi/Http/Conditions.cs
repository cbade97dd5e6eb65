namespace GuspApi.Http;

/// <summary>What If-None-Match and If-Match of a write ask of the object as it stands.</summary>
internal static class Conditions
{
    /// <summary>
    /// The refusal, or null when the write may go on. <paramref name="version"/> is null when there is no such object yet.
    /// </summary>
    public static Problem? Check(HttpRequest request, int? version, bool required = false)
    {
        var creates = request.Headers.IfNoneMatch.Count > 0;
        var replaces = request.Headers.IfMatch.Count > 0;
        if (required && !creates && !replaces)
            return Problems.PreconditionRequired();
        // What is no condition at all is not met, whatever stands: it was meant as one.
        if (creates && (request.GetTypedHeaders().IfNoneMatch.Count == 0 || version is { } known && Etag.IsKnown(request, Etag.Of(known))))
            return Problems.PreconditionFailed(version is { } present ? $"v{present}" : null);
        if (replaces && version is null)
            return Problems.PreconditionFailed(null);
        return replaces && !Etag.Matches(request, Etag.Of(version!.Value)) ? Problems.PreconditionFailed($"v{version}") : null;
    }
}
