using System.Text.Json.Serialization;
using GuspApi.Http;

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

    /// <summary>Where the figures come from.</summary>
    public required IndicatorLinks Links { get; init; }

    internal static IndicatorRow From(IndicatorRequest request, IndicatorFigures row) => new()
    {
        Links = new(request.Narrowed(row.Groups).SourcesPath()),
        Group = request.GroupBy.Zip(row.Groups).ToDictionary(pair => pair.First.Name, pair => pair.Second),
        NotComparable = row.NotComparable,
        Figures = request.Measures.Zip(row.Values).ToDictionary(pair => pair.First.Name, object? (pair) => pair.First.Round(pair.Second)),
    };
}

/// <param name="Sources">The declarations and holdings behind the row: their sums give its figures.</param>
public sealed record IndicatorLinks(string Sources);

/// <summary>
/// What lies behind a figure: a landlord in a QPV in a year, at the versions that count. The sums of the amounts give the figure.
/// </summary>
/// <param name="Landlord">The landlord.</param>
/// <param name="Qpv">The QPV.</param>
/// <param name="Year">The year.</param>
/// <param name="Declaration">The version that counts; null with <c>perimeter=all</c> where none does.</param>
/// <param name="Holding">The version of the holding; null where there is none.</param>
/// <param name="Expense">EUR spent on the lines of the question.</param>
/// <param name="Valued">EUR of these lines charged to the abatement.</param>
/// <param name="Dwellings">Dwellings on 1 January; 0 where there is no holding.</param>
/// <param name="Abatement">EUR of tax saved; 0 where there is no holding.</param>
public sealed record IndicatorSource(
    SirenAndName Landlord, CodeAndName Qpv, int Year, SourceDeclaration? Declaration, SourceVersion? Holding,
    decimal Expense, decimal Valued, int Dwellings, decimal Abatement);

/// <param name="Version">Its number.</param>
/// <param name="Href">Path of the version.</param>
/// <param name="Revision">Its place in the order of all writes.</param>
/// <param name="At">When it was accepted (UTC).</param>
public sealed record SourceDeclaration(int Version, string Href, long? Revision, DateTime? At);

/// <param name="Version">Its number.</param>
/// <param name="Href">Path of the version.</param>
public sealed record SourceVersion(int Version, string Href);

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
