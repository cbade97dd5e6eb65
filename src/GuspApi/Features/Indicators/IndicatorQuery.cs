using GuspApi.Auth;
using Npgsql;
using NpgsqlTypes;
using static GuspApi.Features.Indicators.DimensionSql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// Composes the one statement that answers a question, from the measures and dimensions asked for. Values are parameters; the text
/// is made of this folder's own entries only.
/// </summary>
/// <remarks>
/// Relations: <c>who</c>; <c>place</c> and <c>spot</c> (places under their groups), QPVs or départements; <c>cell</c> and <c>whole</c>, its
/// figures; for each grain <c>present</c> (each landlord × place under its groups, with its years) and <c>shown</c> (those of the page);
/// <c>group_cell</c> (cells under their groups), <c>base</c>, <c>share</c> and <c>figure</c> (sums of rows); <c>ranked</c> and <c>page</c>;
/// and one for each count. Of many groups a page shows few: what does not order them is worked out for the page alone (<see cref="Cut"/>).
/// Each question is answered from the coarsest <see cref="Grain"/> that can tell, and so is each count of what is distinct (that of
/// landlords by département needs no QPV, that of QPVs no landlord) and, unless the rows tell it, what the whole question spent. A QPV in
/// two communes is whole under each and once in a total, so sums are taken over <c>spot</c>: its distinct groups, not its communes. Amounts
/// by axis are columns of <c>base</c>, which meets every axis of the question after it is summed (<c>share</c>): that keeps its
/// denominators and makes a zero visible. What a landlord or a QPV stands under (<c>landlord_key</c>, <c>qpv_key</c>) groups, filters and
/// counts it; cells are joined by what was declared, so a basis moves figures between rows and changes no total.
/// </remarks>
internal sealed partial class IndicatorQuery
{
    /// <summary>When the page is cut: as soon as the order of its rows is known, where there may be many.</summary>
    private enum Cut
    {
        /// <summary>By the codes of the groups: sums and counts are of the page.</summary>
        First,

        /// <summary>By their sums: counts are of the page.</summary>
        BeforeCounts,

        /// <summary>When all is known: rows are few or all asked for, or a count orders them.</summary>
        Last,
    }

    private static readonly Measure[] Counted = [Measures.Qpvs, Measures.Landlords, Measures.Communes];

    private static readonly Dimension[] WithinDepartments = [Dimensions.Epci, Dimensions.Commune, Dimensions.Qpv];

    private static readonly Dimension[] OfLandlords = [Dimensions.Landlord, Dimensions.Family];

    private readonly IndicatorRequest request;
    private readonly List<NpgsqlParameter> parameters = [];
    private readonly List<Dimension> ofCell;
    private readonly List<Dimension> ofLine;

    /// <summary>Whether amounts are split or narrowed by axis or theme.</summary>
    private readonly bool byAxis;

    /// <summary>Whether rows ask for more of a place than the QPV that was declared.</summary>
    private readonly bool asksPlace;

    /// <summary>Whether filters leave out some places.</summary>
    private readonly bool isNarrowedByPlace;

    /// <summary>Whether the region of a place is asked for, whether a place is a QPV in one of its communes, and whether the EPCI is.</summary>
    private readonly bool byRegion;
    private readonly bool byCommune;
    private readonly bool byEpci;

    /// <summary>Whether filters leave out some landlords.</summary>
    private readonly bool isNarrowedByWho;

    /// <summary>Whether more of a landlord is asked for than the SIREN that declared.</summary>
    private readonly bool asksWho;

    /// <summary>Whether sums are kept, and years: of what is validated, as it stands.</summary>
    private readonly bool readsKept;

    /// <summary>Whether rows are of one year, and their other groups.</summary>
    private readonly bool tellsYears;
    private readonly List<Dimension> under;

    /// <summary>
    /// The grain of the sums, of the whole question's expense, of the count of landlords, and of those of QPVs and communes.
    /// </summary>
    private readonly Grain grain;
    private readonly Grain grainOfWhole;
    private readonly Grain grainOfLandlords;
    private readonly Grain grainOfQpvs;

