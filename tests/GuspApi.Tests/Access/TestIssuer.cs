using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace GuspApi.Tests.Access;

/// <summary>
/// A small OpenID Connect issuer: real RSA keys, its metadata and JWKS over HTTP. Tokens are put together by hand, right or wrong.
/// </summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication application;
    private SigningKey[] published;

    internal sealed record SigningKey(string Id, RSA Rsa);

    private TestIssuer(WebApplication application, SigningKey key) => (this.application, published, Key) = (application, [key], key);

    public string Address => application.Urls.Single();

    /// <summary>The key it signs with.</summary>
    public SigningKey Key { get; private set; }

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TestIssuer(builder.Build(), NewKey());
        issuer.application.MapGet("/.well-known/openid-configuration",
            () => Results.Json(new { issuer = issuer.Address, jwks_uri = issuer.Address + "/jwks" }));
        issuer.application.MapGet("/jwks", () => Results.Json(new { keys = issuer.published.Select(Public) }));
        await issuer.application.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public static SigningKey NewKey() => new(Guid.NewGuid().ToString("n"), RSA.Create(2048));

    /// <summary>As an issuer does: the new key signs from now on, the old one is no longer published.</summary>
    public void Rotate()
    {
        Key = NewKey();
        published = [Key];
    }

    public Dictionary<string, object> Claims(params (string Name, object? Value)[] changes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Address,
            ["aud"] = "gusp",
            ["sub"] = "camille",
            ["name"] = "Camille",
            ["scope"] = "openid read",
            ["nbf"] = now - 10,
            ["exp"] = now + 600,
        };
        foreach (var (name, value) in changes)
            if (value is null)
                claims.Remove(name);
            else
                claims[name] = value;
        return claims;
    }

    public string Token(Dictionary<string, object> claims) => Sign(Key, claims);

    public static string Sign(SigningKey key, Dictionary<string, object> claims)
    {
        var signed = Unsigned(new { alg = "RS256", typ = "JWT", kid = key.Id }, claims);
        return $"{signed}.{Encode(key.Rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>The public key, which everybody has, used as if it were a shared secret.</summary>
    public static string SignWithPublicKey(SigningKey key, byte[] secret, Dictionary<string, object> claims)
    {
        var signed = Unsigned(new { alg = "HS256", typ = "JWT", kid = key.Id }, claims);
        return $"{signed}.{Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Unsigned(object header, Dictionary<string, object> claims) =>
        $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    private static object Public(SigningKey key)
    {
        var numbers = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = key.Id, n = Encode(numbers.Modulus!), e = Encode(numbers.Exponent!) };
    }

    private static string Encode(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);
}
