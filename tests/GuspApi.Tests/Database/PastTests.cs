using System.Text.Json.Nodes;
using GuspApi.Features.Indicators;

namespace GuspApi.Tests.Database;

public sealed class PastTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>Of what narrows a question PostgreSQL knows little: it read all contents, once for each place.</summary>
    [Fact]
    public async Task Only_the_contents_of_the_holdings_asked_for_are_read_and_once()
    {
        await api.Given.Sql("analyze");
        await using var question = IndicatorQuery.Compose(new(2021, 2022)
        {
            AsOf = await api.Given.Scalar<long>("select max(revision) from change_set"),
            GroupBy = [Dimensions.Qpv],
            Filters = new Dictionary<Dimension, string[]> { [Dimensions.Department] = ["59"], [Dimensions.Family] = ["OPH"] },
        });
        question.CommandText = "explain (analyze, timing off, format json) " + question.CommandText;
        await using var connection = await api.Database.OpenConnectionAsync(Ct);
        question.Connection = connection;

        var plan = JsonNode.Parse((string)(await question.ExecuteScalarAsync(Ct))!)![0]!["Plan"]!;

        var asked = await api.Given.Scalar<long>("""
            select count(*) from holding h join qpv q on q.code = h.qpv_code join landlord l on l.siren = h.landlord_siren
            where h.year in (2021, 2022) and q.department_code = '59' and l.family = 'OPH'
            """);
        Assert.True(asked > 0);
        var reading = Assert.Single(Nodes(plan), node => (string?)node["Function Name"] == "jsonb_populate_record");
        Assert.Equal(asked, (long)reading["Actual Loops"]!);
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) => [node, .. (node["Plans"]?.AsArray() ?? []).SelectMany(child => Nodes(child!))];
}
