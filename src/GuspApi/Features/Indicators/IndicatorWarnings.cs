using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>What a reader of figures should know: codes that do not exist, and why a figure is null.</summary>
internal static class IndicatorWarnings
{
    public static async Task<IReadOnlyList<Text>> UnknownCodesAsync(
        NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
    {
        var warnings = new List<Text>();
        foreach (var (dimension, codes) in request.Filters.Where(filter => filter.Key.Known is not null))
        {
            await using var command = new NpgsqlCommand(
                $"select c from unnest($1) c where c <> '{Dimensions.NoCode}' and c not in ({dimension.Known}) order by c", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = codes });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                warnings.Add(new($"{dimension.Name} {reader.GetString(0)} does not exist.",
                    $"{dimension.Name} {reader.GetString(0)} n'existe pas."));
        }
        return warnings;
    }

    public static IEnumerable<Text> NotComparable(IndicatorRequest request, IEnumerable<IndicatorFigures> rows)
    {
        var qpv = request.GroupBy.ToList().IndexOf(Dimensions.Qpv);
        var codes = rows.Where(row => row.NotComparable == true).Select(row => row.Groups[qpv].Code).Distinct().ToList();
        if (codes.Count == 0)
            yield break;
        var named = string.Join(", ", codes);
        yield return new(
            $"The lists of 2015 and 2024 divide these QPVs differently, so figures of one do not compare with those of the other: {named}.",
            $"Les listes de 2015 et de 2024 découpent autrement ces QPV, leurs chiffres ne se comparent pas de l'une à l'autre : {named}.");
    }

    public static IEnumerable<Text> Nulls(IndicatorRequest request, IEnumerable<IndicatorFigures> rows)
    {
        var all = rows.ToList();
        var unsplit = request.Measures.Where(m => !request.Gives(m)).Select(m => m.Name).ToList();
        if (unsplit.Count > 0)
        {
            yield return new(
                $"Null, since they have no meaning by axis, theme or line family: {string.Join(", ", unsplit)}.",
                $"Valeurs nulles, sans signification par axe, thème ou famille de ligne : {string.Join(", ", unsplit)}.");
        }

        for (var i = 0; i < request.Measures.Count; i++)
        {
            var measure = request.Measures[i];
            var nulls = all.Count(row => row.Values[i] is null);
            if (measure.Lacks is { } lacks && nulls > 0 && !unsplit.Contains(measure.Name))
            {
                yield return new(
                    $"{measure.Name} is null in {nulls} {(nulls == 1 ? "row" : "rows")}: there is {lacks.En} to divide by.",
                    $"{measure.Name} est nul dans {nulls} {(nulls == 1 ? "ligne" : "lignes")} : {lacks.Fr} au dénominateur.");
            }
        }
    }
}
