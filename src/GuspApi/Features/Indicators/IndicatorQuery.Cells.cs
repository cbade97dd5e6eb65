using GuspApi.Model;
using NpgsqlTypes;
using static GuspApi.Features.Indicators.DimensionSql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// The relations of each grain: from the landlords and places of the question to its cells under their groups, and counts.
/// </summary>
internal sealed partial class IndicatorQuery
{
    /// <summary>The landlords of the question, and what a code stands under.</summary>
    private string Who() => $"""
        {Bases.Heir(request.LandlordBasis)},
        {Bases.Lineage(request.QpvBasis)},
        who as (
          select * from heir
          where {Narrow(("family", Dimensions.Family))}
            and {NarrowByKey("landlord_key", "select landlord_key from heir", "siren", Dimensions.Landlord)}
        )
        """;

    /// <summary>The cells of the question: what was spent and what was held.</summary>
    private string Cells(Grain of)
    {
        // A parameter for each: of a range or an array that it does not know PostgreSQL expects too little or too much, and keeps no plan.
        var years = string.Join(", ", Enumerable.Range(0, request.Years).Select(Year));
        var asOf = request.AsOf is { } revision ? Parameter("as_of", NpgsqlDbType.Bigint, revision) : null;
        // Of another grain than the sums, who is counted meets the landlords later, when each is there once; unless it is narrowed by them.
        var meetsWho = of == grain ? asksWho : isNarrowedByWho;
        return CountedFigures.Sql(request, RelationOf("cell", of), PlacesOf("place", of), of, years, asOf,
            isNarrowedByPlace, isNarrowedByWho, meetsWho && HasLandlords(of));
    }

    private string Year(int index) => Parameter("year" + index, NpgsqlDbType.Smallint, (short)(request.From + index));

    /// <summary>The places of the question.</summary>
    private string Places(Grain of) => $"""
        {PlacesOf("place", of)} as (
          {(HasQpvs(of) ? Qpvs() : Departments())}
        )
        """;

    /// <summary>The places under their groups.</summary>
    private string Spots(Grain of) => $"""
        {Places(of)},
        {PlacesOf("spot", of)} as {(byCommune ? "materialized" : "not materialized")} (
          select {(byCommune ? "distinct" : "")} p.place_code, p.qpv_key{Coded(OfCell(DimensionOf.Place))} from {PlacesOf("place", of)} p
        )
        """;

    private string Departments() => $"""
        select d.code as place_code, d.code as qpv_key, d.code as department_code, d.region_code, null as commune_code, null as epci_code
        from department d
        where {Narrow(("d.code", Dimensions.Department), ("d.region_code", Dimensions.Region))}
        """;

    private string Qpvs() => $"""
        select q.code as place_code, g.qpv_key, q.department_code, d.region_code,
               {(byCommune ? "m.commune_code" : "null as commune_code")}, {(byEpci ? "t.epci_code" : "null as epci_code")}
        from qpv q {(request.QpvBasis == QpvBasis.Lineage ? "join lineage g on g.qpv_code = q.code" : "cross join lateral (select q.code as qpv_key) g")}
          join department d on d.code = q.department_code
          {(byCommune ? "left join qpv_commune m on m.qpv_code = q.code" : "")}
          {(byEpci ? "left join commune t on t.code = m.commune_code" : "")}
        where {Narrow(("q.department_code", Dimensions.Department), ("d.region_code", Dimensions.Region),
          ("m.commune_code", Dimensions.Commune), ("t.epci_code", Dimensions.Epci))}
          and {NarrowByKey("g.qpv_key", "select qpv_key from lineage", "qpv_code", Dimensions.Qpv)}
        """;

    /// <summary>The cells of a grain under the groups of the question.</summary>
    private string Groups(Grain of)
    {
        var ofPlace = OfCell(DimensionOf.Place);
        return $"""
            {(of == grain ? Parts() : CountedParts(of))},
            {RelationOf("group_part", of)} as {(keepsGroups ? "" : "not materialized ")}(
              select c.*, p.qpv_key{(asksPlace ? Columns("p", ofPlace) : Coded(ofPlace))}
              from {RelationOf("part", of)} c
                {(asksPlace ? $"join {PlacesOf("spot", of)} p using (place_code)" : "cross join lateral (select c.place_code as qpv_key) p")}
            )
            """;
    }

