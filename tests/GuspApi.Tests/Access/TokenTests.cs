using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Access;

/// <summary>Tokens of an issuer: the good one gets in with what it says, and each way to cheat is refused.</summary>
public sealed class TokenTests(TokenTests.IssuedApi api) : IClassFixture<TokenTests.IssuedApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private TestIssuer Issuer => api.Issuer;

    public sealed class IssuedApi(TestServer server) : Api(server)
    {
        internal TestIssuer Issuer { get; private set; } = null!;

        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("Authentication:Authority", Issuer.Address), ("Authentication:Audience", "gusp")];

        public override async ValueTask InitializeAsync()
        {
            Issuer = await TestIssuer.StartAsync();
            await base.InitializeAsync();
        }
    }

    [Fact]
    public async Task A_token_gets_in_with_the_scopes_and_perimeter_of_its_claims()
    {
        var landlord = await api.Given.Landlord();
        var token = Issuer.Token(Issuer.Claims(
            ("scope", "openid declare review"), ("gusp_landlords", new[] { landlord }), ("gusp_departments", new[] { "59", "62" })));

        var (status, me) = await Me(token);

        Assert.Equal(200, status);
        Assert.Equal("user:camille Camille", $"{me["id"]} {me["name"]}");
        Assert.Equal(["declare", "review"], me["scopes"]!.AsArray().Select(scope => (string)scope!));
        Assert.Equal([landlord], me["landlords"]!.AsArray().Select(siren => (string)siren!));
        Assert.Equal(["59", "62"], me["departments"]!.AsArray().Select(code => (string)code!));
        Assert.InRange((DateTime)me["expiresAt"]!, DateTime.UtcNow.AddMinutes(9), DateTime.UtcNow.AddMinutes(11));
        Assert.Equal(200, (await Me(Api.BootstrapKey)).Status); // Keys go on beside tokens.
    }

    [Fact]
    public async Task Each_way_to_cheat_is_refused()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var admin = Issuer.Claims(("scope", "admin"));
        var good = Issuer.Token(admin);
        Assert.Equal(200, (await Me(good)).Status);
        var parts = good.Split('.');
        var spki = Issuer.Key.Rsa.ExportSubjectPublicKeyInfo();
        var stranger = TestIssuer.NewKey();

        var cheats = new Dictionary<string, string>
        {
            ["alg none"] = TestIssuer.Unsigned(new { alg = "none", typ = "JWT" }, admin) + ".",
            ["alg None, signed"] = TestIssuer.Unsigned(new { alg = "None", typ = "JWT", kid = Issuer.Key.Id }, admin) + "." + parts[2],
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["another's signature"] = $"{parts[0]}.{parts[1]}.{Issuer.Token(Issuer.Claims()).Split('.')[2]}",
            ["altered claims"] =
                $"{parts[0]}.{TestIssuer.Unsigned(new { }, Issuer.Claims(("scope", "admin"), ("sub", "eve"))).Split('.')[1]}.{parts[2]}",
            ["swapped key"] = TestIssuer.Sign(stranger, admin),
            ["swapped key, its name kept"] = TestIssuer.Sign(stranger with { Id = Issuer.Key.Id }, admin),
            ["HS256 with the public key"] = TestIssuer.SignWithPublicKey(Issuer.Key, spki, admin),
            ["HS256 with the public key in PEM"] = TestIssuer.SignWithPublicKey(
                Issuer.Key, Encoding.ASCII.GetBytes(Issuer.Key.Rsa.ExportSubjectPublicKeyInfoPem()), admin),
            ["HS256 with the modulus"] = TestIssuer.SignWithPublicKey(Issuer.Key, Issuer.Key.Rsa.ExportParameters(false).Modulus!, admin),
            ["wrong audience"] = Issuer.Token(Issuer.Claims(("aud", "another"))),
            ["no audience"] = Issuer.Token(Issuer.Claims(("aud", null))),
            ["wrong issuer"] = Issuer.Token(Issuer.Claims(("iss", "https://issuer.example"))),
            ["no issuer"] = Issuer.Token(Issuer.Claims(("iss", null))),
            ["expired"] = Issuer.Token(Issuer.Claims(("nbf", now - 900), ("exp", now - 300))),
            ["no expiry"] = Issuer.Token(Issuer.Claims(("exp", null))),
            ["not yet valid"] = Issuer.Token(Issuer.Claims(("nbf", now + 300))),
            ["nobody"] = Issuer.Token(Issuer.Claims(("sub", null))),
            ["a control character in the name"] = Issuer.Token(Issuer.Claims(("sub", "camille\nbootstrap"))),
        };
        foreach (var (cheat, token) in cheats)
        {
            var (status, problem) = await Me(token);
            Assert.Equal((cheat, 401, "UNAUTHORIZED"), (cheat, status, (string)problem["code"]!));
            // Refused on open routes too.
            Assert.Equal((cheat, 401), (cheat, (await Me(token, "/v1/regions")).Status));
        }
    }

    [Fact]
    public async Task Scopes_that_are_not_ours_give_nothing()
    {
        Assert.Equal(403, (await Me(Issuer.Token(Issuer.Claims(("scope", "openid profile"))))).Status);
        Assert.Equal(403, (await Me(Issuer.Token(Issuer.Claims()), "/v1/keys")).Status);
        // Declaring without a landlord is declaring for nobody.
        Assert.Empty((await Me(Issuer.Token(Issuer.Claims(("scope", "declare"))))).Body["landlords"]!.AsArray());
    }

    [Theory]
    [InlineData("gusp_landlords", "99959\0")]
    [InlineData("gusp_landlords", "999590012")]
    [InlineData("gusp_departments", "59\0")]
    [InlineData("gusp_departments", "Nord")]
    [InlineData("scope", null)]
    public async Task A_claim_that_cannot_be_used_is_named_and_an_id_token_which_has_no_scope_is_refused(string claim, string? value)
    {
        object? values = value is null ? null : new[] { value };
        var token = Issuer.Token(Issuer.Claims(("scope", "declare review"), (claim, values)));

        foreach (var path in new[] { "/v1/me", "/v1/declarations", "/v1/regions" })
        {
            var (status, problem) = await Me(token, path);
            Assert.Equal((401, "UNAUTHORIZED"), (status, (string)problem["code"]!));
            Assert.StartsWith($"The token's claim {claim} is missing or malformed", (string)problem["detail"]!);
        }
    }

    [Fact]
    public async Task A_name_that_is_none_is_left_out()
    {
        var (status, me) = await Me(Issuer.Token(Issuer.Claims(("name", "Cam\0ille"))));

        Assert.Equal((200, "camille"), (status, (string)me["name"]!));
    }

    [Fact]
    public async Task The_issuer_changes_its_key_without_a_restart()
    {
        var old = Issuer.Token(Issuer.Claims());
        Assert.Equal(200, (await Me(old)).Status);
        Issuer.Rotate();

        // The first token with the new key makes the keys be read again, once in ten seconds at most.
        var until = DateTime.UtcNow.AddSeconds(30);
        while ((await Me(Issuer.Token(Issuer.Claims()))).Status != 200 && DateTime.UtcNow < until)
            await Task.Delay(100, Ct);

        Assert.Equal(200, (await Me(Issuer.Token(Issuer.Claims()))).Status);
        Assert.Equal(401, (await Me(old)).Status);
    }

    private async Task<(int Status, JsonNode Body)> Me(string token, string path = "/v1/me")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var answer = await api.Anonymous.SendAsync(request, Ct);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!);
    }
}
