using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace GuspApi.Auth;

/// <summary>
/// How a caller proves who it is: a key, or a token of the OpenID Connect issuer of the settings. What is sent tells which.
/// </summary>
internal static partial class Authentication
{
    private const string Either = "Bearer";

    public static void AddCallers(
        this IServiceCollection services, IConfiguration configuration, string? bootstrapKey, string? developmentKey)
    {
        services.AddSingleton<KeyRing>();
        services.AddHostedService<KeyUse>();
        services.AddScoped(provider => Caller.From(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!.User));
        var issuer = Issuer.Read(configuration);
        var schemes = services.AddAuthentication(issuer is null ? KeyAuthentication.Name : Either)
            .AddScheme<KeyOptions, KeyAuthentication>(
                KeyAuthentication.Name, keys => (keys.BootstrapKey, keys.DevelopmentKey) = (bootstrapKey, developmentKey));
        if (issuer is null)
            return;
        schemes.AddPolicyScheme(Either, null, options => options.ForwardDefaultSelector = http =>
            Bearer.Token(http.Request) is { } token && Token().IsMatch(token) ? Issuer.Scheme : KeyAuthentication.Name);
        schemes.AddJwtBearer(Issuer.Scheme, issuer.Configure);
        services.PostConfigure<JwtBearerOptions>(Issuer.Scheme, Issuer.ForgetOldKeys);
    }

    /// <summary>
    /// Three parts, the first a JSON object in base64url. The signature may be missing: that one is refused as a token too.
    /// </summary>
    [GeneratedRegex(@"^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$")]
    private static partial Regex Token();
}