    /// <summary>The cells of the groups on the page; "is true" has them looked up in a hash, whatever PostgreSQL expects.</summary>
    private string Shown(Grain of)
    {
        var under = CountedUnder(of);
        var onPage = $"(({string.Join(", ", under.Select(d => "c." + d.Column))}) in (select {Columns(under)} from page)) is true";
        return $"""
            {RelationOf("shown", of)} as (
              select * from {RelationOf("group_part", of)} c
              where {(under.Count > 0 ? onPage : "true")}
            )
            """;
    }

    private Grain GrainOf(Measure counted) => counted == Measures.Landlords ? grainOfLandlords : grainOfQpvs;

    /// <summary>What is counted at another grain than that of the sums has relations of its own.</summary>
    private string RelationOf(string relation, Grain of) => of == grain ? relation : $"{relation}_of_{Capitals.Of(of).ToLowerInvariant()}";

    private static bool HasQpvs(Grain of) => of is Grain.Holding or Grain.Qpv;

    private static bool HasLandlords(Grain of) => of is Grain.Holding or Grain.Landlord;

    /// <summary>Places are QPVs or départements: two grains of the same share them.</summary>
    private string PlacesOf(string relation, Grain of) =>
        HasQpvs(of) == HasQpvs(grain) ? relation : $"{relation}_of_{(HasQpvs(of) ? "qpv" : "department")}";

    /// <summary>Whether the years of what is only counted are bits of one number: it is then met once, not in each year.</summary>
    private bool KeepsBits(Grain of) => of != grain && ofCell.Contains(Dimensions.Year) && request.Years is > 1 and < 64;

    /// <summary>
    /// The cells, their years merged where that pays: what is counted once is then found among a row for each landlord × QPV, not for each
    /// of its years.
    /// </summary>
    private string Parts()
    {
        var cellKeys = OfCell(DimensionOf.Cell);
        // Amounts by axis go without counts, and so without merging.
        var isMerged = grain == Grain.Holding && request.Years > 1 && !cellKeys.Contains(Dimensions.Year) && Counted.Any(Asks);
        // Cents are whole, and sums of whole numbers would be numeric, which are slow to sum again.
        string Merged(string column) => isMerged ? $"sum(c.{column})::bigint as {column}" : $"c.{column}";
        string[] amounts = ["dwellings", "abatement", "declarations", "expected", .. byAxis ? [] : new[] { "expense", "valued" }];
        return $"""
            part as {(isMerged ? "materialized" : "not materialized")} (
              select c.place_code, c.landlord_key{Coded(cellKeys)}, {(isMerged ? "bool_or(c.counts)" : "c.counts")} as counts,
                     {string.Join(", ", amounts.Select(Merged))}
                     {(byAxis ? $", {CountedFigures.ByAxis("c", "expense")}, {CountedFigures.ByAxis("c", "valued")}" : "")}
              from cell c
              {(isMerged ? $"group by c.place_code, c.landlord_key{string.Concat(cellKeys.Select(d => ", " + d.Column))}" : "")}
            )
            """;
    }

    /// <summary>
    /// The cells of what is only counted: no amounts, and each landlord once in each place, unless its years are told apart.
    /// </summary>
    private string CountedParts(Grain of)
    {
        var (years, once) = (KeepsBits(of), request.Years > 1 && !ofCell.Contains(Dimensions.Year)) switch
        {
            (true, _) => ($", bit_or({YearBit("c.year")}) as years", "group by 1, 2"),
            (_, true) => ("", "group by 1, 2"),
            _ => (", c.year", ""),
        };
        var cellKeys = CountedUnder(of).Where(d => d.Of == DimensionOf.Cell);
        return $"""
            {RelationOf("part", of)} as (
              select c.place_code, c.landlord_key{Coded(cellKeys)}, {(KeepsBits(of) ? "c.years, " : "")}true as counts
              from (
                select k.*, who.landlord_key, who.family
                from (select c.place_code, c.landlord_siren{years} from {RelationOf("cell", of)} c where c.counts {once}) k
                  {CountedFigures.JoinWho("k", asksWho && HasLandlords(of))}
              ) c
            )
            """;
    }

