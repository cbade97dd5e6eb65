using GuspApi.Auth;

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
    public string[] LineFamilies { get; init; } = [];

    public IndicatorStatus Status { get; init; }

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

    /// <summary>Rows say whether the figures of both lists of QPVs can be compared.</summary>
    public bool TellsComparability => QpvBasis == QpvBasis.Lineage && GroupBy.Contains(Dimensions.Qpv);

    /// <summary>What was asked for, then the group codes, so that no two rows are equal.</summary>
    public IReadOnlyList<SortKey> Order =>
        [.. Sort, .. GroupBy.Where(d => Sort.All(key => key.Dimension != d)).Select(d => new SortKey(null, d, false))];

    /// <summary>The same question without groups: the total, each euro and each dwelling once.</summary>
    public IndicatorRequest Total() => this with { GroupBy = [], Sort = [], Limit = null, After = null };
}
