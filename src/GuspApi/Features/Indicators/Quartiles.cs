using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>
/// How figures are spread: the quarter of them lies below <see cref="Lower"/>, half below <see cref="Median"/>. Between two figures a
/// quartile is taken in proportion, as PostgreSQL's <c>percentile_cont</c> and spreadsheets do.
/// </summary>
/// <param name="Count">Figures there are; absent ones do not count.</param>
/// <param name="Lowest">The lowest.</param>
/// <param name="Lower">The lower quartile.</param>
/// <param name="Median">The median.</param>
/// <param name="Upper">The upper quartile.</param>
/// <param name="Highest">The highest.</param>
internal sealed record Quartiles(int Count, decimal Lowest, decimal Lower, decimal Median, decimal Upper, decimal Highest)
{
    public static readonly Text Definition = new(
        "QPVs in the order of their expense per dwelling, each counted once: "
            + "a quarter lie below the lower quartile, half below the median, "
        + "three quarters below the upper one; taken in proportion between two QPVs.",
        "QPV rangés selon leur dépense par logement, chacun compté une fois : un quart sont sous le premier quartile, "
            + "la moitié sous la médiane, "
        + "les trois quarts sous le troisième quartile ; en proportion entre deux QPV.");

    /// <summary>Null when there is no figure.</summary>
    public static Quartiles? Of(IEnumerable<decimal?> figures)
    {
        var sorted = figures.OfType<decimal>().Order().ToArray();
        return sorted.Length == 0 ? null : new(
            sorted.Length, sorted[0], At(sorted, 0.25m), At(sorted, 0.5m), At(sorted, 0.75m), sorted[^1]);
    }

    /// <summary>Which quarter a figure lies in, from 0 to 3.</summary>
    public int Quarter(decimal figure) => figure < Lower ? 0 : figure < Median ? 1 : figure < Upper ? 2 : 3;

    private static decimal At(decimal[] sorted, decimal part)
    {
        var place = part * (sorted.Length - 1);
        var below = (int)decimal.Truncate(place);
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * (place - below);
    }
}
