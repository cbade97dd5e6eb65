using System.Text.Json.Nodes;
using GuspApi.Auth;
using GuspApi.Features.Indicators;
using Npgsql;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>How PostgreSQL answers a question: what can't be seen in small data.</summary>
public sealed class PlanTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>Of what narrows a question PostgreSQL knows little: it read all contents, once for each place.</summary>
    [Theory]
    [InlineData("qpv", 2022)]
    [InlineData("commune", 2021)]
    public async Task Only_the_contents_of_the_holdings_asked_for_are_read_and_once(string dimension, int to)
    {
        await api.Given.Sql("analyze");
        await using var question = IndicatorQuery.Compose(new(2021, to)
        {
            AsOf = await api.Given.Scalar<long>("select max(revision) from change_set"),
            GroupBy = [Dimensions.Find(dimension)!],
            Filters = new Dictionary<Dimension, string[]> { [Dimensions.Department] = ["59"], [Dimensions.Family] = ["OPH"] },
        });

        var plan = await ExplainAsync(question, "explain (analyze, timing off, format json)");

        var asked = await api.Given.Scalar<long>($"""
            select count(*) from holding h join qpv q on q.code = h.qpv_code join landlord l on l.siren = h.landlord_siren
            where h.year between 2021 and {to} and q.department_code = '59' and l.family = 'OPH'
            """);
        Assert.True(asked > 0);
        var reading = Assert.Single(plan, node => (string?)node["Function Name"] == "jsonb_populate_record");
        Assert.Equal(asked, (long)reading["Actual Loops"]!);
    }

    /// <summary>What a query makes itself has no index: to look it up for each row of a page reads it as often.</summary>
    [Theory]
    [InlineData("qpv", true)]
    [InlineData("landlord", true)]
    [InlineData("qpv", false)]
    [InlineData("year", false)]
    public async Task Figures_that_are_not_kept_are_read_once_for_a_page(string dimension, bool isPast)
    {
        await using var question = IndicatorQuery.Compose(new(2019, 2022)
        {
            AsOf = isPast ? await api.Given.Scalar<long>("select max(revision) from change_set") : null,
            Status = isPast ? IndicatorStatus.Validated : IndicatorStatus.Submitted,
            Caller = Caller.Anonymous with { IsAdmin = true },
            GroupBy = [Dimensions.Find(dimension)!],
            Limit = 10,
        });

        var plan = await ExplainAsync(question, "explain (analyze, timing off, format json)", "enable_mergejoin = off");

        var reading = plan.Where(node => (string?)node["CTE Name"] is "cell" or "present" or "shown").ToList();
        Assert.Contains(reading, node => (string?)node["CTE Name"] == "cell");
        Assert.All(reading, node => Assert.Equal(1, (long)node["Actual Loops"]!));
    }

    /// <summary>
    /// PostgreSQL expects few of them, and looked each up though nearly all were asked for; here it is made to, if it may.
    /// </summary>
    [Theory]
    [InlineData("epci")]
    [InlineData("commune")]
    [InlineData("qpv")]
    public async Task Figures_of_a_page_that_shows_most_are_read_at_once(string dimension)
    {
        await using var question = IndicatorQuery.Compose(new(2019, 2022) { GroupBy = [Dimensions.Find(dimension)!], Limit = 1001 });

        var plan = await ExplainAsync(
            question, "explain (analyze, timing off, format json)", "enable_mergejoin = off", "enable_hashjoin = off");

        var reading = plan.Where(node => (string?)node["Relation Name"] == "summed_figure").ToList();
        Assert.NotEmpty(reading);
        Assert.All(reading, node => Assert.InRange((long)node["Actual Loops"]!, 0, 1));
    }

    /// <summary>A name was looked for by reading all of them: codes under another collation match no index.</summary>
    [Theory]
    [InlineData("landlord")]
    [InlineData("qpv")]
    [InlineData("epci")]
    [InlineData("commune")]
    public async Task Names_are_found_by_their_index(string dimension)
    {
        await using var question = IndicatorQuery.Compose(new(2021, 2022) { GroupBy = [Dimensions.Find(dimension)!] });

        var plan = await ExplainAsync(question, "explain (format json)", "enable_seqscan = off");

        Assert.Contains(plan, node => (string?)node["Index Name"] == "pk_" + dimension
            && (string?)node["Parent Relationship"] == "SubPlan");
    }

    [Theory]
    [InlineData("region")]
    [InlineData("department")]
    public async Task Names_among_few_are_gathered_once(string dimension)
    {
        await using var question = IndicatorQuery.Compose(new(2021, 2022) { GroupBy = [Dimensions.Find(dimension)!] });

        var plan = await ExplainAsync(question, "explain (analyze, timing off, format json)");

        Assert.DoesNotContain(plan, node => (string?)node["Parent Relationship"] == "SubPlan");
        var gathered = Assert.Single(plan, node => (string?)node["Node Type"] == "Aggregate"
            && node["Plans"]!.AsArray() is [var names] && (string?)names!["Relation Name"] == dimension);
        Assert.Equal(1, (long)gathered["Actual Loops"]!);
    }

    private async Task<List<JsonNode>> ExplainAsync(NpgsqlCommand question, string explain, params string[] settings)
    {
        await using var connection = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        question.Connection = connection;
        question.CommandText = $"{string.Concat(settings.Select(setting => $"set local {setting}; "))}{explain} {question.CommandText}";
        return [.. Nodes(JsonNode.Parse((string)(await question.ExecuteScalarAsync(Ct))!)![0]!["Plan"]!)];
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) =>
        [node, .. (node["Plans"]?.AsArray() ?? []).SelectMany(child => Nodes(child!))];
}
