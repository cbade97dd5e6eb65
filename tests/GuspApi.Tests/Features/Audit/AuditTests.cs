using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Audit;

public sealed class AuditTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_write_says_who_when_from_which_key_and_for_which_request()
    {
        var landlord = await api.Given.Landlord();
        var qpv = await api.Given.Qpv("QP059700");
        var made = await api.Admin.PostAsJsonAsync(
            "/v1/keys", new { name = "ETL du soir", scopes = new[] { "declare" }, landlords = new[] { landlord } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/holdings/{landlord}/2022/{qpv}")
        {
            Content = JsonContent.Create(new { dwellings = 10, abatement = 100 }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", (string)key["key"]!) },
        };
        request.Headers.Add("If-None-Match", "*");
        request.Headers.Add("X-Request-Id", "soir-1");
        Assert.Equal(201, (int)(await api.Anonymous.SendAsync(request, Ct)).StatusCode);

        var (_, audit, _) = await api.Admin.Read($"/v1/audit?actor=key:{key["id"]}");
        var (_, keys, _) = await api.Admin.Read($"/v1/audit?objectType=key&object={key["id"]}");

        var write = audit["data"]!.AsArray().Single()!;
        Assert.Equal(
            ($"key:{key["id"]}", "ETL du soir", "soir-1", "holding.created", $"/v1/holdings/{landlord}/2022/{qpv}"),
            ((string)write["actor"]!, (string)write["actorName"]!, (string)write["requestId"]!, (string)write["event"]!,
                (string)write["object"]!["href"]!));
        Assert.InRange((DateTime)write["at"]!, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(("bootstrap", "key.created"), ((string)keys["data"]![0]!["actor"]!, (string)keys["data"]![0]!["event"]!));
    }

    [Fact]
    public async Task A_step_tells_its_comment()
    {
        var landlord = await api.Given.Landlord();
        var qpv = await api.Given.Qpv("QP059701");
        await api.Given.Declaration(landlord, 2022, qpv, "SUBMITTED", 100m);
        var path = $"/v1/declarations/{landlord}/2022/{qpv}";
        await api.Admin.PostAsJsonAsync(path + "/request-changes", new { comment = "Précisez l'axe 3." }, Ct);

        var (_, audit, _) = await api.Admin.Read($"/v1/audit?objectType=declaration&object={landlord}/2022/{qpv}&limit=1");

        var write = audit["data"]!.AsArray().Single()!;
        Assert.Equal(("declaration.changes_requested", "Précisez l'axe 3."), ((string?)write["event"], (string?)write["comment"]));
    }

    [Fact]
    public async Task Pages_go_back_in_time_and_miss_nothing()
    {
        for (var i = 0; i < 5; i++)
            await api.Given.Landlord();
        var since = DateTime.UtcNow.AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var (_, whole, _) = await api.Admin.Read($"/v1/audit?since={since}&objectType=landlord&limit=1000");

        var seen = new List<string>();
        for (var next = $"/v1/audit?since={since}&objectType=landlord&limit=2"; next is not null;)
        {
            var (_, page, _) = await api.Admin.Read(next);
            seen.AddRange(page["data"]!.AsArray().Select(write => write!.ToJsonString()));
            next = (string?)page["links"]!["next"];
        }

        Assert.Equal(whole["data"]!.AsArray().Select(write => write!.ToJsonString()), seen);
        Assert.True(seen.Count >= 5);
        var revisions = whole["data"]!.AsArray().Select(write => (long)write!["revision"]!).ToList();
        Assert.Equal(revisions.OrderDescending(), revisions);
        Assert.Empty((await api.Admin.Read("/v1/audit?until=2020-01-01T00:00:00Z")).Body["data"]!.AsArray());
    }
}
