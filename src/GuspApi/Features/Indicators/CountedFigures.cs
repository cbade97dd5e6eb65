using GuspApi.Auth;
using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>What a cell of the figures is, and so how many there are.</summary>
internal enum Grain
{
    /// <summary>A landlord in a QPV in a year; its place is the QPV.</summary>
    Holding,

    /// <summary>A QPV in a year, all its landlords; its place is the QPV.</summary>
    Qpv,

    /// <summary>A landlord in a département in a year, all its QPVs; its place is the département.</summary>
    Landlord,

    /// <summary>A département in a year, all its landlords and QPVs; its place is the département.</summary>
    Department,
}

/// <summary>
/// The base of every figure: what was spent, and what was held, in each cell of the question. The only place that knows declarations,
/// versions and lines. It reads what the database keeps ready (<c>counted_figure</c>, <c>summed_figure</c>, <c>figure_years</c>), or, for
/// the past, gives the same from the lines. Cells: <c>(landlord_siren, year, place_code, declarations, expected, dwellings, abatement,
/// expense, valued, expense1…8, valued1…8)</c>, <c>dwellings</c> and <c>abatement</c> being what lies within the perimeter; amounts in cents,
/// in all and, where asked for, by axis. Those that are not kept have also <c>counts</c>, whether something of it lies within the perimeter,
/// <c>declaration_id</c> and <c>version</c> of what counts of its declaration, and <c>holding_version</c>. Years:
/// <c>(place_code, landlord_siren, landlord_key, family, counts, known, years)</c>, each landlord once in each place: whether something
/// of it lies within the perimeter, and, where asked for, the bits of the years in which there is something of it, and of those in which
/// this is so.
/// It reads <c>place</c> and <c>who</c> (the places and landlords of the question).
/// </summary>
internal static class CountedFigures
{
    /// <summary>The first year that <c>figure_years</c> has a bit for, and how many there are.</summary>
    public const int FirstYearKept = 2015;
    public const int YearsKept = 86;

    private const string Validated = "(select *, qpv_code as place_code from counted_figure where basis = 'VALIDATED')";

    private const string NoYear = "B'0'::bit(86)";

    private static readonly int[] Axes = [1, 2, 3, 4, 5, 6, 7, 8];

    /// <summary>Columns of the amounts by axis, such as <c>c.expense1, …, c.expense8</c>.</summary>
    public static string ByAxis(string alias, string amount) => string.Join(", ", Axes.Select(axis => $"{alias}.{amount}{axis}"));

    /// <summary>Their sums, under the same names.</summary>
    public static string SumsByAxis(string alias, string amount) =>
        string.Join(", ", Axes.Select(axis => $"sum({alias}.{amount}{axis}) as {amount}{axis}"));

    /// <summary>Cells of the coarsest sums that can tell, of what is validated, as it stands.</summary>
    /// <param name="request">Which lines and which perimeter.</param>
    /// <param name="name">Name of the relation.</param>
    /// <param name="grain">What a cell is.</param>
    /// <param name="years">SQL of the years, one by one.</param>
    /// <param name="byAxis">Whether amounts are by axis too.</param>
    /// <param name="place">Name of the relation of the places, where it narrows cells; else null.</param>
    /// <param name="narrowsWho">Whether <c>who</c> does.</param>
    public static string KeptCells(
        IndicatorRequest request, string name, Grain grain, string years, bool byAxis, string? place = null,
        bool narrowsWho = false) => $"""
        {name} as not materialized (
          select f.landlord_siren, f.year, f.place_code, {WithinPerimeter(grain, request.Perimeter)}, {Amounts(request, byAxis)}
          from {(grain == Grain.Holding ? Validated : $"(select * from summed_figure where grain = '{Capitals.Of(grain)}')")} f
          where f.year in ({years}) {AndOf(place, narrowsWho)}
        )
        """;

