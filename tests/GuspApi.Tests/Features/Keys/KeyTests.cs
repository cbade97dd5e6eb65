using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Auth;

namespace GuspApi.Tests.Features.Keys;

public sealed class KeyTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_shown_once_and_says_who_it_is()
    {
        var landlord = await api.Given.Landlord();
        var made = await Create(
            new { name = "ETL", scopes = new[] { "declare" }, landlords = new[] { landlord }, expiresAt = "2090-01-01T00:00:00Z" });

        var me = await Json(await Get("/v1/me", (string)made["key"]!));
        var shown = await Json(await api.Admin.GetAsync($"/v1/keys/{made["id"]}", Ct));

        Assert.Matches(KeyText.Pattern, (string)made["key"]!);
        Assert.Equal(
            ($"key:{made["id"]}", "ETL", "declare", landlord, new DateTime(2090, 1, 1)),
            ((string)me["id"]!, (string)me["name"]!, (string)me["scopes"]![0]!, (string)me["landlords"]![0]!, (DateTime)me["expiresAt"]!));
        Assert.Equal(("bootstrap", "ETL"), ((string)shown["createdBy"]!, (string)shown["name"]!));
        var everywhere = shown.ToJsonString() + await api.Admin.GetStringAsync("/v1/keys?limit=1000", Ct) + await Stored();
        Assert.DoesNotContain(((string)made["key"]!)[18..], everywhere);
    }

    [Theory]
    [InlineData("update api_key set expires_at = now() where id = $1")]
    [InlineData("delete from api_key where id = $1")]
    public async Task A_key_that_is_changed_by_hand_is_not_believed_as_it_was(string sql)
    {
        var made = await Create(new { name = "Perdue", scopes = new[] { "read" } });
        var other = api.Instance();
        Assert.Equal((200, 200), (await Status(other, made), await Status(api.Anonymous, made)));

        await api.Given.Sql(sql, (string)made["id"]!);

        Assert.Equal((401, 401), (await Status(other, made), await Status(api.Anonymous, made)));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_by_every_instance()
    {
        var made = await Create(new { name = "Perdue", scopes = new[] { "read" } });
        var other = api.Instance();
        Assert.Equal(200, await Status(other, made));

        Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{made["id"]}")).Status);

        Assert.Equal(401, await Status(other, made));
        Assert.Equal(401, await Status(api.Anonymous, made));
        Assert.Equal(204, (await api.Admin.Remove($"/v1/keys/{made["id"]}")).Status);
        Assert.Equal(409, (int)(await api.Admin.PostAsync($"/v1/keys/{made["id"]}/rotate", null, Ct)).StatusCode);
    }

    [Fact]
    public async Task Both_secrets_are_good_while_a_key_is_rotated()
    {
        var first = await Create(new { name = "Tourne", scopes = new[] { "read" } });
        var path = $"/v1/keys/{first["id"]}/rotate";

        var second = await Json(await api.Admin.PostAsync(path, null, Ct));
        Assert.Equal((200, 200), (await Status(api.Anonymous, first), await Status(api.Anonymous, second)));
        Assert.InRange((DateTime)second["previousExpiresAt"]!, DateTime.UtcNow.AddHours(23), DateTime.UtcNow.AddHours(25));

        var third = await Json(await api.Admin.PostAsJsonAsync(path, new { overlapHours = 0 }, Ct));
        Assert.Equal((401, 401, 200), (await Status(api.Anonymous, first), await Status(api.Anonymous, second),
            await Status(api.Anonymous, third)));
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var made = await Create(new { name = "Courte", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow.AddMinutes(5) });
        await api.Given.Sql("update api_key set expires_at = now() - interval '1 second' where id = $1", (string)made["id"]!);

        Assert.Equal(401, await Status(api.Anonymous, made));
    }

    [Fact]
    public async Task Its_last_use_is_known_to_the_minute()
    {
        var made = await Create(new { name = "Utile", scopes = new[] { "read" } });
        await Status(api.Anonymous, made);

        for (var i = 0; i < 100 && await Used() is null; i++)
            await Task.Delay(20, Ct);

        var once = await Used();
        Assert.NotNull(once);
        await Status(api.Anonymous, made);
        await Task.Delay(100, Ct);
        Assert.Equal(once, await Used());

        async Task<string?> Used() => (string?)(await Json(await api.Admin.GetAsync($"/v1/keys/{made["id"]}", Ct)))["lastUsedAt"];
    }

    [Theory]
    [InlineData("""{ "scopes": ["read"] }""", "NAME_INVALID")]
    [InlineData("""{ "name": "x", "scopes": [] }""", "SCOPES_INVALID")]
    [InlineData("""{ "name": "x", "scopes": ["root"] }""", "SCOPES_INVALID")]
    [InlineData("""{ "name": "x", "scopes": ["declare"] }""", "LANDLORDS_INVALID")]
    [InlineData("""{ "name": "x", "scopes": ["read"], "departments": ["59"] }""", "DEPARTMENTS_INVALID")]
    [InlineData("""{ "name": "x", "scopes": ["declare"], "landlords": ["732829320"] }""", "LANDLORD_UNKNOWN")]
    [InlineData("""{ "name": "x", "scopes": ["review"], "departments": ["00"] }""", "DEPARTMENT_UNKNOWN")]
    [InlineData("""{ "name": "x", "scopes": ["read"], "expiresAt": "2020-01-01T00:00:00Z" }""", "EXPIRY_PAST")]
    public async Task A_key_that_makes_no_sense_is_not_made(string body, string code)
    {
        var answer = await api.Admin.PostAsync("/v1/keys", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Ct);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((422, code), ((int)answer.StatusCode, (string)problem["errors"]![0]!["code"]!));
    }

    [Fact]
    public void Its_checksum_tells_a_typo_from_a_key()
    {
        var text = KeyText.New().Text;

        Assert.True(KeyText.TryRead(text, out var read));
        Assert.Equal(text.Split('_')[1], read.Id);
        Assert.DoesNotContain(text[18..], read.ToString());
        for (var place = 18; place < text.Length; place++)
            Assert.False(KeyText.TryRead(text[..place] + (text[place] == 'a' ? 'b' : 'a') + text[(place + 1)..], out _));
    }

    /// <summary>The command prints the key alone; what it needs to say goes elsewhere.</summary>
    [Fact]
    public async Task The_command_line_makes_the_first_key()
    {
        var (code, output, errors) = await ApiProcess.RunAsync(
            ["keys", "create", "--name", "Première", "--scope", "admin"], Ct, ("ConnectionStrings__Gusp", api.ConnectionString));

        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(KeyText.Pattern, output.Trim());
        Assert.Contains("admin", (await Json(await Get("/v1/me", output.Trim())))["scopes"]!.ToJsonString());

        (code, output, errors) = await ApiProcess.RunAsync(
            ["keys", "create", "--scope", "admin"], Ct, ("ConnectionStrings__Gusp", api.ConnectionString));
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("--name NAME", errors);
    }

    private async Task<JsonNode> Create(object body) => await Json(await api.Admin.PostAsJsonAsync("/v1/keys", body, Ct));

    private Task<string> Stored() => api.Given.Scalar<string>(
        "select string_agg(api_key::text, ' ') || (select string_agg(change::text, ' ') from change) from api_key");

    private async Task<int> Status(HttpClient client, JsonNode key) => (int)(await Get("/v1/me", (string)key["key"]!, client)).StatusCode;

    private async Task<HttpResponseMessage> Get(string path, string key, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
        return await (client ?? api.Anonymous).SendAsync(request, Ct);
    }

    private static async Task<JsonNode> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
