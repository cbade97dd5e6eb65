using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Auth;

namespace GuspApi.Tests.Http;

/// <summary>So many requests a second, and not one more.</summary>
public sealed class LimitTests(LimitTests.LimitedApi api) : IClassFixture<LimitTests.LimitedApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class LimitedApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Gusp:RateLimit:PerKey", "8"), ("Gusp:RateLimit:PerAddress", "5"), ("Gusp:RateLimit:WrongKeys", "6"),
            ("Gusp:KnownProxies", "127.0.0.1, 10.0.0.0/8"),
        ];
    }

    [Fact]
    public async Task An_address_without_key_has_so_many_requests_a_second()
    {
        var answers = await BurstAsync(20, () => From("192.0.2.1", "/v1"));

        var refused = answers.Where(answer => (int)answer.StatusCode == 429).ToList();
        // The window may turn once within the burst.
        Assert.InRange(20 - refused.Count, 5, 10);
        var problem = JsonNode.Parse(await refused[0].Content.ReadAsStringAsync(Ct))!;
        Assert.Equal(
            ("TOO_MANY_REQUESTS", "1", "\"address\";q=5;w=1", "\"address\";r=0;t=1"),
            ((string)problem["code"]!, Header(refused[0], "Retry-After"), Header(refused[0], "RateLimit-Policy"),
                Header(refused[0], "RateLimit")));
        Assert.Equal(200, (int)(await api.Anonymous.SendAsync(From("192.0.2.2", "/v1"), Ct)).StatusCode);
    }

    [Fact]
    public async Task Guesses_of_keys_count_for_their_address()
    {
        var answers = await BurstAsync(20, () => From("192.0.2.3", "/v1", "a-guess-that-is-wrong"));

        Assert.Equal([401, 429], answers.Select(answer => (int)answer.StatusCode).Distinct().Order());
    }

    [Fact]
    public async Task Wrong_keys_are_looked_up_a_few_times_for_an_address_and_lock_no_good_key_out()
    {
        var (good, fresh) = (await Key(), await Key());
        Assert.Equal(200, (int)(await api.Anonymous.SendAsync(From("192.0.2.7", "/v1/me", good), Ct)).StatusCode);

        var answers = new List<HttpResponseMessage>();
        for (var turn = 0; turn < 10; turn++)
            answers.AddRange(await BurstAsync(4, () => From("192.0.2.7", "/v1/me", KeyText.New().Text)));

        var refused = answers.Where(answer => answer.Headers.RetryAfter?.ToString() == "60").ToList();
        Assert.True(refused.Count >= 20, $"{refused.Count} of {answers.Count}");
        var problem = JsonNode.Parse(await refused[0].Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((429, "TOO_MANY_WRONG_KEYS"), ((int)refused[0].StatusCode, (string)problem["code"]!));
        Assert.Equal(200, (int)(await api.Anonymous.SendAsync(From("192.0.2.7", "/v1/me", good), Ct)).StatusCode);
        Assert.Equal(200, (int)(await api.Anonymous.SendAsync(From("192.0.2.8", "/v1/me", fresh), Ct)).StatusCode);
    }

    [Fact]
    public async Task Each_key_has_its_own_wherever_it_comes_from_and_the_bootstrap_key_has_none()
    {
        var (first, second) = (await Key(), await Key());
        var turn = 0;

        var answers = await BurstAsync(24, () => From($"192.0.2.{100 + turn++}", "/v1/me", first));

        Assert.InRange(answers.Count(answer => answer.IsSuccessStatusCode), 8, 16);
        var other = await api.Anonymous.SendAsync(From("192.0.2.100", "/v1/me", second), Ct);
        var me = JsonNode.Parse(await other.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((8, 7), ((int)me["quota"]!["limit"]!, (int)me["quota"]!["left"]!));
        Assert.All(await BurstAsync(30, () => From("192.0.2.4", "/v1/me", Api.BootstrapKey)),
            answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task An_address_is_believed_from_a_known_proxy_alone_and_health_is_not_counted()
    {
        // The nearest proxy that is not known is the caller, whatever it says of those before it.
        var turn = 0;
        var answers = await BurstAsync(20, () => From($"198.51.100.{turn++}, 192.0.2.9, 10.0.0.4", "/v1"));
        Assert.Contains(answers, answer => (int)answer.StatusCode == 429);

        Assert.All(await BurstAsync(30, () => From("192.0.2.9", "/health/live")), answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    private async Task<string> Key()
    {
        var made = await api.Admin.PostAsJsonAsync("/v1/keys", new { name = "Limitée", scopes = new[] { "read" } }, Ct);
        return (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!["key"]!;
    }

    private async Task<HttpResponseMessage[]> BurstAsync(int count, Func<HttpRequestMessage> request) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => request()).ToList()
            .Select(message => api.Anonymous.SendAsync(message, Ct)));

    private static HttpRequestMessage From(string addresses, string path, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", addresses);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();
}