    private readonly Cut cut;

    /// <summary>Whether the cells of a short page are looked up: kept ones have an index.</summary>
    private readonly bool looksUpCells;

    private IndicatorQuery(IndicatorRequest request, bool ofSources)
    {
        this.request = request;
        ofCell = [.. request.GroupBy.Where(d => !d.SplitsLines)];
        ofLine = [.. request.GroupBy.Where(d => d.SplitsLines)];
        tellsYears = ofCell.Contains(Dimensions.Year);
        under = [.. ofCell.Where(d => d != Dimensions.Year)];
        var asked = request.GroupBy.Concat(request.Filters.Keys).ToHashSet();
        byAxis = ofLine.Count > 0 || request.Filters.Keys.Any(d => d.SplitsLines);
        isNarrowedByPlace = request.Filters.Keys.Any(d => d.Of == DimensionOf.Place);
        byRegion = asked.Contains(Dimensions.Region);
        byEpci = asked.Contains(Dimensions.Epci);
        byCommune = byEpci || asked.Contains(Dimensions.Commune);
        asksPlace = request.GroupBy.Any(d => d.Of == DimensionOf.Place && d != Dimensions.Qpv) || request.QpvBasis == QpvBasis.Lineage;
        isNarrowedByWho = request.Filters.Keys.Any(OfLandlords.Contains);
        asksWho = isNarrowedByWho || request.GroupBy.Contains(Dimensions.Family) || request.LandlordBasis == LandlordBasis.Current;

        // Sources are what the sums are of.
        readsKept = !ofSources && request.Status == IndicatorStatus.Validated && request.AsOf is null;
        grain = grainOfWhole = grainOfLandlords = grainOfQpvs = Grain.Holding;
        if (readsKept)
        {
            grain = CoarsestThatTells(asked);
            grainOfWhole = CoarsestThatTells(request.Filters.Keys);
            grainOfLandlords = CoarsestThatTells([.. asked, Dimensions.Landlord]);
            grainOfQpvs = CoarsestThatTells([.. asked, Dimensions.Qpv]);
        }

        cut = request.Limit is null || ofCell.Count == 0 || grain == Grain.Department || Sorted().Any(Counted.Contains) ? Cut.Last
            : Sorted().Any() ? Cut.BeforeCounts
            : Cut.First;
        looksUpCells = readsKept && cut == Cut.First;
    }

    private static Grain CoarsestThatTells(IEnumerable<Dimension> asked) =>
        (asked.Any(WithinDepartments.Contains), asked.Any(OfLandlords.Contains)) switch
        {
            (true, true) => Grain.Holding,
            (true, false) => Grain.Qpv,
            (false, true) => Grain.Landlord,
            (false, false) => Grain.Department,
        };

    /// <summary>Columns: total, then a code and a label per dimension, then the <see cref="IndicatorRequest.Sums"/>, then the keys of
    /// <see cref="IndicatorRequest.Order"/> as text, then, where rows tell it, whether they are not comparable.</summary>
    public static NpgsqlCommand Compose(IndicatorRequest request)
    {
        var query = new IndicatorQuery(request, ofSources: false);
        return query.Command(query.Sql());
    }

    /// <summary>
    /// Columns: total, landlord, QPV, year, the declaration's version with its revision and instant, the holding's version, the amounts.
    /// </summary>
    public static NpgsqlCommand ComposeSources(IndicatorRequest request)
    {
        var query = new IndicatorQuery(request with { GroupBy = [] }, ofSources: true);
        return query.Command(query.Sources());
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = new NpgsqlCommand(sql);
        command.Parameters.AddRange(parameters.ToArray());
        if (request.Status == IndicatorStatus.Submitted)
            command.Parameters.VisibleTo(request.Caller);
        return command;
    }

