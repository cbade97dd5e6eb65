using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>
/// One landlord absorbed by another, itself absorbed by a third; QPVs of 2015 that go to one of 2024 alone, two into one, and one into two,
/// the second of which takes in another. Each declared one thousand times its place in the list.
/// </summary>
public sealed class TwoLists(TestServer server) : Api(server)
{
    internal string First { get; private set; } = "";
    internal string Second { get; private set; } = "";
    internal string Last { get; private set; } = "";
    internal string Other { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Last = await Given.Landlord("Habitat d'aujourd'hui", "OPH");
        Second = await Given.Landlord("Habitat d'hier", "ESH");
        First = await Given.Landlord("Habitat d'avant-hier", "COOP");
        Other = await Given.Landlord("Habitat seul", "SEM");
        await Given.Sql("update landlord set successor_siren = $2, version = version + 1 where siren = $1", First, Second);
        await Given.Sql("update landlord set successor_siren = $2, version = version + 1 where siren = $1", Second, Last);

        string[] qpvs = ["QP059001", "QP059002", "QP059003", "QP059004", "QP059005", "QN05901M", "QN05902M",
            "QN05903M", "QN05904M", "QP059006"];
        string[] landlords = [First, Second, Last, Other];
        for (var i = 0; i < qpvs.Length; i++)
        {
            await Given.Qpv(qpvs[i], "Quartier " + qpvs[i], i % 2 == 0 ? "59350" : "62041");
            await Given.Holding(landlords[i % 4], 2024, qpvs[i], 10 * (i + 1), 100m * (i + 1));
            await Given.Declaration(landlords[i % 4], 2024, qpvs[i], "VALIDATED", 1_000m * (i + 1));
        }
        await Given.Sql("""
            insert into qpv_lineage (predecessor_code, successor_code)
              values ('QP059001', 'QN05901M'), ('QP059002', 'QN05902M'), ('QP059003', 'QN05902M'),
              ('QP059004', 'QN05903M'), ('QP059004', 'QN05904M'), ('QP059005', 'QN05904M')
            """);
    }
}

public sealed class BasisTests(TwoLists api) : IClassFixture<TwoLists>
{
    private const string Period = "/v1/indicators?from=2024&to=2024&measures=expense,dwellingYears,qpvs,landlords&";

    private async Task<JsonNode> Read(string query) => (await api.Admin.Read(Period + query)).Body;

    private async Task<string[]> Rows(string query, string dimension) =>
        [.. (await Read(query))["data"]!.AsArray().Select(row => $"{row!["group"]![dimension]!["code"]} {row["expense"]}")];

    [Fact]
    public async Task Figures_of_an_absorbed_landlord_are_its_own_unless_the_current_one_is_asked_for()
    {
        Assert.Equal(
            [$"{api.Last} 10000.00", $"{api.Second} 18000.00", $"{api.First} 15000.00", $"{api.Other} 12000.00"],
            await Rows("groupBy=landlord", "landlord"));
        Assert.Equal([$"{api.Last} 43000.00", $"{api.Other} 12000.00"], await Rows("groupBy=landlord&landlordBasis=current", "landlord"));

        var current = (await Read("groupBy=landlord&landlordBasis=current"))["data"]![0]!;
        Assert.Equal("Habitat d'aujourd'hui", (string?)current["group"]!["landlord"]!["label"]);
        Assert.Equal(1, (int)current["landlords"]!);
    }

    [Fact]
    public async Task Any_of_a_succession_selects_the_whole_of_it_on_the_current_basis()
    {
        foreach (var siren in new[] { api.First, api.Second, api.Last })
            Assert.Equal([$"{api.Last} 43000.00"], await Rows($"groupBy=landlord&landlordBasis=current&landlord={siren}", "landlord"));
        Assert.Equal([$"{api.First} 15000.00"], await Rows($"groupBy=landlord&landlord={api.First}", "landlord"));
    }

    [Fact]
    public async Task The_family_is_that_of_the_landlord_of_the_basis()
    {
        Assert.Equal(["COOP 15000.00", "ESH 18000.00", "OPH 10000.00", "SEM 12000.00"], await Rows("groupBy=family", "family"));
        Assert.Equal(["OPH 43000.00", "SEM 12000.00"], await Rows("groupBy=family&landlordBasis=current", "family"));
        Assert.Equal(["OPH 43000.00"], await Rows("groupBy=family&landlordBasis=current&family=OPH,COOP", "family"));
    }

    [Fact]
    public async Task A_lineage_adds_up_one_to_one_and_mergers_and_says_what_is_not_comparable()
    {
        var answer = await Read("groupBy=qpv&qpvBasis=lineage");

        Assert.Equal(
            [
                "QN05901M 7000.00 false", "QN05902M 12000.00 false", "QN05903M 8000.00 true", "QN05904M 9000.00 true",
                "QP059004 4000.00 true", "QP059005 5000.00 true", "QP059006 10000.00 false",
            ],
            answer["data"]!.AsArray().Select(
                row => $"{row!["group"]!["qpv"]!["code"]} {row["expense"]} {row["notComparable"]!.ToJsonString()}"));
        Assert.Equal("Quartier QN05902M", (string?)answer["data"]![1]!["group"]!["qpv"]!["label"]);
        Assert.Equal(1, (int)answer["data"]![1]!["qpvs"]!);
        Assert.Contains("QN05903M, QN05904M, QP059004, QP059005.", (string)Assert.Single(answer["meta"]!["warnings"]!.AsArray())!);
    }

