using System.Collections;
using GuspApi.Model;
using NpgsqlTypes;
using static GuspApi.Features.Indicators.DimensionSql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// The relations of each grain: from the landlords and places of the question to its cells, what is present of them, and counts.
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

    /// <summary>
    /// The cells that rows sum, and those that tell what the whole question spent. Kept ones are narrowed by what they are joined to, the
    /// others before they are made.
    /// </summary>
    private IEnumerable<string> Cells()
    {
        // A parameter for each: of a range or an array that it does not know PostgreSQL expects too little or too much, and keeps no plan.
        var years = string.Join(", ", Enumerable.Range(0, request.Years).Select(Year));
        if (!readsKept)
        {
            yield return CountedFigures.Cells(request, years, byAxis, isNarrowedByPlace, isNarrowedByWho,
                request.AsOf is { } revision ? Parameter("as_of", NpgsqlDbType.Bigint, revision) : null);
            yield break;
        }
        yield return CountedFigures.KeptCells(request, "cell", grain, years, byAxis);
        if (!ReadsWhole)
            yield break;
        yield return CountedFigures.KeptCells(request, "whole", grainOfWhole, years, byAxis,
            isNarrowedByPlace ? PlacesOf("place", grainOfWhole) : null, isNarrowedByWho);
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
        select q.code as place_code, g.qpv_key, q.department_code, {(byRegion ? "d.region_code" : "null as region_code")},
               {(byCommune ? "m.commune_code" : "null as commune_code")}, {(byEpci ? "t.epci_code" : "null as epci_code")}
        from qpv q
          {(request.QpvBasis == QpvBasis.Lineage
            ? "join lineage g on g.qpv_code = q.code" : "cross join lateral (select q.code as qpv_key) g")}
          {(byRegion ? "join department d on d.code = q.department_code" : "")}
          {(byCommune ? "left join qpv_commune m on m.qpv_code = q.code" : "")}
          {(byEpci ? "left join commune t on t.code = m.commune_code" : "")}
        where {Narrow(("q.department_code", Dimensions.Department), ("d.region_code", Dimensions.Region),
          ("m.commune_code", Dimensions.Commune), ("t.epci_code", Dimensions.Epci))}
          and {NarrowByKey("g.qpv_key", "select qpv_key from lineage", "qpv_code", Dimensions.Qpv)}
        """;

    /// <summary>Each landlord × place of a grain under its groups; years, where they are told apart, are bits of it.</summary>
    private string Present(Grain of)
    {
        var place = isNarrowedByPlace && !asksPlace ? PlacesOf("place", of) : null;
        var years = readsKept
            ? CountedFigures.KeptYears(request, of, Period(), place, asksWho && HasLandlords(of), tellsYears)
            : CountedFigures.Years(tellsYears);
        var (spot, groups) = asksPlace
            ? ($"join {PlacesOf("spot", of)} p using (place_code)", Columns("p", OfCell(DimensionOf.Place)))
            : ("cross join lateral (select c.place_code as qpv_key) p", Coded(OfCell(DimensionOf.Place)));
        return $"""
            {Named("present", of)} as (
              select c.*{Coded(under.Where(d => d.Of == DimensionOf.Cell))}, p.qpv_key{groups}
              from ({years}) c {spot}
            )
            """;
    }

    private string Period()
    {
        var period = new BitArray(CountedFigures.YearsKept);
        foreach (var index in KnownYears())
            period[request.From + index - CountedFigures.FirstYearKept] = true;
        return Parameter("period", NpgsqlDbType.Varbit, period);
    }

    /// <summary>Which years of the question may have something: a report looks back as far as its own are many.</summary>
    private IEnumerable<int> KnownYears() => Enumerable.Range(0, request.Years)
        .Where(index => request.From + index - CountedFigures.FirstYearKept is >= 0 and < CountedFigures.YearsKept);

    /// <summary>SQL of these; of a year that is null where there are none.</summary>
    private List<string> ToldYears() => [.. KnownYears().Select(Year).DefaultIfEmpty("null::smallint")];

    /// <summary>What is present on the page; "is true" has it looked up in a hash, whatever PostgreSQL expects.</summary>
    private string Shown(Grain of)
    {
        var onPage = $"(({string.Join(", ", under.Select(d => "c." + d.Column))}) in (select {Columns(under)} from page)) is true";
        return $"""
            {Named("shown", of)} as (
              select * from {Named("present", of)} c where {(under.Count > 0 ? onPage : "true")}
            )
            """;
    }

    private Grain GrainOf(Measure counted) => counted == Measures.Landlords ? grainOfLandlords : grainOfQpvs;

    /// <summary>What is counted at another grain than that of the sums has relations of its own.</summary>
    private string Named(string relation, Grain of) => of == grain ? relation : $"{relation}_of_{Capitals.Of(of).ToLowerInvariant()}";

    private static bool HasQpvs(Grain of) => of is Grain.Holding or Grain.Qpv;

    private static bool HasLandlords(Grain of) => of is Grain.Holding or Grain.Landlord;

    /// <summary>Places are QPVs or départements: two grains of the same share them.</summary>
    private string PlacesOf(string relation, Grain of) =>
        HasQpvs(of) == HasQpvs(grain) ? relation : $"{relation}_of_{(HasQpvs(of) ? "qpv" : "department")}";

    /// <summary>
    /// What is counted once however often it occurs in a group. Made distinct, where it has to be, and counted in two steps, each by hashing:
    /// count(distinct …) would sort the cells of every group.
    /// </summary>
    private IEnumerable<string> Counts() => Counted.Where(Asks).Select(measure => $"""
        {measure.Name} as (
          {(tellsYears ? CountByYear(measure) : $"""
            select {Listed("d", ofCell)}count(d.key)::numeric as {measure.Name}
            from ({Distinct(measure)}) d
            {GroupBy(ofCell)}
            """)}
        )
        """);

    /// <summary>Its years are counted beside each other, then put in rows: none is met twice.</summary>
    private string CountByYear(Measure measure)
    {
        var counts = ToldYears().Select((year, i) => $"count(d.key) filter (where {HasYear("d.years", year)}) as year{i}");
        var rows = ToldYears().Select((year, i) => $"({year}, d.year{i}::numeric)");
        return $"""
            select {Listed("d", under)}{Key(Dimensions.Year)} as {Dimensions.Year.Column}, c.{measure.Name}
            from (select {Listed("d", under)}{string.Join(", ", counts)} from ({Distinct(measure)}) d {GroupBy(under)}) d
              cross join lateral (values {string.Join(", ", rows)}) c (year, {measure.Name})
            """;
    }

    /// <summary>Not "= 1", of which PostgreSQL expects next to nothing.</summary>
    private static string HasYear(string years, string year) => $"get_bit({years}, {year} - {CountedFigures.FirstYearKept}) <> 0";

    private string CountColumns() =>
        string.Concat(Counted.Where(Asks).Select(measure => $", coalesce({measure.Name}.{measure.Name}, 0) as {measure.Name}"));

    private string JoinCounts(string row) =>
        string.Concat(Counted.Where(Asks).Select(measure => $" left join {measure.Name} on {Meet((measure.Name, row, ofCell))}"));

    /// <summary>Whether a group has each key in one row at most.</summary>
    private bool HasOnce(Measure measure) => measure == Measures.Qpvs
        ? grainOfQpvs == Grain.Qpv && request.QpvBasis == QpvBasis.Declared
        : measure == Measures.Landlords && grainOfLandlords == Grain.Landlord && request.LandlordBasis == LandlordBasis.Declared
            && under.Contains(Dimensions.Department);

    /// <summary>Each key once in each group, with its years where they are told apart.</summary>
    private string Distinct(Measure measure)
    {
        var present = Named(cut == Cut.Last ? "present" : "shown", GrainOf(measure));
        var (columns, key, from) = (Columns("c", under), "c.landlord_key", $"{present} c");
        if (measure == Measures.Qpvs)
        {
            key = "c.qpv_key";
        }
        else if (measure == Measures.Communes && !byCommune)
        {
            (key, from) = ("m.commune_code", $"{present} c join qpv_commune m on m.qpv_code = c.place_code");
        }
        else if (measure == Measures.Communes)
        {
            // Within the group: under an EPCI or a commune, those of it alone. QPVs are of the grain of the sums then.
            var ofCells = Columns("c", under.Where(d => d.Of == DimensionOf.Cell));
            (columns, key) = (ofCells + Coded(OfCell(DimensionOf.Place)), "p.commune_code");
            var places = $"select distinct c.place_code, c.counts{(tellsYears ? ", c.years" : "")}{ofCells} from {present} c";
            from = $"({places}) c join place p using (place_code)";
        }
        return HasOnce(measure)
            ? $"select {key} as key{columns}{(tellsYears ? ", c.years" : "")} from {from} where c.counts"
            : $"""
                select {key} as key{columns}{(tellsYears ? ", bit_or(c.years) as years" : "")}
                from {from}
                where c.counts
                group by {string.Join(", ", Enumerable.Range(1, under.Count + 1))}
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