    private string Sql()
    {
        var counted = Counted.Where(Asks).Select(GrainOf).Distinct().ToList();
        var grains = counted.Union([grain]).ToList();
        (string[] Steps, string Rows) answer = cut switch
        {
            Cut.First => ([Page(), .. grains.Select(Shown), Figures(), .. Counts()],
                $"select f.*{CountColumns()} from page g join figure f on "
                    + $"{Meet(("f", "g", ofCell), ("f", "g", ofLine))} {JoinCounts("f")}"),
            Cut.BeforeCounts => ([Figures(), Page(), .. counted.Select(Shown), .. Counts()],
                $"select g.*{CountColumns()} from page g {JoinCounts("g")}"),
            _ => ([.. Counts(), Figures(), Page()], "select * from page"),
        };
        var places = ReadsWhole ? grains.Union([grainOfWhole]) : grains;
        var presents = MeetsSpots ? counted : grains;
        string[] steps = [Who(), .. places.DistinctBy(HasQpvs).Select(Spots), .. Cells(), .. presents.Select(Present), .. answer.Steps];
        return $"""
            with {string.Join(",\n", steps)}
            select (select count(*) from ranked) as total
                   {string.Concat(request.GroupBy.Select(Labelled))}
                   {string.Concat(request.Sums.Select(sum => $", r.{sum.Column()}"))}
                   {string.Concat(request.Order.Select(key => $", r.{key.Column}::text"))}
                   {(request.TellsComparability
                       ? $", r.{Dimensions.Qpv.Column} in (select qpv_code from lineage where not_comparable)" : "")}
            from ({answer.Rows}) r
            {Ordered()}
            """;
    }

    /// <summary>The sums of each row.</summary>
    private string Figures() => $"""
        {(looksUpCells ? PageLength : "")}
        group_cell as not materialized ({GroupCells()}),
        base as (
          select {Listed("c", under)}{(tellsYears ? Coded(Dimensions.Year) + "," : "")}
                 coalesce(sum(c.dwellings), 0)::numeric as dwelling_years, coalesce(sum(c.abatement), 0) * 0.01 as abatement,
                 coalesce(sum(c.declarations), 0)::numeric as declarations, coalesce(sum(c.expected), 0)::numeric as expected,
                 {(byAxis
                    ? $"{CountedFigures.SumsByAxis("c", "expense")}, {CountedFigures.SumsByAxis("c", "valued")}"
                    : "sum(c.expense) as expense, sum(c.valued) as valued")}
          from group_cell c
          {GroupBy(under)}{(tellsYears ? $"{(under.Count > 0 ? "," : "group by")} c.year" : "")}
          {(ofCell.Count == 0 && ofLine.Count > 0 ? "having count(*) > 0" : "")}
        ),
        {(byAxis ? Shares() : "")}
        figure as (
          select {Listed("b", ofCell)}{Listed("b", ofLine)}coalesce(b.expense, 0) * 0.01 as expense, coalesce(b.valued, 0) * 0.01 as valued,
                 b.dwelling_years, b.abatement, b.declarations, b.expected{(cut == Cut.Last ? CountColumns() : "")},
                 {(Asks(Measures.ExpenseShare) ? $"({WholeExpense()})" : "0::numeric")} as whole_expense,
                 {Parameter("years", NpgsqlDbType.Numeric, (decimal)(tellsYears ? 1 : request.Years))} as years
          from {(byAxis ? "share" : "base")} b {(cut == Cut.Last ? JoinCounts("b") : "")}
        )
        """;

    /// <summary>Whether cells meet their places as they are: all are summed, whichever landlord's they are.</summary>
    private bool MeetsSpots => cut != Cut.First && !HasLandlords(grain);

    private const string PageLength = """
        page_length as materialized (
          select (select count(*) from shown) * 3 < (select count(*) from present) as is_short
        ),
        """;