    /// <summary>Years of the same.</summary>
    /// <param name="request">Which perimeter.</param>
    /// <param name="grain">What a row is.</param>
    /// <param name="period">SQL of the bits of the years of the question.</param>
    /// <param name="place">Name of the relation of the places, where it narrows them; else null.</param>
    /// <param name="meetsWho">Whether they are of <c>who</c>; if not, each stands under the SIREN that declared, without a family.</param>
    /// <param name="tellsYears">Whether it tells when, or whether there is something of it at all.</param>
    public static string KeptYears(IndicatorRequest request, Grain grain, string period, string? place, bool meetsWho, bool tellsYears)
    {
        var counted = request.Perimeter == Perimeter.All ? "f.known" : "f.declared";
        return $"""
            select f.place_code, f.landlord_siren, {counted} & {period} <> {NoYear} as counts
                   {(tellsYears ? $", f.known & {period} as known, {counted} & {period} as years" : "")}
                   {(meetsWho ? ", w.landlord_key, w.family" : ", f.landlord_siren as landlord_key, null as family")}
            from figure_years f {(meetsWho ? "join who w on w.siren = f.landlord_siren" : "")}
            where f.grain = '{Capitals.Of(grain)}' and f.known & {period} <> {NoYear} {AndOf(place, narrowsWho: false)}
            """;
    }

    /// <summary>Years of cells that are not kept.</summary>
    /// <param name="tellsYears">As above.</param>
    public static string Years(bool tellsYears) => $"""
        select f.*, w.landlord_key, w.family
        from (
          select place_code, landlord_siren, bool_or(counts) as counts
                 {(tellsYears ? ", bit_or(year_bit(year)) as known, bit_or(year_bit(year, counts)) as years" : "")}
          from cell
          group by place_code, landlord_siren) f
          join who w on w.siren = f.landlord_siren
        """;

    /// <summary>Cells of a landlord × QPV × year each, of what is validated or submitted, as it stands or stood.</summary>
    /// <param name="request">Which version of a declaration counts, which lines and which perimeter.</param>
    /// <param name="years">SQL of the years, one by one.</param>
    /// <param name="byAxis">Whether amounts are by axis too.</param>
    /// <param name="narrowsPlace">Whether <c>place</c> leaves out some places.</param>
    /// <param name="narrowsWho">Whether <c>who</c> leaves out some landlords.</param>
    /// <param name="asOf">SQL of the revision whose state is asked for; null for things as they stand.</param>
    public static string Cells(
        IndicatorRequest request, string years, bool byAxis, bool narrowsPlace, bool narrowsWho, string? asOf)
    {
        var isValidated = request.Status == IndicatorStatus.Validated;
        var counts = request.Perimeter == Perimeter.All ? "true" : "f.declaration_id is not null";
        var held = $"{counts} as counts, {WithinPerimeter(Grain.Holding, request.Perimeter)}";
        if (asOf is not null)
        {
            return FromLines(
                isValidated ? Visibility.PublishedDeclarationsAt(asOf) : $"({Submitted(asOf)})", $"holding_at({asOf})", held,
                Family(request), byAxis, Narrowed(years, narrowsPlace, narrowsWho));
        }
        return $"""
            cell as materialized (
              select f.landlord_siren, f.year, f.place_code, f.declaration_id, f.version, f.holding_version,
                     {held}, {Amounts(request, byAxis)}
              from {(isValidated ? Validated : $"(select *, qpv_code as place_code from {Visibility.Figures})")} f
              where f.year in ({years}) {AndOf(narrowsPlace ? "place" : null, narrowsWho)}
            )
            """;
    }

    private static string AndOf(string? place, bool narrowsWho) =>
        (place is null ? "" : $"and f.place_code in (select place_code from {place}) ")
            + (narrowsWho ? "and f.landlord_siren in (select siren from who)" : "");

    /// <summary>What there is of a cell, and what of it lies within the perimeter.</summary>
    private static string WithinPerimeter(Grain grain, Perimeter perimeter) => (grain, perimeter) switch
    {
        (Grain.Holding, Perimeter.All) => """
            num_nonnulls(f.declaration_id) as declarations, num_nonnulls(f.holding_version) as expected, f.dwellings, f.abatement
            """,
        (Grain.Holding, _) => """
            num_nonnulls(f.declaration_id) as declarations, num_nonnulls(f.holding_version) as expected,
            case when f.declaration_id is not null then f.dwellings end as dwellings,
            case when f.declaration_id is not null then f.abatement end as abatement
            """,
        (_, Perimeter.All) => "f.declarations, f.expected, f.dwellings, f.abatement",
        _ => "f.declarations, f.expected, f.dwellings_declared as dwellings, f.abatement_declared as abatement",
    };

