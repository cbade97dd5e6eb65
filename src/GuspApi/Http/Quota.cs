namespace GuspApi.Http;

/// <summary>What is left of the caller's requests, once this one is counted.</summary>
internal sealed record Quota(int Limit, int Left, int Seconds);