    /// <summary>
    /// The cells under their groups. Those of a short page are looked up by their index; how short it is, is seen once it is known. "offset
    /// 0" keeps PostgreSQL from reading all there, and from looking each up where most are asked for; "is true" from looking among all
    /// cells of the landlord.
    /// </summary>
    private string GroupCells()
    {
        var columns = $"c.*{Columns("p", under)}";
        var place = "c.place_code = p.place_code";
        var who = HasLandlords(grain) ? "c.landlord_siren = p.landlord_siren" : "true";
        var met = cut == Cut.First ? "shown" : MeetsSpots ? "spot" : "present";
        if (!looksUpCells)
            return $"select {columns} from cell c join {met} p on {place} and {who}";
        if (tellsYears)
            place += $" and c.year = any (array(select distinct {Dimensions.Year.Column}::smallint from page))";
        var found = $"select * from cell c where {place} and {(grain == Grain.Holding ? $"({who}) is true" : who)} offset 0";
        var all = isNarrowedByPlace || isNarrowedByWho ? "cell" : "(select * from cell offset 0)";
        return $"""
            select {columns} from shown p cross join lateral ({found}) c where (select is_short from page_length)
            union all
            select {columns} from {all} c join shown p on {place} and {who}
            where not (select is_short from page_length)
            """;
    }

    /// <summary>The rows of all pages, each with what orders it, and those of this page.</summary>
    private string Page() => $"""
        ranked as ({(cut == Cut.First ? Codes() : $"select f.*{string.Concat(Sorted().Select(Value))} from figure f")}),
        page as (
          select * from ranked r
          where {Beyond(0)}
          {Ordered()}
          {(request.Limit is { } limit ? $"limit {Parameter("limit", NpgsqlDbType.Integer, limit)}" : "")}
        )
        """;

    /// <summary>The codes of the rows: each group that there is, in its years, under each axis or theme of the question.</summary>
    private string Codes()
    {
        var years = string.Join(", ", ToldYears().Select(year => $"({year})"));
        var told = $"select {Coded(Dimensions.Year)} from (values {years}) c (year) where {HasYear("d.known", "c.year")}";
        var lines = $"select distinct {string.Join(", ", ofLine.Select(Coded))} from axis a where {AxisFilter()}";
        return $"""
            select {Columns(ofCell)}{Columns("a", ofLine)}
            from (select {Listed("c", under)}{(tellsYears ? "bit_or(c.known)" : "null")} as known from present c {GroupBy(under)}) d
              {(tellsYears ? $"cross join lateral ({told}) y" : "")}
              {(ofLine.Count > 0 ? $"cross join ({lines}) a" : "")}
            """;
    }

    private string Value(Measure measure) => $", {(request.Gives(measure) ? measure.Sql : "null::numeric")} as {measure.Column}";

    /// <summary>Each landlord × QPV × year of the question: the versions that count, and the amounts whose sums are its figures.</summary>
    private string Sources() => $"""
        with {Who()},
        {Places(Grain.Holding)},
        {string.Concat(Cells())},
        source as (
          select c.landlord_siren, c.year, c.place_code as qpv_code, c.declaration_id, c.version, c.holding_version, {OfSource("expense")},
            {OfSource("valued")},
                 c.dwellings, round(c.abatement * 0.01, 2) as abatement
          from cell c
          where c.counts
        )
        select (select count(*) from source), r.landlord_siren, l.name, r.qpv_code, q.name, r.year, r.version, a.revision,
          a.at, r.holding_version,
               r.expense, r.valued, r.dwellings, r.abatement
        from (
          select * from source
          where {AfterSource()}
          order by landlord_siren, year, qpv_code
          {(request.Limit is { } limit ? $"limit {Parameter("limit", NpgsqlDbType.Integer, limit)}" : "")}
        ) r
          join landlord l on l.siren = r.landlord_siren join qpv q on q.code = r.qpv_code
          left join declaration_version v on v.declaration_id = r.declaration_id and v.version = r.version
          left join change_set a on a.id = v.change_set_id
        order by r.landlord_siren, r.year, r.qpv_code
        """;

    private string OfSource(string amount) => byAxis
        ? $"(select round(coalesce(sum({AmountOf("c", amount)}), 0) * 0.01, 2) from axis a where {AxisFilter()}) as {amount}"
        : $"round(c.{amount} * 0.01, 2) as {amount}";

