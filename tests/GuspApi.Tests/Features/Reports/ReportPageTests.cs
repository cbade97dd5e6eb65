using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GuspApi.Tests.Features.Reports;

/// <summary>The page of a report says what the leaflet says, and what paper cannot, without script or anything from elsewhere.</summary>
public sealed partial class ReportPageTests(DemoApi api) : IClassFixture<DemoApi>
{
    private const string Reference = "/v1/reports/region?code=32&from=2019&to=2022";

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>
    /// To accept a change: <c>GUSP_UPDATE_APPROVED=1 dotnet test --filter ReportPageTests</c>, read the difference, commit.
    /// </summary>
    [Theory]
    [InlineData("fr")]
    [InlineData("en")]
    public async Task The_reference_page_reads_as_approved(string language)
    {
        // The revision tells what else the tests of this class have written.
        var text = Regex.Replace(TextOf(await Page(Reference, language)), @"(?<=R[eé]vision (of the data|des données)\s?: )\d+", "N");

        var approved = Path.Combine(Path.GetDirectoryName(Here())!, $"ReferencePage.{language}.txt");
        if (Environment.GetEnvironmentVariable("GUSP_UPDATE_APPROVED") == "1")
            await File.WriteAllTextAsync(approved, text, Ct);
        Assert.Equal((await File.ReadAllTextAsync(approved, Ct)).ReplaceLineEndings("\n"), text);
    }

    [Theory]
    [InlineData("34,8_millions_€")]
    [InlineData("83_%")]
    [InlineData("193_€")]
    [InlineData("1,20_€")]
    [InlineData("361'350")]
    [InlineData("9,2_M€")]
    [InlineData("5,1_M€")]
    [InlineData("7,5_M€")]
    [InlineData("13_M€")]
    [InlineData("13'353'200_€")]
    [InlineData("Gestion des déchets et encombrants / épaves")]
    [InlineData("65'000_€")]
    [InlineData("Sogea")]
    [InlineData("Participation et implication des habitants'; amélioration")]
    public async Task Nothing_of_the_leaflet_is_missing(string printed) =>
        Assert.Contains(printed.Replace('_', '\u00A0').Replace('\'', '\u202F'), WebUtility.HtmlDecode(await Page(Reference, "fr"))
            .Replace("<wbr>", ""), StringComparison.Ordinal);