    private string YearBit(string year) => $"1::bigint << ({year} - {Year(0)})";

    /// <summary>The groups under which a grain is counted, its years aside where they are bits.</summary>
    private List<Dimension> CountedUnder(Grain of) => KeepsBits(of) ? [.. ofCell.Where(d => d != Dimensions.Year)] : ofCell;

    /// <summary>
    /// What is counted once however often it occurs in a group. Made distinct and counted in two steps, each by hashing: count(distinct …)
    /// would sort the cells of every group.
    /// </summary>
    private IEnumerable<string> Counts() => Counted.Where(Asks).Select(measure => $"""
        {measure.Name} as (
          select {Listed("d", ofCell)}count(d.key)::numeric as {measure.Name}
          from ({Distinct(measure)}) d
          {GroupBy(ofCell)}
        )
        """);

    private string CountColumns() =>
        string.Concat(Counted.Where(Asks).Select(measure => $", coalesce({measure.Name}.{measure.Name}, 0) as {measure.Name}"));

    private string JoinCounts(string row) =>
        string.Concat(Counted.Where(Asks).Select(measure => $" left join {measure.Name} on {Meet((measure.Name, row, ofCell))}"));

    /// <summary>Communes are counted within the group: under an EPCI or a commune, those of it alone.</summary>
    private string Distinct(Measure measure)
    {
        var of = GrainOf(measure);
        var under = CountedUnder(of);
        var parts = RelationOf(cut == Cut.Last ? "group_part" : "shown", of);
        if (measure == Measures.Communes && byCommune)
        {
            // QPVs are of the grain of the sums then, and so are their places.
            return $"""
                select distinct p.commune_code as key{Columns("c", OfCell(DimensionOf.Cell))}{Coded(OfCell(DimensionOf.Place))}
                from (select distinct c.place_code{Columns("c", OfCell(DimensionOf.Cell))} from {parts} c where c.counts) c
                  join place p using (place_code)
                """;
        }
        var (key, communes) = measure == Measures.Communes ? ("m.commune_code", "join qpv_commune m on m.qpv_code = c.place_code")
            : (measure == Measures.Qpvs ? "c.qpv_key" : "c.landlord_key", "");
        if (!KeepsBits(of))
            return $"select distinct {Listed("c", under)}{key} as key from {parts} c {communes} where c.counts";

        var years = string.Join(", ", Enumerable.Range(0, request.Years).Select(i => $"({Year(i)})"));
        return $"""
            select {Listed("k", under)}{Key(Dimensions.Year)} as {Dimensions.Year.Column}, k.key
            from (
              select {Listed("c", under)}{key} as key, bit_or(c.years) as years
              from {parts} c {communes}
              where c.counts
              group by {Listed("c", under)}{key}
            ) k
              join (values {years}) c (year) on k.years & ({YearBit("c.year")}) <> 0
            """;
    }

    private List<Dimension> OfCell(DimensionOf of) => [.. ofCell.Where(d => d.Of == of)];

    private string Narrow(params (string Column, Dimension Dimension)[] filters)
    {
        var asked = filters.Where(f => request.Filters.ContainsKey(f.Dimension)).Select(f =>
            $"{OrAbsent(f.Column, f.Dimension)} = any "
                + $"({Parameter(f.Dimension.Name, NpgsqlDbType.Array | NpgsqlDbType.Text, request.Filters[f.Dimension])})");
        return string.Join(" and ", asked.DefaultIfEmpty("true"));
    }

    /// <summary>A code asked for selects all that stand under the same key.</summary>
    private string NarrowByKey(string key, string keys, string code, Dimension dimension) =>
        request.Filters.ContainsKey(dimension) ? $"{key} in ({keys} where {Narrow((code, dimension))})" : "true";
}
