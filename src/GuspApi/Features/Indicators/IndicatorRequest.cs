using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.WebUtilities;

namespace GuspApi.Features.Indicators;

/// <summary>Which version of a declaration counts.</summary>
public enum IndicatorStatus
{
    /// <summary>The last validated version.</summary>
    Validated,

    /// <summary>The current version where it is submitted or validated, else the last validated.</summary>
    Submitted,
}

/// <summary>Which holdings the denominators count.</summary>
public enum Perimeter
{
    /// <summary>Those whose declaration is counted.</summary>
    Declared,

    /// <summary>All.</summary>
    All,
}

/// <summary>One key to sort by: a measure or a dimension.</summary>
internal sealed record SortKey(Measure? Measure, Dimension? Dimension, bool Descending)
{
    public string Column => Measure?.Column ?? Dimension!.Column;
}

/// <summary>A question to the indicators, its form already checked.</summary>
internal sealed record IndicatorRequest(int From, int To)
{
    public IReadOnlyList<Dimension> GroupBy { get; init; } = [];

    /// <summary>Codes wanted, by dimension; a dimension that is absent is not narrowed.</summary>
    public IReadOnlyDictionary<Dimension, string[]> Filters { get; init; } = new Dictionary<Dimension, string[]>();

    /// <summary>REINFORCEMENT or SPECIFIC; empty for both.</summary>
    public LineFamily[] LineFamilies { get; init; } = [];

    public IndicatorStatus Status { get; init; }

    /// <summary>The revision whose state is asked for; null for things as they stand.</summary>
    public long? AsOf { get; init; }

    /// <summary>Whose submitted declarations may be counted.</summary>
    public Caller Caller { get; init; } = Caller.Anonymous;

    public Perimeter Perimeter { get; init; }
    public LandlordBasis LandlordBasis { get; init; }
    public QpvBasis QpvBasis { get; init; }
    public IReadOnlyList<Measure> Measures { get; init; } = Indicators.Measures.All;
    public IReadOnlyList<SortKey> Sort { get; init; } = [];

    /// <summary>Null for every row.</summary>
    public int? Limit { get; init; }

    /// <summary>The values of <see cref="Order"/> in the last row of the page before, in that order; null for the first page.</summary>
    public IReadOnlyList<string?>? After { get; init; }

    public int Years => To - From + 1;

    /// <summary>Lines are split or narrowed by axis, theme or family: figures of holdings do not follow.</summary>
    public bool SplitsLines => LineFamilies.Length > 0 || GroupBy.Any(d => d.SplitsLines) || Filters.Keys.Any(d => d.SplitsLines);

    /// <summary>Whether a measure has a meaning in its rows.</summary>
    public bool Gives(Measure measure) => measure.Splits || !SplitsLines;

    /// <summary>What its measures are made of.</summary>
    public IReadOnlyList<Sum> Sums => [.. Measures.Where(Gives).SelectMany(measure => measure.Sums).Distinct()];

    /// <summary>Rows say whether the figures of both lists of QPVs can be compared.</summary>
    public bool TellsComparability => QpvBasis == QpvBasis.Lineage && GroupBy.Contains(Dimensions.Qpv);

    /// <summary>What was asked for, then the group codes, so that no two rows are equal.</summary>
    public IReadOnlyList<SortKey> Order =>
        [.. Sort, .. GroupBy.Where(d => Sort.All(key => key.Dimension != d)).Select(d => new SortKey(null, d, false))];

    /// <summary>The same question without groups: the total, each euro and each dwelling once.</summary>
    public IndicatorRequest Total() => this with { GroupBy = [], Sort = [], Limit = null, After = null };

    /// <summary>The question of which a row is the whole answer: its groups as filters.</summary>
    public IndicatorRequest Narrowed(IReadOnlyList<GroupValue> groups)
    {
        var one = Total() with { Filters = new Dictionary<Dimension, string[]>(Filters) };
        foreach (var (dimension, group) in GroupBy.Zip(groups))
        {
            one = dimension == Dimensions.Year
                ? one with
                {
                    From = int.Parse(group.Code!, CultureInfo.InvariantCulture),
                    To = int.Parse(group.Code!, CultureInfo.InvariantCulture)
                }
                : one with
                {
                    Filters = new Dictionary<Dimension, string[]>(one.Filters)
                    { [dimension] = [group.Code ?? Dimensions.NoCode] }
                };
        }
        return one;
    }

    /// <summary>Path of the declarations and holdings behind the figures of this question.</summary>
    public string SourcesPath() => QueryHelpers.AddQueryString("/v1/indicators/sources", Query());

    /// <summary>Path of the figures themselves, with every measure; for groups in the order of their codes.</summary>
    public string Path()
    {
        var query = Query();
        if (GroupBy.Count > 0)
            query["groupBy"] = string.Join(',', GroupBy.Select(dimension => dimension.Name));
        return QueryHelpers.AddQueryString("/v1/indicators", query);
    }

    private Dictionary<string, string?> Query()
    {
        var query = new Dictionary<string, string?> { ["from"] = Text(From), ["to"] = Text(To) };
        foreach (var (dimension, codes) in Filters)
            query[dimension.Name] = string.Join(',', codes.Select(code => code == Dimensions.NoCode ? OrNoneForm<EpciForm>.None : code));
        if (LineFamilies.Length > 0)
            query["lineFamily"] = string.Join(',', LineFamilies.Select(Capitals.Of));
        if (Status == IndicatorStatus.Submitted)
            query["status"] = "submitted";
        if (Perimeter == Perimeter.All)
            query["perimeter"] = "all";
        if (LandlordBasis == LandlordBasis.Current)
            query["landlordBasis"] = "current";
        if (QpvBasis == QpvBasis.Lineage)
            query["qpvBasis"] = "lineage";
        if (AsOf is { } revision)
            query["asOf"] = Text(revision);
        return query;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
