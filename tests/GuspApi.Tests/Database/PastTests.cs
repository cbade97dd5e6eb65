using System.Text.Json.Nodes;

namespace GuspApi.Tests.Database;

public sealed class PastTests(DemoApi api) : IClassFixture<DemoApi>
{
    /// <summary>Of what narrows the question PostgreSQL knows little, and would meet it first, once for each QPV.</summary>
    [Fact]
    public async Task The_content_of_a_holding_is_read_once_whatever_narrows_the_question()
    {
        await api.Given.Sql("analyze");

        var plan = await api.Given.Scalar<string>("""
            explain (analyze, timing off, format json)
            with place as materialized (select q.code from qpv q join department d on d.code = q.department_code where d.region_code = '32')
            select from holding_at(9223372036854775807) h where h.qpv_code in (select code from place)
            """);

        var readings = Nodes(JsonNode.Parse(plan!)![0]!["Plan"]!).Where(node => (string?)node["Function Name"] == "jsonb_populate_record");
        Assert.Equal(await api.Given.Scalar<long>("select count(*) from holding"), (long)Assert.Single(readings)["Actual Loops"]!);
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) => [node, .. (node["Plans"]?.AsArray() ?? []).SelectMany(child => Nodes(child!))];
}