    [Fact]
    public async Task Only_rows_by_qpv_on_that_basis_say_whether_they_compare()
    {
        Assert.All(
            (await Read("groupBy=qpv"))["data"]!.AsArray().Concat((await Read("groupBy=commune&qpvBasis=lineage"))["data"]!.AsArray()),
            row => Assert.False(row!.AsObject().ContainsKey("notComparable")));
    }

    [Theory]
    [InlineData("QP059001", "QN05901M 7000.00")]
    [InlineData("QN05901M", "QN05901M 7000.00")]
    [InlineData("QP059003", "QN05902M 12000.00")]
    [InlineData("QP059004", "QP059004 4000.00")]
    [InlineData("QN05904M", "QN05904M 9000.00")]
    public async Task A_filter_selects_the_whole_lineage_where_it_compares(string code, string row) =>
        Assert.Equal([row], await Rows($"groupBy=qpv&qpvBasis=lineage&qpv={code}", "qpv"));

    [Fact]
    public async Task No_basis_changes_a_total_or_a_territory()
    {
        var counts = new List<string>();
        foreach (var landlords in new[] { "declared", "current" })
            foreach (var qpvs in new[] { "declared", "lineage" })
            {
                var answer = await Read($"groupBy=qpv,landlord&totals=true&landlordBasis={landlords}&qpvBasis={qpvs}");
                Assert.Equal("55000.00 550", $"{answer["totals"]!["expense"]} {answer["totals"]!["dwellingYears"]}");
                Assert.Equal(55_000m, answer["data"]!.AsArray().Sum(row => (decimal)row!["expense"]!));
                Assert.Equal(["59350 25000.00", "62041 30000.00"],
                    await Rows($"groupBy=commune&landlordBasis={landlords}&qpvBasis={qpvs}", "commune"));
                counts.Add($"{answer["totals"]!["landlords"]} {answer["totals"]!["qpvs"]}");
            }
        Assert.Equal(["4 10", "4 7", "2 10", "2 7"], counts);
    }

    [Fact]
    public async Task A_merged_neighbourhood_keeps_the_territories_of_each_that_was_declared()
    {
        var answer = await Read("groupBy=qpv,commune&qpvBasis=lineage&qpv=QN05902M");

        Assert.Equal(
            ["59350 10000.00", "62041 2000.00"],
            answer["data"]!.AsArray().Select(row => $"{row!["group"]!["commune"]!["code"]} {row["expense"]}"));
    }

    [Fact]
    public async Task Csv_has_a_column_for_it()
    {
        var csv = await api.Anonymous.GetStringAsync(
            "/v1/indicators?from=2024&to=2024&groupBy=qpv&qpvBasis=lineage&measures=expense&totals=true&format=csv",
            TestContext.Current.CancellationToken);

        var lines = csv.Split("\r\n");
        Assert.Equal("qpv,qpv_label,notComparable,expense", lines[0]);
        Assert.Equal("QN05901M,Quartier QN05901M,false,7000.00", lines[1]);
        Assert.Equal("QN05903M,Quartier QN05903M,true,8000.00", lines[3]);
        Assert.Equal("TOTAL,Total,,55000.00", lines[8]);
    }

    [Fact]
    public async Task A_circle_that_no_write_lets_in_loses_no_figure()
    {
        var (one, two) = (await api.Given.Landlord(), await api.Given.Landlord());
        await api.Given.Sql("update landlord set successor_siren = $2, version = version + 1 where siren = $1", one, two);
        await api.Given.Sql("update landlord set successor_siren = $2, version = version + 1 where siren = $1", two, one);
        await api.Given.Declaration(one, 2016, "QP059001", "VALIDATED", 7m);

        var row = (await api.Admin.Read($"/v1/indicators?from=2016&to=2016&landlord={one}&landlordBasis=current&measures=expense"))
            .Body["data"]![0]!;

        Assert.Equal("7.00", row["expense"]!.ToJsonString());
    }

    [Theory]
    [InlineData("landlordBasis=today", "landlordBasis")]
    [InlineData("qpvBasis=current", "qpvBasis")]
    public async Task An_unknown_basis_is_refused(string query, string parameter)
    {
        var (status, problem, _) = await api.Anonymous.Read(Period + query);

        Assert.Equal(400, status);
        Assert.Equal(parameter, (string?)Assert.Single(problem["errors"]!.AsArray())!["parameter"]);
    }

    [Fact]
    public async Task Definitions_say_what_each_basis_means() => Assert.Equal(
        ["landlordBasis=declared", "landlordBasis=current", "qpvBasis=declared", "qpvBasis=lineage"],
        (await api.Anonymous.Read("/v1/indicators/definitions")).Body["bases"]!.AsArray()
            .Select(basis => $"{basis!["parameter"]}={basis["value"]}"));
}
