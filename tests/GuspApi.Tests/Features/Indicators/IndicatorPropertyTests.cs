using GuspApi.Auth;
using GuspApi.Features.Indicators;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>Random questions over random worlds: the composed SQL gives, to the last decimal, what counting by hand gives.</summary>
public sealed class IndicatorPropertyTests(TestServer server)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Answers_what_counting_by_hand_gives(int seed)
    {
        var ct = TestContext.Current.CancellationToken;
        var random = new Random(seed);
        var world = new SmallWorld(random);
        await using var connection = new NpgsqlConnection(await server.CopyAsync());
        await connection.OpenAsync(ct);
        await world.WriteAsync(connection);

        for (var i = 0; i < 150; i++)
        {
            var request = Question(random, world);
            var expected = BruteForce.Answer(world, request);

            var table = await IndicatorTable.ReadAsync(connection, request, ct);

            Assert.Equal(Shown(request, expected), Shown(request, table.Rows));
            Assert.True(table.Rows.Count == 0 || table.Total == expected.Count);
            var qpv = request.QpvBasis == QpvBasis.Lineage ? request.GroupBy.ToList().IndexOf(Dimensions.Qpv) : -1;
            Assert.All(table.Rows, row => Assert.Equal(
                qpv < 0 ? null : BruteForce.IsNotComparable(world, row.Groups[qpv].Code!), row.NotComparable));
            await Pages_join_to_the_whole(connection, random, request, ct);
        }
    }

    private static async Task Pages_join_to_the_whole(
        NpgsqlConnection connection, Random random, IndicatorRequest request, CancellationToken ct)
    {
        var keys = request.GroupBy.Select(d => new SortKey(null, d, random.Next(2) == 0))
            .Concat(Measures.All.Select(m => new SortKey(m, null, random.Next(2) == 0))).ToArray();
        var sorted = request with
        {
            Measures = random.Next(2) == 0 ? Measures.All : request.Measures,
            Sort = [.. random.GetItems(keys, random.Next(3)).DistinctBy(key => key.Column)],
        };
        var whole = await IndicatorTable.ReadAsync(connection, sorted, ct);
        if (whole.Rows.Count > 60)
            return;

        var joined = new List<IndicatorFigures>();
        IReadOnlyList<string?>? after = null;
        do
        {
            var page = await IndicatorTable.ReadAsync(connection, sorted with { Limit = 7, After = after }, ct);
            Assert.True(page.Rows.Count == 0 || page.Total == whole.Total);
            joined.AddRange(page.Rows);
            after = page.Rows.Count < 7 ? null : page.Rows[^1].Keys;
        }
        while (after is not null);

        Assert.Equal(Shown(sorted, whole.Rows), Shown(sorted, joined));
        foreach (var (i, key) in sorted.Order.Index().Where(key => key.Item.Measure is { } m && sorted.Measures.Contains(m)))
            Assert.All(whole.Rows, row => Assert.Equal(0m, Apart(whole.Exact(row, key.Measure!), row.Keys[i]), 9));
    }

    internal static IndicatorRequest Question(Random random, SmallWorld world)
    {
        // Now and then years before all that may have figures, and all after.
        var (from, to) = random.Next(12) switch
        {
            0 => (SmallWorld.LastYear - 62, SmallWorld.LastYear),
            1 => (SmallWorld.FirstYear, 2100),
            _ => (random.Next(SmallWorld.FirstYear, SmallWorld.LastYear + 1), random.Next(SmallWorld.FirstYear, SmallWorld.LastYear + 1)),
        };
        var filters = new Dictionary<Dimension, string[]>();
        Maybe(Dimensions.Region, ["32", "84"]);
        Maybe(Dimensions.Department, ["59", "62", "01"]);
        Maybe(Dimensions.Epci, SmallWorld.Epcis);
        Maybe(Dimensions.Commune, [.. world.Communes.Select(c => c.Code)]);
        Maybe(Dimensions.Qpv, [.. world.Qpvs.Select(q => q.Code), "QP059000"]);
        Maybe(Dimensions.Landlord, [.. world.Landlords.Select(l => l.Siren)]);
        Maybe(Dimensions.Family, SmallWorld.Families);
        Maybe(Dimensions.Axis, ["1", "3", "4", "8"]);
        Maybe(Dimensions.Theme, ["PROXIMITE", "ENVIRONNEMENT"]);
        return new IndicatorRequest(from, Math.Max(to, from))
        {
            GroupBy = [.. random.GetItems(Dimensions.All.ToArray(), random.Next(4)).Distinct()],
            Filters = filters,
            LineFamilies = random.Next(4) == 0 ? [.. random.GetItems(Enum.GetValues<LineFamily>(), 2).Distinct()] : [],
            Status = (IndicatorStatus)random.Next(2),
            Caller = Caller.Anonymous with { IsAdmin = true },
            Perimeter = (Perimeter)random.Next(2),
            LandlordBasis = (LandlordBasis)random.Next(2),
            QpvBasis = (QpvBasis)random.Next(2),
            Measures = random.Next(3) == 0 ? [.. random.GetItems(Measures.All.ToArray(), 3).Distinct()] : Measures.All,
        };

        void Maybe(Dimension dimension, string[] codes)
        {
            if (random.Next(7) == 0)
                filters[dimension] = random.GetItems(codes, random.Next(1, 4));
        }
    }

    /// <summary>How far what a row shows is from what orders it: one formula, by .NET and by PostgreSQL.</summary>
    private static decimal Apart(decimal? shown, string? ordered) => shown is null && ordered is null
        ? 0
        : (shown - decimal.Parse(ordered ?? "", System.Globalization.CultureInfo.InvariantCulture)) ?? 1;

    private static string Key(IndicatorFigures row) => string.Join('|', row.Groups.Select(g => g.Code ?? "~"));

    private static string Shown(IndicatorRequest request, IEnumerable<IndicatorFigures> rows) =>
        Shown(
            request, rows.Select(row => (Key(row), row.Values.Zip(request.Measures, (value, measure) => measure.Round(value)).ToArray())));

    private static string Shown(IndicatorRequest request, IEnumerable<(string Key, decimal?[] Values)> rows) =>
        string.Join('\n', rows.Select(row => row.Key + ": " + string.Join(" ", row.Values.Zip(request.Measures,
            (value, measure) => $"{measure.Name}={value?.ToString() ?? "null"}"))));
}
