using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Reports;

/// <summary>The printed leaflet of 2019-2022 is the reference case: its figures come out of the API as they are printed.</summary>
public sealed class LeafletTests(DemoApi api) : IClassFixture<DemoApi>
{
    private const string Period = "from=2019&to=2022";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("expensePerYear", "34,8_millions_€")]
    [InlineData("coverageRate", "83_%")]
    [InlineData("expensePerDwelling", "193_€")]
    [InlineData("spentPerEuroReceived", "1,20_€")]
    [InlineData("inhabitants", "361'350")]
    [InlineData("qpvs", "199")]
    [InlineData("communes", "141")]
    public async Task Prints_the_headline(string figure, string printed)
    {
        var report = await Read($"/v1/reports/regional?region=32&{Period}");

        Assert.Equal(Spaced(printed), (string?)report["headline"]![figure]!["printed"]);
    }

    [Fact]
    public async Task Prints_the_themes()
    {
        var report = await Read($"/v1/reports/region?code=32&{Period}");

        Assert.Equal(
            ["ENVIRONNEMENT 9,2_M€ 3,4,5", "PROXIMITE 5,1_M€ 1,2", "VIE_SOCIALE 7,5_M€ 6,7", "TRAVAUX 13_M€ 8"],
            report["themes"]!.AsArray().OrderBy(
                theme => Array.IndexOf(["ENVIRONNEMENT", "PROXIMITE", "VIE_SOCIALE", "TRAVAUX"], (string)theme!["code"]!)).Select(theme =>
                $"{theme!["code"]} {((string)theme["expensePerYear"]!["printed"]!).Replace('\u00A0', '_')} "
                + string.Join(',', theme["axes"]!.AsArray().Select(axis => (string)axis!["number"]!))));
    }

    [Fact]
    public async Task Gives_the_figures_of_each_departement_exactly()
    {
        var answer = await Read(
            $"/v1/indicators?{Period}&groupBy=department&region=32&measures=expensePerYear,dwellings,inhabitants&sort=-dwellings&totals=true");

        Assert.Equal(
            [
                "59 13353200.00 84073.00 168150", "62 8309550.00 56802.00 113600", "60 5477614.00 19551.00 39100",
                "80 5030087.00 11028.00 22050", "02 2663891.00 9224.00 18450",
            ],
            answer["data"]!.AsArray().Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{row!["group"]!["department"]!["code"]} {row["expensePerYear"]!.ToJsonString()} {row["dwellings"]!.ToJsonString()} "
                    + $"{row["inhabitants"]!.ToJsonString()}")));
        Assert.Equal("34834342.00", answer["totals"]!["expensePerYear"]!.ToJsonString());
        Assert.Equal("361350", answer["totals"]!["inhabitants"]!.ToJsonString());
    }

    [Fact]
    public async Task Tells_the_next_level_the_quoted_figure_the_projects_and_the_completeness()
    {
        var report = await Read($"/v1/reports/region?code=32&{Period}");

        Assert.Equal(["59", "62", "60", "80", "02"], report["parts"]!["rows"]!.AsArray().Select(row => (string)row!["code"]!));
        Assert.Equal(Spaced("36_%"), (string?)report["quotes"]![0]!["printed"]);
        Assert.Equal(3, report["projects"]!.AsArray().Count);
        Assert.Equal(1m, (decimal)report["completeness"]!["completeness"]!["value"]!);
    }

    [Theory]
    [InlineData("department", "59", "epci")]
    [InlineData("epci", null, "commune")]
    [InlineData("commune", null, "qpv")]
    [InlineData("qpv", null, "landlord")]
    [InlineData("landlord", null, "department")]
    public async Task Reports_of_every_scope_agree_with_the_indicators(string scope, string? code, string next)
    {
        code ??= (string)(await Read($"/v1/indicators?{Period}&groupBy={scope}&limit=1"))["data"]![0]!["group"]![scope]!["code"]!;

        var report = await Read($"/v1/reports/{scope}?code={code}&{Period}");
        var row = (await Read($"/v1/indicators?{Period}&{scope}={code}"))["data"]![0]!;

        Assert.Equal(next, (string?)report["parts"]!["level"]);
        Assert.Equal(row["expensePerYear"]!.ToJsonString(), report["headline"]!["expensePerYear"]!["value"]!.ToJsonString());
        Assert.Equal(row["coverageRate"]!.ToJsonString(), report["headline"]!["coverageRate"]!["value"]!.ToJsonString());
    }

    [Fact]
    public async Task Serves_a_page_without_script_and_with_everything_encoded()
    {
        await api.Given.Sql("insert into project (title, description, objectives, partners, landlord_name, source, "
            + "version) values ('<script>x</script>', 'd', '{}', '{}', 'l', 's', 1)");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/reports/regional?region=32&from=2020&to=2022");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("text/html"));

        var answer = await api.Anonymous.SendAsync(request, Ct);
        await api.Given.Sql("delete from project where landlord_name = 'l'");

        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<html lang=\"fr\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/reports/region", 400, "MISSING_PARAMETER")]
    [InlineData("/v1/reports/region?code=599999", 400, "INVALID_PARAMETER")]
    [InlineData("/v1/reports/town?code=59", 400, "INVALID_PARAMETER")]
    [InlineData("/v1/reports/regional?region=32&from=2022&to=2019", 400, "PERIOD_REVERSED")]
    [InlineData("/v1/reports/regional?region=32&format=pdf", 400, "INVALID_PARAMETER")]
    [InlineData("/v1/reports/commune?code=59999", 404, null)]
    public async Task Refuses_what_is_no_report(string path, int status, string? code)
    {
        var answer = await api.Anonymous.GetAsync(path, Ct);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, problem["errors"]!.AsArray().Select(error => (string?)error!["code"]).FirstOrDefault());
    }

    [Fact]
    public async Task Answers_by_departement_in_a_moment()
    {
        var path = $"/v1/indicators?{Period}&groupBy=department";
        await Read(path);
        var times = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await Read(path);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var median = times.Order().ElementAt(4);
        TestContext.Current.TestOutputHelper!.WriteLine($"median {median:F1} ms");
        Assert.True(median < 1000, $"{median:F1} ms");
    }

    private async Task<JsonNode> Read(string path)
    {
        var answer = await api.Anonymous.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
    }

    private static string Spaced(string text) => text.Replace('_', '\u00A0').Replace('\'', '\u202F');
}
