using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using GuspApi.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace GuspApi.Auth;

/// <summary>The keys known from the settings: the bootstrap key and, on the private server, the development key. Both are admin's.</summary>
internal sealed class KeyOptions : AuthenticationSchemeOptions
{
    public const int ShortestKey = 32;

    public string? BootstrapKey { get; set; }
    public string? DevelopmentKey { get; set; }
}

/// <summary><c>Authorization: Bearer …</c>. A bad key is refused on open routes too: its sender believes to be known.</summary>
internal sealed class KeyAuthentication(IOptionsMonitor<KeyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<KeyOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
            return Task.FromResult(AuthenticateResult.NoResult());

        var text = header.ToString();
        var key = text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? text[7..].Trim() : null;
        var name = Matches(key, Options.BootstrapKey) ? "bootstrap" : Matches(key, Options.DevelopmentKey) ? "development" : null;
        if (name is null)
            return Task.FromResult(AuthenticateResult.Fail("The key is not known."));

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim("scope", "admin")], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Unauthorized(Request.Headers.Authorization.Count > 0).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.Forbidden().ExecuteAsync(Context);

    /// <summary>Hashes of equal length are compared, so that the time tells nothing of the key.</summary>
    private static bool Matches(string? sent, string? known) =>
        sent is not null && known is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(known)));
}
