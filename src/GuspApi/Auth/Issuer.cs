using System.Security.Claims;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace GuspApi.Auth;

/// <summary>
/// The OpenID Connect issuer whose tokens are taken (<c>Authentication__Authority</c>, <c>Authentication__Audience</c>). Claims: <c>sub</c>
/// is who, <c>scope</c> (words separated by spaces) the scopes, <c>gusp_landlords</c> and <c>gusp_departments</c> (arrays) the perimeter.
/// </summary>
internal sealed record Issuer(Uri Authority, string Audience)
{
    public const string Scheme = "Token";

    /// <summary>Asymmetric ones alone: with a shared secret whoever can verify could sign, and a public key must never serve as one.</summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static Issuer? Read(IConfiguration configuration)
    {
        var (authority, audience) = (configuration["Authentication:Authority"], configuration["Authentication:Audience"]);
        if (string.IsNullOrEmpty(authority) && string.IsNullOrEmpty(audience))
            return null;
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri) || !(uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)))
            throw new CannotStartException("Authentication__Authority is the https address of an OpenID Connect issuer, such as https://login.example.org/realms/gusp.");
        return string.IsNullOrEmpty(audience)
            ? throw new CannotStartException("Authentication__Audience is missing: without it a token made for another service would be taken.")
            : new(uri, audience);
    }

    public void Configure(JwtBearerOptions options)
    {
        options.Authority = Authority.AbsoluteUri.TrimEnd('/');
        options.Audience = Audience;
        options.RequireHttpsMetadata = !Authority.IsLoopback;
        options.MapInboundClaims = false;
        // The issuer's keys are read again every five minutes, and at once (once in ten seconds) for a key that is not known yet.
        options.AutomaticRefreshInterval = TimeSpan.FromMinutes(5);
        options.RefreshInterval = TimeSpan.FromSeconds(10);
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidateIssuer = true,
            ValidateAudience = true,
            ValidateLifetime = true,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = Accept,
            OnChallenge = context =>
            {
                context.HandleResponse();
                return Bearer.ChallengeAsync(context.HttpContext);
            },
            OnForbidden = context => Problems.Forbidden().ExecuteAsync(context.HttpContext),
        };
    }

    /// <summary>A key that the issuer no longer publishes is not taken for an hour more as the last one known to be good: it may have leaked.</summary>
    public static void ForgetOldKeys(JwtBearerOptions options) =>
        ((BaseConfigurationManager)options.ConfigurationManager!).UseLastKnownGoodConfiguration = false;

    private static Task Accept(TokenValidatedContext context)
    {
        var token = context.Principal!;
        if (token.FindFirst("sub")?.Value is not { Length: > 0 and <= 200 } subject || subject.Any(char.IsControl))
            context.Fail("The token says nobody's name.");
        else
        {
            context.Principal = new ClaimsPrincipal(Caller.Identity(
                Scheme, $"user:{subject}", token.FindFirst("name")?.Value ?? subject,
                token.FindAll("scope").SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
                token.FindAll("gusp_landlords").Select(claim => claim.Value),
                token.FindAll("gusp_departments").Select(claim => claim.Value),
                context.SecurityToken.ValidTo));
        }
        return Task.CompletedTask;
    }
}
