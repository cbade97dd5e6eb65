using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>Two landlords, two QPVs; the second lies in Lille and Arras, so in two EPCI.</summary>
public sealed class TwoNeighbourhoods(TestServer server) : Api(server)
{
    internal string Declared { get; private set; } = "";
    internal string Silent { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Declared = await Given.Landlord("Habitat déclarant", "OPH");
        Silent = await Given.Landlord("=Habitat, muet", "ESH");
        await Given.Qpv("QP059001", "Wazemmes", "59350");
        await Given.Qpv("QP059002", "Deux villes", "59350", "62041");
        await Given.Holding(Declared, 2021, "QP059001", 100, 10_000m);
        await Given.Holding(Declared, 2021, "QP059002", 300, 30_000m);
        await Given.Holding(Silent, 2021, "QP059001", 50, 5_000m);
        await Given.Holding(Silent, 2022, "QP059001", 50, 5_000m);
        await Given.Declaration(Declared, 2021, "QP059001", "VALIDATED", 1_000m, 2_000.50m);
        await Given.Declaration(Declared, 2021, "QP059002", "VALIDATED", 6_000m);
        await Given.Declaration(Silent, 2021, "QP059001", "SUBMITTED", 99_000m);
    }
}

public sealed class IndicatorTests(TwoNeighbourhoods api) : IClassFixture<TwoNeighbourhoods>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_validated_expenses_and_the_holdings_they_speak_of()
    {
        var row = (await Read("from=2021&to=2021"))["data"]![0]!;

        Assert.Equal("{}", row["group"]!.ToJsonString());
        Assert.Equal("9000.50", row["expense"]!.ToJsonString());
        Assert.Equal("400", row["dwellingYears"]!.ToJsonString());
        Assert.Equal("22.50", row["expensePerDwelling"]!.ToJsonString());
        Assert.Equal("0.2250", row["spentPerEuroReceived"]!.ToJsonString());
        Assert.Equal("3", row["expected"]!.ToJsonString());
        Assert.Equal("0.6667", row["completeness"]!.ToJsonString());
    }

    [Fact]
    public async Task Counts_every_holding_where_the_perimeter_is_all()
    {
        var row = (await Read("from=2021&to=2021&perimeter=all"))["data"]![0]!;

        Assert.Equal("450", row["dwellingYears"]!.ToJsonString());
        Assert.Equal("20.00", row["expensePerDwelling"]!.ToJsonString());
    }

    [Fact]
    public async Task Shows_a_neighbourhood_whole_in_each_of_its_communes_and_once_in_the_total()
    {
        var answer = await Read("from=2021&to=2021&groupBy=commune&measures=expense,expenseShare,communes&totals=true");

        Assert.Equal(
            ["59350 9000.50 1.0000 1", "62041 6000.00 0.6666 1"],
            answer["data"]!.AsArray().Select(
                row => $"{row!["group"]!["commune"]!["code"]} {row["expense"]!.ToJsonString()} "
                    + $"{row["expenseShare"]!.ToJsonString()} {row["communes"]}"));
        Assert.Equal("9000.50", answer["totals"]!["expense"]!.ToJsonString());
        Assert.Equal("2", answer["totals"]!["communes"]!.ToJsonString());
        Assert.Null(answer["totals"]!["abatement"]);
    }

    [Fact]
    public async Task Shows_a_hole_as_a_row()
    {
        var answer = await Read("from=2021&to=2022&groupBy=landlord,year&sort=-completeness");

        var hole = answer["data"]!.AsArray().Last()!;
        Assert.Equal(api.Silent, (string?)hole["group"]!["landlord"]!["code"]);
        Assert.Equal("0.00", hole["expense"]!.ToJsonString());
        Assert.Equal("0.0000", hole["completeness"]!.ToJsonString());
        Assert.Null(hole["expensePerDwelling"]);
        Assert.True(hole.AsObject().ContainsKey("expensePerDwelling"));
        Assert.Contains(answer["meta"]!["warnings"]!.AsArray(), w => ((string)w!)
            .StartsWith("expensePerDwelling is null in 2 rows", StringComparison.Ordinal));
    }

    /// <summary>By contract (deploy/SECURITY.md, known and accepted): a hole is a row for all; holdings and declarations are not.</summary>
    [Fact]
    public async Task Anonymous_callers_read_completeness_and_denominators_in_any_split_but_no_holding_and_no_declaration()
    {
        var (_, answer, _) = await api.Anonymous.Read("/v1/indicators?from=2022&to=2022&groupBy=landlord,qpv,year&perimeter=all");

        var row = answer["data"]!.AsArray().Single()!;
        Assert.Equal(
            (api.Silent, "1", "0.0000", "50.00", "5000.00"),
            ((string)row["group"]!["landlord"]!["code"]!, row["expected"]!.ToJsonString(), row["completeness"]!.ToJsonString(),
                row["dwellings"]!.ToJsonString(), row["abatement"]!.ToJsonString()));
        Assert.Equal(401, (await api.Anonymous.Read("/v1/holdings")).Status);
        Assert.Equal(401, (await api.Anonymous.Read("/v1/declarations")).Status);
    }

    [Fact]
    public async Task Keeps_the_denominator_of_the_row_by_axis_so_that_axes_add_up()
    {
        var rows = (await Read("from=2021&to=2021&groupBy=axis"))["data"]!.AsArray();

        Assert.Equal(8, rows.Count);
        Assert.All(rows, row => Assert.Equal(400, (int)row!["dwellingYears"]!));
        Assert.All(rows, row => Assert.Null(row!["abatement"]));
        Assert.Equal(22.5m, rows.Sum(row => (decimal)row!["expensePerDwelling"]!));
    }

    [Fact]
    public async Task Pages_to_the_end_in_any_order()
    {
        var seen = new List<string>();
        var next = "/v1/indicators?from=2021&to=2022&groupBy=landlord,qpv,year&sort=-coverageRate&limit=1";
        while (next is not null)
        {
            var page = JsonNode.Parse(await api.Anonymous.GetStringAsync(next, Ct))!;
            Assert.Equal(4, (int)page["meta"]!["total"]!);
            seen.Add(page["data"]![0]!["group"]!.ToJsonString());
            next = (string?)page["links"]!["next"];
        }

        Assert.Equal(4, seen.Distinct().Count());
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public async Task Counts_submitted_declarations_for_those_who_may_see_them()
    {
        var anonymous = await api.Anonymous.GetAsync("/v1/indicators?from=2021&to=2021&status=submitted", Ct);
        var admin = JsonNode.Parse(await api.Admin.GetStringAsync("/v1/indicators?from=2021&to=2021&status=submitted", Ct))!;

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal("108000.50", admin["data"]![0]!["expense"]!.ToJsonString());
    }

    [Fact]
    public async Task Warns_of_a_code_that_does_not_exist_and_gives_no_row()
    {
        var answer = await Read("from=2021&to=2021&commune=59999");

        Assert.Empty(answer["data"]!.AsArray());
        Assert.Equal("commune 59999 does not exist.", (string?)answer["meta"]!["warnings"]![0]);
    }

    [Fact]
    public async Task Gives_null_and_a_warning_where_nothing_is_held()
    {
        var answer = await Read("from=2016&to=2016");

        Assert.Equal("0.00", answer["data"]![0]!["expense"]!.ToJsonString());
        Assert.Null(answer["data"]![0]!["expensePerDwelling"]);
        Assert.NotEmpty(answer["meta"]!["warnings"]!.AsArray());
    }

    [Theory]
    [InlineData("", "group,group_label,expense,dwellings\r\n,,9000.50,400.00\r\nTOTAL,Total,9000.50,400.00\r\n")]
    [InlineData("&groupBy=landlord",
        "landlord,landlord_label,expense,dwellings\r\n{0},Habitat déclarant,9000.50,400.00\r\n{1},\"'=Habitat, "
            + "muet\",0.00,0.00\r\nTOTAL,Total,9000.50,400.00\r\n")]
    [InlineData("&groupBy=landlord&dialect=excel-fr", "\uFEFFlandlord;landlord_label;expense;dwellings\r\n{0};Habitat "
        + "déclarant;9000,50;400,00\r\n{1};'=Habitat, muet;0,00;0,00\r\nTOTAL;Total;9000,50;400,00\r\n")]
    public async Task Writes_csv_with_the_total_last(string query, string expected)
    {
        var answer = await api.Anonymous.GetAsync(
            "/v1/indicators?from=2021&to=2021&measures=expense,dwellings&totals=true&format=csv" + query, Ct);

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            expected.Replace("{0}", api.Declared).Replace("{1}", api.Silent),
            System.Text.Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Ct)));
    }

    [Theory]
    [InlineData("text/csv", "text/csv")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/xml", "application/problem+json")]
    public async Task Follows_the_accept_header(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/indicators?from=2021&to=2021");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));

        var answer = await api.Anonymous.SendAsync(request, Ct);

        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(type == "application/problem+json" ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Says_that_nothing_changed()
    {
        var first = await api.Anonymous.GetAsync("/v1/indicators?from=2021&to=2021", Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/indicators?from=2021&to=2021");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.NotModified, (await api.Anonymous.SendAsync(request, Ct)).StatusCode);
    }

    [Theory]
    [InlineData("from=2022&to=2021", "PERIOD_REVERSED", "from")]
    [InlineData("year=2021", "UNKNOWN_PARAMETER", "year")]
    [InlineData("from=2021&from=2022", "REPEATED_PARAMETER", "from")]
    [InlineData("from=1e400", "INVALID_PARAMETER", "from")]
    [InlineData("groupBy=town", "INVALID_PARAMETER", "groupBy")]
    [InlineData("groupBy=year,qpv,axis,theme", "TOO_MANY_DIMENSIONS", "groupBy")]
    [InlineData("axis=9", "INVALID_PARAMETER", "axis")]
    [InlineData("status=1", "INVALID_PARAMETER", "status")]
    [InlineData("perimeter=", "INVALID_PARAMETER", "perimeter")]
    [InlineData("family=HLM", "INVALID_PARAMETER", "family")]
    [InlineData("measures=profit", "INVALID_PARAMETER", "measures")]
    [InlineData("measures=abatement&groupBy=theme", "MEASURE_NOT_SPLIT", "measures")]
    [InlineData("sort=-coverageRate&lineFamily=SPECIFIC", "MEASURE_NOT_SPLIT", "sort")]
    [InlineData("sort=qpv", "SORT_NOT_GROUPED", "sort")]
    [InlineData("format=pdf", "INVALID_PARAMETER", "format")]
    [InlineData("limit=0", "INVALID_PARAMETER", "limit")]
    [InlineData("limit=1001", "INVALID_PARAMETER", "limit")]
    [InlineData("cursor=abc", "INVALID_CURSOR", "cursor")]
    [InlineData("landlord=%00", "INVALID_PARAMETER", "landlord")]
    public async Task Refuses_and_says_what_is_allowed(string query, string code, string parameter)
    {
        var answer = await api.Anonymous.GetAsync("/v1/indicators?" + query, Ct);

        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["errors"]![0]!;
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal((code, parameter), ((string?)error["code"], (string?)error["parameter"]));
        Assert.NotNull(error["expected"]);
    }

    [Fact]
    public async Task Refuses_a_year_and_tells_of_the_period()
    {
        var answer = await api.Anonymous.GetAsync("/v1/indicators?year=2021", Ct);

        Assert.Contains("did you mean from and to?", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_measure_by_axis_and_lists_its_dimensions()
    {
        var answer = await api.Anonymous.GetAsync("/v1/indicators?measures=coverageRate&axis=3", Ct);

        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["errors"]![0]!;
        Assert.Equal("year, region, department, epci, commune, qpv, landlord, family", (string?)error["expected"]);
    }

    [Fact]
    public async Task Defines_every_measure_and_dimension()
    {
        var definitions = JsonNode.Parse(await api.Anonymous.GetStringAsync("/v1/indicators/definitions", Ct))!;
        var row = (await Read("from=2021&to=2021"))["data"]![0]!.AsObject();

        Assert.Equal(row.Select(member => member.Key).Where(name => name is not ("group" or "links")), definitions["measures"]!.AsArray()
            .Select(m => (string)m!["name"]!));
        Assert.Equal(10, definitions["dimensions"]!.AsArray().Count);
    }

    private async Task<JsonNode> Read(string query) => JsonNode.Parse(await api.Anonymous.GetStringAsync("/v1/indicators?" + query, Ct))!;
}
