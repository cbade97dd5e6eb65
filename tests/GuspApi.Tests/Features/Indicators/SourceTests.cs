using System.Globalization;
using System.Text.Json.Nodes;
using GuspApi.Features.Indicators;
using Npgsql;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>What lies behind a figure adds up to it, for any question and any of its rows.</summary>
public sealed class SourceTests(TestServer server, DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly Measure[] Sums =
        [Measures.Expense, Measures.Valued, Measures.Abatement, Measures.DwellingYears, Measures.Qpvs, Measures.Landlords,
            Measures.Declarations, Measures.Expected];

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Sources_of_a_row_add_up_to_its_figures(int seed)
    {
        var random = new Random(seed);
        var world = new SmallWorld(random);
        await using var connection = new NpgsqlConnection(await server.CopyAsync());
        await connection.OpenAsync(Ct);
        await world.WriteAsync(connection);

        for (var i = 0; i < 60; i++)
        {
            var request = IndicatorPropertyTests.Question(random, world) with { Measures = Sums };
            var table = await IndicatorTable.ReadAsync(connection, request, Ct);
            foreach (var row in table.Rows.OrderBy(_ => random.Next()).Take(5))
            {
                var (sources, total) = await IndicatorSources.ReadAsync(connection, request.Narrowed(row.Groups), Ct);
                Assert.Equal(total, sources.Count);
                Assert.Equal(table.Exact(row, Measures.Expense), sources.Sum(source => source.Expense));
                Assert.Equal(table.Exact(row, Measures.Valued), sources.Sum(source => source.Valued));
                Assert.Equal(table.Exact(row, Measures.DwellingYears), sources.Sum(source => source.Dwellings));
                if (request.SplitsLines)
                    continue;
                Assert.Equal(table.Exact(row, Measures.Abatement), sources.Sum(source => source.Abatement));
                if (request.QpvBasis == QpvBasis.Declared)
                    Assert.Equal(table.Exact(row, Measures.Qpvs), sources.Select(source => source.Qpv.Code).Distinct().Count());
                if (request.LandlordBasis == LandlordBasis.Declared)
                    Assert.Equal(table.Exact(row, Measures.Landlords), sources.Select(source => source.Landlord.Siren).Distinct().Count());
                Assert.Equal(table.Exact(row, Measures.Declarations), sources.Count(source => source.Declaration is not null));
                if (request.Perimeter == Perimeter.All)
                    Assert.Equal(table.Exact(row, Measures.Expected), sources.Count(source => source.Holding is not null));
            }
        }
    }

    [Fact]
    public async Task A_figure_of_the_report_leads_to_its_lines_in_three_calls()
    {
        var (_, report, _) = await api.Admin.Read("/v1/reports/department?code=80&from=2022&to=2022");
        var printed = (decimal)report["headline"]!["expensePerYear"]!["value"]!;

        var (_, sources, _) = await api.Admin.Read((string)report["links"]!["sources"]!);
        var declarations = sources["data"]!.AsArray();
        Assert.Equal(printed, declarations.Sum(source => (decimal)source!["expense"]!));
        Assert.True((bool)sources["meta"]!["complete"]!);

        var (_, version, _) = await api.Admin.Read((string)declarations[0]!["declaration"]!["href"]!);
        Assert.Equal((decimal)declarations[0]!["expense"]!, version["lines"]!.AsArray().Sum(line => (decimal)line!["actual"]!));
    }

    [Fact]
    public async Task Each_row_links_to_its_sources_even_those_without_a_code()
    {
        var siren = await api.Given.Landlord();
        var qpv = await api.Given.Qpv("QP059961");
        await api.Given.Sql("delete from qpv_commune where qpv_code = $1", qpv);
        await api.Given.Holding(siren, 2018, qpv);
        await api.Given.Declaration(siren, 2018, qpv, "VALIDATED", 123.45m);

        var (_, figures, _) = await api.Admin.Read($"/v1/indicators?from=2018&to=2018&groupBy=epci,axis&landlord={siren}&measures=expense");

        var row = figures["data"]!.AsArray().Single(row => (string?)row!["group"]!["axis"]!["code"] == "1")!;
        var (status, sources, _) = await api.Admin.Read((string)row["links"]!["sources"]!);
        Assert.Equal((200, 123.45m), (status, (decimal)Assert.Single(sources["data"]!.AsArray())!["expense"]!));
    }

    [Fact]
    public async Task Pages_and_files_hold_the_same_sources()
    {
        const string question = "/v1/indicators/sources?from=2021&to=2022&department=80";
        var all = (await api.Admin.Read(question + "&limit=1000")).Body["data"]!.AsArray();
        var paged = new List<JsonNode?>();
        for (string? next = question + "&limit=7"; next is not null;)
        {
            var (_, page, _) = await api.Admin.Read(next);
            paged.AddRange(page["data"]!.AsArray());
            next = (string?)page["links"]!["next"];
        }
        var file = (await api.Admin.GetStringAsync(question + "&format=csv", Ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(all.Select(source => source!.ToJsonString()), paged.Select(source => source!.ToJsonString()));
        Assert.Equal(all.Count + 1, file.Length);
        Assert.Equal(
            all.Sum(source => (decimal)source!["expense"]!),
            file.Skip(1).Sum(line => decimal.Parse(line.Split(',')[^4], CultureInfo.InvariantCulture)));
    }
}
