using GuspApi.Features.Indicators;
using GuspApi.Model;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>The indicators again, by counting on one's fingers: no SQL, no joins, one cell at a time.</summary>
internal static class BruteForce
{
    private sealed record Cell(string Siren, int Year, string Qpv);

    /// <summary>Group codes joined by a bar, in the order of the request, and the rounded value of each measure asked for.</summary>
    public static List<(string Key, decimal?[] Values)> Answer(SmallWorld world, IndicatorRequest request)
    {
        var holdings = world.Holdings.ToDictionary(h => new Cell(h.Siren, h.Year, h.Qpv));
        var counted = world.Declarations.Where(d => SmallWorld.Counted(d, request.Status) is not null)
            .ToDictionary(d => new Cell(d.Siren, d.Year, d.Qpv),
                d => SmallWorld.Counted(d, request.Status)!.Where(l => Wanted(world, request, l)).ToList());
        var places = world.Qpvs.SelectMany(q => Places(world, q))
            .Where(p => p.All(code => Passes(world, request, code.Key, code.Value))).ToList();
        var cells = holdings.Keys.Union(counted.Keys)
            .Where(c => c.Year >= request.From && c.Year <= request.To)
            .Where(c => Passes(world, request, "landlord", c.Siren) && Passes(world, request, "family", Family(world, request, c.Siren)))
            .Where(c => places.Any(p => p["qpv"] == c.Qpv)).ToList();
        var whole = cells.Where(counted.ContainsKey).SelectMany(c => counted[c]).Sum(l => l.Actual);

        var rows = new Dictionary<string, (HashSet<Cell> Cells, HashSet<string> Communes, int? Axis, string? Theme)>();
        var axes = world.Themes.Where(
            t => Passes(world, request, "axis", t.Key.ToString()) && Passes(world, request, "theme", t.Value)).ToList();
        var byAxis = request.GroupBy.Contains(Dimensions.Axis);
        var byTheme = request.GroupBy.Contains(Dimensions.Theme);
        if (request.GroupBy.Count == 0)
            rows[""] = ([], [], null, null);
        foreach (var cell in cells)
            foreach (var place in places.Where(p => p["qpv"] == cell.Qpv))
                foreach (var (axis, theme) in byAxis || byTheme ? axes : axes.Take(1).DefaultIfEmpty())
                {
                    var key = string.Join('|', request.GroupBy.Select(d => d.Name switch
                    {
                        "year" => cell.Year.ToString(),
                        "landlord" => Landlord(world, request, cell.Siren),
                        "family" => Family(world, request, cell.Siren),
                        "qpv" => Qpv(world, request, cell.Qpv),
                        "axis" => axis.ToString(),
                        "theme" => theme,
                        _ => place[d.Name] ?? "~",
                    }));
                    if (!rows.TryGetValue(key, out var row))
                        rows[key] = row = ([], [], byAxis ? axis : null, byTheme ? theme : null);
                    row.Cells.Add(cell);
                    if (place["commune"] is { } commune && (counted.ContainsKey(cell) || request.Perimeter == Perimeter.All))
                        row.Communes.Add(commune);
                }

        return [.. rows.OrderBy(r => r.Key, StringComparer.Ordinal).Select(row => (row.Key, Values(row.Value)))];

        decimal?[] Values((HashSet<Cell> Cells, HashSet<string> Communes, int? Axis, string? Theme) row)
        {
            var lines = row.Cells.Where(counted.ContainsKey).SelectMany(c => counted[c])
                .Where(l => (row.Axis is null || l.Axis == row.Axis) && (row.Theme is null || world.Themes[l.Axis] == row.Theme)).ToList();
            var within = row.Cells.Where(c => counted.ContainsKey(c) || request.Perimeter == Perimeter.All).ToList();
            var held = within.Where(holdings.ContainsKey).Select(c => holdings[c]).ToList();
            decimal expense = lines.Sum(l => l.Actual), valued = lines.Sum(l => l.Valued ?? 0), abatement = held.Sum(h => h.Abatement);
            decimal dwellings = held.Sum(h => h.Dwellings),
                years = request.GroupBy.Contains(Dimensions.Year) ? 1 : request.To - request.From + 1;
            decimal declarations = row.Cells.Count(counted.ContainsKey), expected = row.Cells.Count(holdings.ContainsKey);
            return [.. request.Measures.Select(m => request.SplitsLines && !m.Splits ? null : m.Round(m.Name switch
            {
                "expense" => expense,
                "expensePerYear" => expense / years,
                "abatement" => abatement,
                "abatementPerYear" => abatement / years,
                "valued" => valued,
                "leverageOnValued" => Over(expense, valued),
                "dwellingYears" => dwellings,
                "dwellings" => dwellings / years,
                "inhabitants" => 50 * Math.Round(2 * dwellings / years / 50, MidpointRounding.AwayFromZero),
                "expensePerDwelling" => Over(expense, dwellings),
                "spentPerEuroReceived" => Over(expense, abatement),
                "coverageRate" => Over(abatement, expense),
                "expenseShare" => Over(expense, whole),
                "qpvs" => within.Select(c => Qpv(world, request, c.Qpv)).Distinct().Count(),
                "communes" => row.Communes.Count,
                "landlords" => within.Select(c => Landlord(world, request, c.Siren)).Distinct().Count(),
                "declarations" => declarations,
                "expected" => expected,
                "completeness" => Over(declarations, expected),
                _ => throw new InvalidOperationException(m.Name),
            }))];
        }
    }