    [Theory]
    [InlineData(Reference)]
    [InlineData("/v1/reports/country?from=2019&to=2022")]
    [InlineData("/v1/reports/department?code=59&from=2020&to=2021")]
    [InlineData("/v1/reports/epci?code=200093201&from=2022&to=2022")]
    [InlineData("/v1/reports/commune?code=59350&from=2019&to=2022")]
    [InlineData("/v1/reports/qpv?code=QP059001&from=2019&to=2022")]
    [InlineData("/v1/reports/landlord?code=999590011&from=2019&to=2022")]
    [InlineData("/v1/reports/region?code=11&from=2019&to=2022")]
    [InlineData("/")]
    public async Task Pages_run_no_script_and_fetch_nothing(string path)
    {
        using var answer = await Get(path, "fr");
        var page = await answer.Content.ReadAsStringAsync(Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotMatch(Fetches(), page);
        Assert.StartsWith("default-src 'none'; style-src 'unsafe-inline';", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Each_drawing_has_a_title_a_description_and_a_table_beside_it()
    {
        var page = await Page(Reference, "fr");

        var drawings = Drawings().Matches(page).Select(match => match.Value).ToList();
        Assert.Equal(4, drawings.Count);
        Assert.All(drawings, drawing => Assert.Matches(
            """^<svg[^>]* role="img" aria-labelledby="(\w+)-title \1-text"><title id="\1-title">[^<]+</title><desc id="\1-text">[^<]+</desc>""", drawing));
        Assert.All(page.Split("<figure>").Skip(1), part => Assert.Contains("<table><caption>", part));
    }

    [Fact]
    public async Task Json_and_page_give_the_same_figures_in_the_language_asked_for()
    {
        var report = await Json(Reference, "en");
        var page = WebUtility.HtmlDecode(await Page(Reference, "en"));

        Assert.Equal("€34.8\u00A0million", (string?)report["headline"]!["expensePerYear"]!["printed"]);
        Assert.All(report["headline"]!.AsObject().Select(figure => (string)figure.Value!["printed"]!),
            printed => Assert.Contains(printed, page, StringComparison.Ordinal));
        Assert.All(report["years"]!.AsArray().Select(year => (string)year!["figures"]!["expensePerYear"]!["printed"]!),
            printed => Assert.Contains(printed, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_language_has_a_tag_of_its_own_and_nothing_new_is_304()
    {
        using var french = await Get(Reference, "fr");
        using var english = await Get(Reference, "en");
        using var again = new HttpRequestMessage(HttpMethod.Get, Reference);
        again.Headers.Accept.ParseAdd("text/html");
        again.Headers.AcceptLanguage.ParseAdd("fr");
        again.Headers.IfNoneMatch.Add(french.Headers.ETag!);

        Assert.NotEqual(french.Headers.ETag, english.Headers.ETag);
        Assert.NotEqual(english.Headers.ETag, (await api.Anonymous.GetAsync(Reference, Ct)).Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, (await api.Anonymous.SendAsync(again, Ct)).StatusCode);
    }

    [Fact]
    public async Task Compares_with_the_region_with_the_period_before_and_between_qpvs()
    {
        var report = await Json("/v1/reports/department?code=59&from=2021&to=2022", "fr");

        Assert.Equal(["ITSELF Nord 2021-2022", "REFERENCE Hauts-de-France 2021-2022", "PREVIOUS_PERIOD 2019-2020 2019-2020"],
            report["comparisons"]!.AsArray().Select(c => $"{c!["with"]} {c["label"]} {c["period"]!["from"]}-{c["period"]!["to"]}"));
        foreach (var comparison in report["comparisons"]!.AsArray())
        {
            var row = (await Json((string)comparison!["links"]!["indicators"]!, "fr"))["data"]![0]!;
            Assert.Equal(row["expensePerDwelling"]!.ToJsonString(), comparison["figures"]!["expensePerDwelling"]!["value"]!.ToJsonString());
        }
        Assert.Equal(["2019 False", "2020 False", "2021 True", "2022 True"], report["years"]!.AsArray()
            .Select(y => $"{y!["year"]} {(bool)y["inPeriod"]!}"));

        var spread = report["spread"]!;
        var figures = (await Json((string)spread["links"]!["indicators"]! + "&limit=1000", "fr"))["data"]!.AsArray()
            .Select(row => (decimal)row!["expensePerDwelling"]!).Order().ToList();
        Assert.Equal((figures.Count, figures[0], figures[^1]),
            ((int)spread["qpvs"]!["value"]!, (decimal)spread["lowest"]!["value"]!, (decimal)spread["highest"]!["value"]!));
        Assert.Equal(figures[figures.Count / 2], (decimal)spread["median"]!["value"]!); // 95 QPVs: the one in the middle
    }

    [Fact]
    public async Task Draws_the_outlines_that_the_database_has_and_says_so_where_it_has_none()
    {
        const string path = "/v1/reports/commune?code=59350&from=2019&to=2022";
        var before = TextOf(await Page(path, "fr"));
        await api.Given.Sql("""
            update qpv set geometry = '{"type":"Polygon","coordinates":[[[3.05,50.6],[3.07,50.6],[3.07,50.62],[3.05,50.6]]]}', version = version + 1,
              min_longitude = 3.05, min_latitude = 50.6, max_longitude = 3.07, max_latitude = 50.62
            where code = (select min(qpv_code) from qpv_commune where commune_code = '59350')
            """);
        var after = await Page(path, "fr");
        await api.Given.Sql("""
            update qpv set geometry = null, version = version + 1, min_longitude = null, min_latitude = null,
              max_longitude = null, max_latitude = null
            where geometry is not null
            """);

        Assert.Contains("Schéma, et non carte", before);
        Assert.Contains("1 QPV placés d’après leur contour", TextOf(after));
        Assert.Matches("""<path class="area q\d" d="M[0-9. ]+L[0-9. ]+L[0-9. ]+L[0-9. ]+z"/>""", after);
    }

    private async Task<HttpResponseMessage> Get(string path, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        request.Headers.AcceptLanguage.ParseAdd(language);
        return await api.Anonymous.SendAsync(request, Ct);
    }

    private async Task<string> Page(string path, string language)
    {
        using var answer = await Get(path, language);
        Assert.Equal(language, answer.Content.Headers.ContentLanguage.Single());
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    private async Task<JsonNode> Json(string path, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptLanguage.ParseAdd(language);
        var answer = await api.Anonymous.SendAsync(request, Ct);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
    }

    /// <summary>What a reader reads: a line for each block or row, cells set apart by a bar.</summary>
    private static string TextOf(string page)
    {
        var text = Unread().Replace(page, "");
        text = WebUtility.HtmlDecode(Tags().Replace(Blocks().Replace(Cells().Replace(text, " | "), "\n"), ""));
        return string.Join('\n', text.Split('\n').Select(line => Spaces().Replace(line, " ").Trim(' ', '|'))
            .Where(line => line.Length > 0)) + "\n";
    }

    private static string Here([CallerFilePath] string here = "") => here;

    [GeneratedRegex("""<script|<link|<img|<iframe|@import|url\(|\ssrc=|\son[a-z]+=|(?:href|action)="(?!/|\#)""", RegexOptions.IgnoreCase)]
    private static partial Regex Fetches();

    [GeneratedRegex("<svg class=\"chart\".*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Drawings();

    [GeneratedRegex("<style>.*?</style>|<!DOCTYPE html>", RegexOptions.Singleline)]
    private static partial Regex Unread();

    [GeneratedRegex("</t[hd]>|</desc>|</text>|</dt>")]
    private static partial Regex Cells();

    [GeneratedRegex(@"\n|</?(?:p|h[1-6]|li|tr|div|dl|ul|section|title|figcaption|caption|svg|article)\b[^>]*>")]
    private static partial Regex Blocks();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("[ \t]+")]
    private static partial Regex Spaces();
}