    /// <summary>The columns of the amounts, in all and by axis: of all lines, of the specific ones, or of the others.</summary>
    private static string Amounts(IndicatorRequest request, bool byAxis) => string.Join(", ",
        from amount in new[] { "expense", "valued" }
        from axis in byAxis ? ["", .. Axes.Select(axis => $"{axis}")] : new[] { "" }
        select Family(request) switch
        {
            null => $"f.{amount}{axis}",
            LineFamily.Specific => $"f.{amount}_specific{axis} as {amount}{axis}",
            _ => $"f.{amount}{axis} - f.{amount}_specific{axis} as {amount}{axis}",
        });

    /// <summary>A caller's own submitted declarations count as they stand, the others as they were last validated.</summary>
    private static string Submitted(string? asOf) => $"""
        select id, landlord_siren, year, qpv_code,
               case when status in ('SUBMITTED', 'VALIDATED') then version else validated_version end as version,
               case when status in ('SUBMITTED', 'VALIDATED') then lines_version else validated_lines_version end as lines_version
        from {Visibility.DeclarationsAt(asOf)}
        """;

    /// <summary>The only one whose lines count; null for all.</summary>
    private static LineFamily? Family(IndicatorRequest request) => request.LineFamilies is [var one] ? one : null;

    private static string FromLines(
        string declarations, string holdings, string held, LineFamily? family, bool byAxis, string narrowed)
    {
        int[] axes = byAxis ? Axes : [];
        var sums = string.Concat(axes.Select(axis => $", sum(l.actual) filter (where l.axis = {axis}) * 100 as expense{axis}"))
            + string.Concat(axes.Select(axis => $", sum(l.valued) filter (where l.axis = {axis}) * 100 as valued{axis}"));
        string Columns(string alias) => byAxis ? $", {ByAxis(alias, "expense")}, {ByAxis(alias, "valued")}" : "";
        return $"""
            counted as (
              select d.id, d.landlord_siren, d.year, d.qpv_code, d.version, d.lines_version
              from {declarations} d
              where d.lines_version is not null and {narrowed}
            ),
            spent as (
              select l.declaration_id, sum(l.actual) * 100 as expense, sum(l.valued) * 100 as valued{sums}
              from counted d join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
              where {(family is { } one ? $"l.family = '{Capitals.Of(one)}'" : "true")}
              group by l.declaration_id
            ),
            held as (
              select h.landlord_siren, h.year, h.qpv_code, h.version, h.dwellings, h.abatement
              from {holdings} h
              where {narrowed}
            ),
            figure_then as (
              select landlord_siren, year, qpv_code, d.id as declaration_id, d.version, h.version as holding_version,
                     coalesce(h.dwellings, 0) as dwellings, coalesce(h.abatement, 0) * 100 as abatement,
                     coalesce(s.expense, 0) as expense, coalesce(s.valued, 0) as valued{Columns("s")}
              from held h full join counted d using (landlord_siren, year, qpv_code) left join spent s on s.declaration_id = d.id
            ),
            cell as materialized (
              select f.landlord_siren, f.year, f.qpv_code as place_code, f.declaration_id, f.version, f.holding_version,
                     {held}, f.expense, f.valued{Columns("f")}
              from figure_then f
            )
            """;
    }

    /// <summary>
    /// Conditions on a landlord × QPV × year before anything is read of it. "is true" keeps PostgreSQL from joining: of what narrows a
    /// question it knows little, and joins each row to each place where it takes them for few; so they are looked up in a hash.
    /// </summary>
    private static string Narrowed(string years, bool byPlace, bool byWho) => $"year in ({years})"
        + (byPlace ? " and (qpv_code in (select place_code from place)) is true" : "")
        + (byWho ? " and (landlord_siren in (select siren from who)) is true" : "");
}