    private static decimal? Over(decimal numerator, decimal denominator) => denominator == 0 ? null : numerator / denominator;

    /// <summary>Whether QPVs of both lists are linked in another way than all to one of 2024.</summary>
    public static bool IsNotComparable(SmallWorld world, string qpv) => Linked(world, qpv).Count(code => code.StartsWith("QN")) > 1;

    private static string Qpv(SmallWorld world, IndicatorRequest request, string code) =>
        request.QpvBasis == QpvBasis.Lineage && !IsNotComparable(world, code)
            ? Linked(world, code).Where(c => c.StartsWith("QN")).DefaultIfEmpty(code).Single()
            : code;

    /// <summary>All that links lead to, in whatever direction.</summary>
    private static HashSet<string> Linked(SmallWorld world, string code)
    {
        HashSet<string> found = [code];
        for (var known = 0; known < found.Count;)
        {
            known = found.Count;
            foreach (var (predecessor, successor) in world.Lineage.Where(l => found.Contains(l.Predecessor) || found.Contains(l.Successor)))
                found.UnionWith([predecessor, successor]);
        }
        return found;
    }

    private static string Landlord(SmallWorld world, IndicatorRequest request, string siren)
    {
        while (request.LandlordBasis == LandlordBasis.Current && world.Landlords.First(l => l.Siren == siren).Successor is { } successor)
            siren = successor;
        return siren;
    }

    private static string Family(SmallWorld world, IndicatorRequest request, string siren) =>
        world.Landlords.First(l => l.Siren == Landlord(world, request, siren)).Family;

    private static bool Passes(SmallWorld world, IndicatorRequest request, string dimension, string? code)
    {
        return !request.Filters.TryGetValue(Dimensions.Find(dimension)!, out var codes) || codes.Any(asked => Key(asked) == Key(code!));

        string? Key(string known) => dimension switch
        {
            "landlord" => Landlord(world, request, known),
            "qpv" => Qpv(world, request, known),
            _ => known,
        };
    }

    private static bool Wanted(SmallWorld world, IndicatorRequest request, WorldLine line) =>
        Passes(world, request, "axis", line.Axis.ToString()) && Passes(world, request, "theme", world.Themes[line.Axis])
        && (request.LineFamilies.Length == 0 || request.LineFamilies.Any(family => Capitals.Of(family) == line.Family));

    private static IEnumerable<Dictionary<string, string?>> Places(SmallWorld world, WorldQpv qpv) =>
        qpv.Communes.Cast<string?>().DefaultIfEmpty().Select(commune => new Dictionary<string, string?>
        {
            ["region"] = world.Regions[qpv.Department],
            ["department"] = qpv.Department,
            ["epci"] = world.Communes.FirstOrDefault(c => c.Code == commune)?.Epci,
            ["commune"] = commune,
            ["qpv"] = qpv.Code,
        });
}
