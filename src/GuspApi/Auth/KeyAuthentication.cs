using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace GuspApi.Auth;

/// <summary>
/// The keys known from the settings: the bootstrap key and, on the private server, the development key. Both are admin's.
/// </summary>
internal sealed class KeyOptions : AuthenticationSchemeOptions
{
    public const int ShortestKey = 32;

    public string? BootstrapKey { get; set; }
    public string? DevelopmentKey { get; set; }
}

/// <summary><c>Authorization: Bearer …</c> with a key: one of the settings, or one of the database.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<KeyOptions> options, ILoggerFactory logger, UrlEncoder encoder, KeyRing keys, RateLimits limits)
    : AuthenticationHandler<KeyOptions>(options, logger, encoder)
{
    public const string Name = "Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
            return AuthenticateResult.NoResult();
        if (Bearer.Token(Request) is not { } token)
            return AuthenticateResult.Fail("Authorization is not Bearer.");

        var hash = KeyText.HashOf(token);
        if (Matches(hash, Options.BootstrapKey))
            return Success(Caller.Identity(Name, Caller.Bootstrap, "bootstrap key", ["admin"], [], [], null));
        if (Matches(hash, Options.DevelopmentKey))
            return Success(Caller.Identity(Name, "development", "development key", ["admin"], [], [], null));
        return KeyText.TryRead(token, out var text) ? await LookUpAsync(text) : AuthenticateResult.Fail("The key is not known.");
    }

    /// <summary>
    /// A guess must not cost more than it may be worth: few for an address, and few at once for all, whatever they hold up.
    /// </summary>
    private async Task<AuthenticateResult> LookUpAsync(KeyText text)
    {
        if (keys.WasGood(text))
        {
            if (await keys.ProvedAsync(text, Context) is { } proved)
                return Success(proved);
        }
        else if (limits.RefuseGuess(Context) is { } tooMany)
        {
            return Refuse(tooMany);
        }
        using var place = await keys.EnterAsync(Context.RequestAborted);
        if (!place.IsAcquired)
            return Refuse(Problems.Busy());

        if (await keys.FindAsync(text, Context) is { } key)
            return Success(key);
        limits.CountWrongKey(Context);
        return AuthenticateResult.Fail("The key is not known.");
    }

    private AuthenticateResult Refuse(Problem problem)
    {
        Context.Features.Set(new KeyRefusal(problem));
        return AuthenticateResult.Fail("The key was not looked up.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Bearer.ChallengeAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.Forbidden().ExecuteAsync(Context);

    private static AuthenticateResult Success(ClaimsIdentity identity) => AuthenticateResult.Success(new(new(identity), Name));

    /// <summary>Hashes of equal length are compared, so that the time tells nothing of the key.</summary>
    private static bool Matches(byte[] hash, string? known) =>
        known is not null && CryptographicOperations.FixedTimeEquals(hash, KeyText.HashOf(known));
}

/// <summary>Why a key was not even looked up; answered where requests are counted.</summary>
internal sealed record KeyRefusal(Problem Problem);

/// <summary>The one way to say who one is.</summary>
internal static class Bearer
{
    public static string? Token(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;
    }

    public static Task ChallengeAsync(HttpContext http, Text? detail = null)
    {
        var isSent = http.Request.Headers.Authorization.Count > 0;
        http.Response.Headers.WWWAuthenticate = isSent ? "Bearer error=\"invalid_token\"" : "Bearer";
        var problem = Problems.Unauthorized(isSent);
        return (detail is { } told ? problem with { Detail = told } : problem).ExecuteAsync(http);
    }
}