    private string AfterSource() => request.After is not [var siren, var year, var qpv] ? "true" : $"""
        (landlord_siren, year, qpv_code) > ({Parameter("after_siren", NpgsqlDbType.Text, siren!)},
          {Parameter("after_year", NpgsqlDbType.Smallint, short.Parse(year!, System.Globalization.CultureInfo.InvariantCulture))},
          {Parameter("after_qpv", NpgsqlDbType.Text, qpv!)})
        """;

    private bool Asks(Measure measure) => request.Gives(measure) && request.Measures.Union(Sorted()).Contains(measure);

    /// <summary>The measures that order the rows: the value of these alone is made in SQL.</summary>
    private IEnumerable<Measure> Sorted() => request.Sort.Select(key => key.Measure).OfType<Measure>().Distinct();

    private string Ordered() => request.Order.Count == 0 ? "" : "order by " + string.Join(", ", request.Order.Select(Direction));

    /// <summary>Amounts of a row at the axis a, among its columns by axis.</summary>
    private static string AmountOf(string row, string amount) => $"(array[{CountedFigures.ByAxis(row, amount)}])[a.number]";

    /// <summary>
    /// What was spent on the axes of the question, for each of its groups: an axis or theme without expense is a row too.
    /// </summary>
    private string Shares()
    {
        string[] ofBase = ["dwelling_years", "abatement", "declarations", "expected"];
        return $"""
            share as (
              select {Listed("b", ofCell)}{string.Concat(ofLine.Select(d => Coded(d) + ", "))}
                     sum({AmountOf("b", "expense")}) as expense, sum({AmountOf("b", "valued")}) as valued,
                     {string.Join(", ", ofBase.Select(column => $"min(b.{column}) as {column}"))}
              from base b {(ofLine.Count > 0 ? "join" : "left join")} axis a on {AxisFilter()}
              {GroupBy(ofCell, ofLine)}
            ),
            """;
    }

    /// <summary>Whether rows sum up to the whole: by département or region they are few, and no QPV is in two.</summary>
    private bool SumUpToWhole => grain == Grain.Department;

    /// <summary>Whether what the whole question spent is read besides.</summary>
    private bool ReadsWhole => Asks(Measures.ExpenseShare) && !SumUpToWhole;

    /// <summary>What the whole question spent, each euro once.</summary>
    private string WholeExpense()
    {
        if (SumUpToWhole)
            return $"select coalesce(sum(w.expense), 0) * 0.01 from {(byAxis ? "share" : "base")} w";
        var cells = readsKept ? "whole" : "cell";
        return byAxis
            ? $"""
                select coalesce(sum({AmountOf("w", "expense")}), 0) * 0.01
                from (select {CountedFigures.SumsByAxis("c", "expense")} from {cells} c) w join axis a on {AxisFilter()}
                """
            : $"select coalesce(sum(c.expense), 0) * 0.01 from {cells} c";
    }

    private string AxisFilter() => Narrow((Dimensions.Axis.Key, Dimensions.Axis), (Dimensions.Theme.Key, Dimensions.Theme));

    private static string Direction(SortKey key) => $"r.{key.Column}{(key.Descending ? " desc" : "")} nulls last";

    /// <summary>Rows after the last one of the page before: keyset, for any mix of directions, absent values last.</summary>
    private string Beyond(int index)
    {
        if (request.After is not { } after)
            return "true";
        if (index == request.Order.Count)
            return "false";

        var key = request.Order[index];
        var value = after[index];
        var column = "r." + key.Column;
        if (value is null)
            return $"({column} is null and {Beyond(index + 1)})";

        var parameter = key.Measure is null
            ? Parameter("after" + index, NpgsqlDbType.Text, value)
            : Parameter("after" + index, NpgsqlDbType.Numeric, decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
        return $"({column} {(key.Descending ? "<" : ">")} {parameter} or {column} is null or ({column} = {parameter} "
            + $"and {Beyond(index + 1)}))";
    }

    private string Parameter(string name, NpgsqlDbType type, object value)
    {
        if (parameters.TrueForAll(p => p.ParameterName != name))
            parameters.Add(new NpgsqlParameter(name, type) { Value = value });
        return "@" + name;
    }
}
