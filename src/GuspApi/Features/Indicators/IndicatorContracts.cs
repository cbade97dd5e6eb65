using System.Text.Json.Serialization;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>Figures of one group. Each measure asked for lies beside <c>group</c>; null where it has no denominator.</summary>
public sealed record IndicatorRow
{
    /// <summary>Code and label of each dimension of <c>groupBy</c>; empty without it.</summary>
    public required IReadOnlyDictionary<string, GroupValue> Group { get; init; }

    /// <summary>
    /// With <c>qpvBasis=lineage</c>, by QPV: true where the QPV was split or has a part of one that was, so that its figures of one list
    /// do not compare with those of the other.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? NotComparable { get; init; }

    /// <summary>The measures by name; units and formulas are in <c>/v1/indicators/definitions</c>.</summary>
    [JsonExtensionData]
    public IDictionary<string, object?> Figures { get; init; } = new Dictionary<string, object?>();

    internal static IndicatorRow From(IndicatorRequest request, IndicatorFigures row) => new()
    {
        Group = request.GroupBy.Zip(row.Groups).ToDictionary(pair => pair.First.Name, pair => pair.Second),
        NotComparable = row.NotComparable,
        Figures = request.Measures.Zip(row.Values).ToDictionary(pair => pair.First.Name, object? (pair) => pair.First.Round(pair.Second)),
    };
}

/// <summary>A page of rows of figures, and the total beside them.</summary>
/// <param name="Data">The rows.</param>
/// <param name="Totals">With <c>totals=true</c>: the whole query as one row, each euro and each dwelling once.</param>
/// <param name="Meta">How many rows there are, and what was noticed.</param>
/// <param name="Links">This page and the next.</param>
public sealed record IndicatorPage(
    IReadOnlyList<IndicatorRow> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IndicatorRow? Totals,
    CollectionMeta Meta,
    CollectionLinks Links);

/// <summary>What a measure means.</summary>
/// <param name="Name">Its name in <c>measures=</c>, <c>sort=</c> and the answers.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Formula">How it is computed: sum first, divide once, round last.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Decimals">Decimals of the answers; half is rounded away from zero.</param>
/// <param name="Dimensions">The dimensions it may be grouped and filtered by.</param>
/// <param name="Source">What it is read from.</param>
public sealed record MeasureDefinition(
    string Name, Translated Label, Translated Formula, Translated Unit, int Decimals, IReadOnlyList<string> Dimensions, Translated Source)
{
    internal static MeasureDefinition Of(Measure m) => new(
        m.Name, Translated.Of(m.Label), Translated.Of(m.Formula), Translated.Of(m.Unit), m.Decimals,
        [.. m.AllowedDimensions.Select(d => d.Name)], Translated.Of(m.Source));
}

/// <summary>What a dimension is.</summary>
/// <param name="Name">Its name in <c>groupBy=</c> and as a filter (but <c>year</c>: the period is from and to).</param>
/// <param name="Label">Its name for people.</param>
public sealed record DimensionDefinition(string Name, Translated Label);

/// <param name="Measures">Every measure.</param>
/// <param name="Dimensions">Every dimension.</param>
/// <param name="Bases">Every basis: under which landlord or QPV figures add up.</param>
public sealed record IndicatorDefinitions(
    IReadOnlyList<MeasureDefinition> Measures, IReadOnlyList<DimensionDefinition> Dimensions, IReadOnlyList<BasisDefinition> Bases);

/// <param name="En">In English.</param>
/// <param name="Fr">In French.</param>
public sealed record Translated(string En, string Fr)
{
    internal static Translated Of(Text text) => new(text.En, text.Fr);
}
