using System.Net;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Features.Landing;

public sealed partial class StartPageTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fr", "Pour les développeurs", "En service")]
    [InlineData("en", "For developers", "In service")]
    public async Task Leads_people_to_a_report_and_developers_on(string language, string heading, string status)
    {
        var page = await Page("/", language);

        Assert.Contains($"<html lang=\"{language}\">", page);
        Assert.Contains(heading, page);
        Assert.Contains(status, page);
        Assert.Contains($"curl -fsS \"{api.Anonymous.BaseAddress}v1/reports/regional?region=32&from=2019&to=2022\"", page);
        foreach (var path in Paths().Matches(page).Select(match => match.Groups[1].Value).Distinct())
            Assert.Equal((path, HttpStatusCode.OK), (path, (await api.Anonymous.GetAsync(path, Ct)).StatusCode));
    }

    [Theory]
    [InlineData("hauts-de", "/v1/reports/region?code=32&from=2020&to=2021&format=html")]
    [InlineData("amiens", "/v1/reports/commune?code=80021&from=2020&to=2021&format=html")]
    [InlineData("SOMME", "/v1/reports/department?code=80&from=2020&to=2021&format=html")]
    [InlineData("32", "/v1/reports/region?code=32&from=2020&to=2021&format=html")]
    [InlineData("QP059001", "/v1/reports/qpv?code=QP059001&from=2020&to=2021&format=html")]
    [InlineData("999590011", "/v1/reports/landlord?code=999590011&from=2020&to=2021&format=html")]
    [InlineData("<script>", null)]
    public async Task Finds_a_territory_or_landlord_by_name_or_code(string words, string? report)
    {
        var page = await Page($"/?q={Uri.EscapeDataString(words)}&from=2020&to=2021", "fr");

        Assert.Contains(report ?? "Rien ne s’appelle", page);
        Assert.DoesNotContain("<script>", page);
    }

    [Theory]
    [InlineData("/?year=2020", 400)]
    [InlineData("/?q=&from=2020", 400)]
    [InlineData("/?from=1789", 400)]
    public async Task Refuses_what_it_does_not_understand(string path, int status) =>
        Assert.Equal(status, (int)(await api.Anonymous.GetAsync(path, Ct)).StatusCode);

    private async Task<string> Page(string path, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptLanguage.ParseAdd(language);
        var answer = await api.Anonymous.SendAsync(request, Ct);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        // Decoded where it is asked for: what a visitor typed must stay encoded.
        return (await answer.Content.ReadAsStringAsync(Ct)).Replace("&amp;", "&", StringComparison.Ordinal);
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Paths();
}

/// <summary>Closed data: the page stands, and names nobody.</summary>
public sealed class ClosedStartPageTests(ClosedStartPageTests.ClosedApi api) : IClassFixture<ClosedStartPageTests.ClosedApi>
{
    public sealed class ClosedApi(TestServer server) : Api(server)
    {
        protected override bool Demo => true;
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:OpenData", "false")];
    }

    [Fact]
    public async Task Shows_the_report_picker_to_known_callers_alone()
    {
        var anonymous = await api.Anonymous.GetStringAsync("/?q=Nord", TestContext.Current.CancellationToken);
        var known = await api.Admin.GetStringAsync("/?q=Nord", TestContext.Current.CancellationToken);

        Assert.Contains("GuspApi", anonymous);
        Assert.DoesNotContain("Bailleur fictif", anonymous);
        Assert.DoesNotContain("<form", anonymous);
        Assert.Contains("Bailleur fictif", known);
    }
}
