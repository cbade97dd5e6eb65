using System.Security.Claims;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace GuspApi.Auth;

/// <summary>
/// The OpenID Connect issuer whose tokens are taken (<c>Authentication__Authority</c>, <c>Authentication__Audience</c>). Claims: <c>sub</c>
/// is who, <c>scope</c> (words separated by spaces) the scopes, <c>gusp_landlords</c> and <c>gusp_departments</c> (arrays) the perimeter.
/// A token without <c>scope</c> is an ID token, made for the client to read, or something else that is not meant for us.
/// </summary>
internal sealed record Issuer(Uri Authority, string Audience)
{
    public const string Scheme = "Token";

    /// <summary>
    /// Asymmetric ones alone: with a shared secret whoever can verify could sign, and a public key must never serve as one.
    /// </summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static Issuer? Read(IConfiguration configuration)
    {
        var (authority, audience) = (configuration["Authentication:Authority"], configuration["Authentication:Audience"]);
        if (string.IsNullOrEmpty(authority) && string.IsNullOrEmpty(audience))
            return null;
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri)
            || !(uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)))
            throw new CannotStartException("Authentication__Authority is the https address of an OpenID Connect issuer, "
                + "such as https://login.example.org/realms/gusp.");
        return string.IsNullOrEmpty(audience)
            ? throw new CannotStartException(
                "Authentication__Audience is missing: without it a token made for another service would be taken.")
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
                return Bearer.ChallengeAsync(context.HttpContext, (context.AuthenticateFailure as ClaimException)?.Detail);
            },
            OnForbidden = context => Problems.Forbidden().ExecuteAsync(context.HttpContext),
        };
    }

    /// <summary>
    /// A key that the issuer no longer publishes is not taken for an hour more as the last one known to be good: it may have leaked.
    /// </summary>
    public static void ForgetOldKeys(JwtBearerOptions options) =>
        ((BaseConfigurationManager)options.ConfigurationManager!).UseLastKnownGoodConfiguration = false;

    private static Task Accept(TokenValidatedContext context)
    {
        var token = context.Principal!;
        string[] Values(string claim) => [.. token.FindAll(claim).Select(found => found.Value)];
        var (scopes, landlords, departments) = (Values("scope"), Values("gusp_landlords"), Values("gusp_departments"));
        if (token.FindFirst("sub")?.Value is not { } subject || !IsName(subject))
            context.Fail(new ClaimException("sub", new("1 to 200 characters", "1 à 200 caractères")));
        else if (scopes.Length == 0)
            context.Fail(new ClaimException("scope", new(
                "words such as read; an ID token has none", "des mots tels que read ; un jeton d'identité n'en a pas")));
        else if (!landlords.All(siren => Siren.IsValid(siren)))
            context.Fail(new ClaimException("gusp_landlords", new("an array of SIRENs", "un tableau de SIREN")));
        else if (!departments.All(code => DepartmentForm.TryRead(code, out _)))
            context.Fail(new ClaimException("gusp_departments", new(
                "an array of codes such as 02 or 59", "un tableau de codes tels que 02 ou 59")));
        else
        {
            context.Principal = new ClaimsPrincipal(Caller.Identity(
                Scheme, $"user:{subject}", token.FindFirst("name")?.Value is { } name && IsName(name) ? name : subject,
                [.. scopes.SelectMany(words => words.Split(' ', StringSplitOptions.RemoveEmptyEntries))], landlords, departments,
                context.SecurityToken.ValidTo));
        }
        return Task.CompletedTask;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 200 && !text.Any(char.IsControl);

    /// <summary>The issuer vouches for the token, but a claim is not what we can use: its bearer is told which.</summary>
    private sealed class ClaimException(string claim, Text expected) : Exception($"The claim {claim} is missing or malformed.")
    {
        public Text Detail => new(
            $"The token's claim {claim} is missing or malformed: {expected.En}. Ask whoever runs the issuer.",
            $"La claim {claim} du jeton manque ou est mal formée : {expected.Fr}. Voyez avec qui gère l'émetteur.");
    }
}
