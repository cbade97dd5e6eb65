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
/// versions and lines. It reads what the database keeps ready (<c>counted_figure</c>, <c>summed_figure</c>), or, for the past, gives the
/// same relation from the lines:
/// <c>cell(landlord_siren, year, place_code, landlord_key, family, counts, declarations, expected, dwellings, abatement, expense, valued,
/// expense1…8, valued1…8)</c>, <c>counts</c> telling whether something of it lies within the perimeter, <c>dwellings</c> and
/// <c>abatement</c> what does; amounts in cents, in all and by axis. Cells of a holding have also <c>declaration_id</c> and <c>version</c>
/// of what counts of its declaration, and <c>holding_version</c>. It reads <c>place</c> and <c>who</c> (the places and landlords of the
/// question).
/// </summary>
internal static class CountedFigures
{
    private static readonly int[] Axes = [1, 2, 3, 4, 5, 6, 7, 8];

    /// <summary>Columns of the amounts by axis, such as <c>c.expense1, …, c.expense8</c>.</summary>
    public static string ByAxis(string alias, string amount) => string.Join(", ", Axes.Select(axis => $"{alias}.{amount}{axis}"));

    /// <summary>Their sums, under the same names.</summary>
    public static string SumsByAxis(string alias, string amount) =>
        string.Join(", ", Axes.Select(axis => $"sum({alias}.{amount}{axis}) as {amount}{axis}"));

    /// <summary>The landlord that a row stands under: joined, or the one that declared where no more is asked for.</summary>
    public static string JoinWho(string row, bool meetsWho) => meetsWho
        ? $"join who on who.siren = {row}.landlord_siren"
        : $"cross join lateral (select {row}.landlord_siren as landlord_key, null as family) who";

    /// <param name="request">Which version of a declaration counts, which lines and which perimeter.</param>
    /// <param name="cell">Name of the relation.</param>
    /// <param name="place">Name of the relation of the places.</param>
    /// <param name="grain">What a cell is: for what is validated, as it stands; a holding for all else.</param>
    /// <param name="years">SQL of the years, one by one.</param>
    /// <param name="asOf">SQL of the revision whose state is asked for; null for things as they stand.</param>
    /// <param name="narrowsPlace">Whether <c>place</c> leaves out some places.</param>
    /// <param name="narrowsWho">Whether <c>who</c> leaves out some landlords.</param>
    /// <param name="meetsWho">
    /// Whether cells are joined to <c>who</c>; if not, each stands under the SIREN that declared, without a family.
    /// </param>
    public static string Sql(
        IndicatorRequest request, string cell, string place, Grain grain, string years, string? asOf, bool narrowsPlace,
        bool narrowsWho, bool meetsWho)
    {
        var isValidated = request.Status == IndicatorStatus.Validated;
        var family = request.LineFamilies is [var one] ? one : (LineFamily?)null;
        var held = WithinPerimeter(grain, request.Perimeter);
        if (asOf is not null)
        {
            return FromLines(
                isValidated ? Visibility.PublishedDeclarationsAt(asOf) : $"({Submitted(asOf)})", $"holding_at({asOf})", held, family,
                Narrowed(years, narrowsPlace, narrowsWho));
        }
        var figures = grain switch
        {
            not Grain.Holding => $"(select * from summed_figure where grain = '{Capitals.Of(grain)}')",
            _ when isValidated => "(select *, qpv_code as place_code from counted_figure where basis = 'VALIDATED')",
            _ => $"(select *, qpv_code as place_code from {Visibility.Figures})",
        };
        return $"""
            {cell} as not materialized (
              select f.landlord_siren, f.year, f.place_code, who.landlord_key, who.family,
                     {(grain == Grain.Holding ? "f.declaration_id, f.version, f.holding_version, " : "")}{held}, {Of(family, "expense")}, {Of(family, "valued")}
              from {figures} f
                {JoinWho("f", meetsWho)}
              where f.year in ({years}) {(narrowsPlace ? $"and f.place_code in (select place_code from {place})" : "")}
            )
            """;
    }

    /// <summary>What there is of a cell, and what of it lies within the perimeter.</summary>
    private static string WithinPerimeter(Grain grain, Perimeter perimeter) => (grain, perimeter) switch
    {
        (Grain.Holding, Perimeter.All) => """
            true as counts, num_nonnulls(f.declaration_id) as declarations, num_nonnulls(f.holding_version) as expected,
            f.dwellings, f.abatement
            """,
        (Grain.Holding, _) => """
            f.declaration_id is not null as counts,
            num_nonnulls(f.declaration_id) as declarations, num_nonnulls(f.holding_version) as expected,
            case when f.declaration_id is not null then f.dwellings end as dwellings,
            case when f.declaration_id is not null then f.abatement end as abatement
            """,
        (_, Perimeter.All) => "true as counts, f.declarations, f.expected, f.dwellings, f.abatement",
        _ => """
            f.declarations > 0 as counts, f.declarations, f.expected,
            f.dwellings_declared as dwellings, f.abatement_declared as abatement
            """,
    };

    /// <summary>The columns of an amount, in all and by axis: of all lines, of the specific ones, or of the others.</summary>
    private static string Of(LineFamily? family, string amount) =>
        string.Join(", ", new[] { "" }.Concat(Axes.Select(axis => $"{axis}")).Select(axis => family switch
    {
        null => $"f.{amount}{axis}",
        LineFamily.Specific => $"f.{amount}_specific{axis} as {amount}{axis}",
        _ => $"f.{amount}{axis} - f.{amount}_specific{axis} as {amount}{axis}",
    }));

    /// <summary>A caller's own submitted declarations count as they stand, the others as they were last validated.</summary>
    private static string Submitted(string? asOf) => $"""
        select id, landlord_siren, year, qpv_code,
               case when status in ('SUBMITTED', 'VALIDATED') then version else validated_version end as version,
               case when status in ('SUBMITTED', 'VALIDATED') then lines_version else validated_lines_version end as lines_version
        from {Visibility.DeclarationsAt(asOf)}
        """;

    private static string FromLines(string declarations, string holdings, string held, LineFamily? family, string narrowed) => $"""
        counted as (
          select d.id, d.landlord_siren, d.year, d.qpv_code, d.version, d.lines_version
          from {declarations} d
          where d.lines_version is not null and {narrowed}
        ),
        spent as (
          select l.declaration_id, sum(l.actual) * 100 as expense, sum(l.valued) * 100 as valued,
                 {string.Join(", ", Axes.Select(axis => $"sum(l.actual) filter (where l.axis = {axis}) * 100 as expense{axis}"))},
                 {string.Join(", ", Axes.Select(axis => $"sum(l.valued) filter (where l.axis = {axis}) * 100 as valued{axis}"))}
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
                 coalesce(s.expense, 0) as expense, coalesce(s.valued, 0) as valued, {ByAxis("s", "expense")}, {ByAxis("s", "valued")}
          from held h full join counted d using (landlord_siren, year, qpv_code) left join spent s on s.declaration_id = d.id
        ),
        cell as materialized (
          select f.landlord_siren, f.year, f.qpv_code as place_code, who.landlord_key, who.family, f.declaration_id,
            f.version, f.holding_version,
                 {held}, f.expense, f.valued, {ByAxis("f", "expense")}, {ByAxis("f", "valued")}
          from figure_then f join who on who.siren = f.landlord_siren
        )
        """;

    /// <summary>
    /// Conditions on a landlord × QPV × year before anything is read of it. "is true" keeps PostgreSQL from joining: of what narrows a
    /// question it knows little, and joins each row to each place where it takes them for few; so they are looked up in a hash.
    /// </summary>
    private static string Narrowed(string years, bool byPlace, bool byWho) => $"year in ({years})"
        + (byPlace ? " and (qpv_code in (select place_code from place)) is true" : "")
        + (byWho ? " and (landlord_siren in (select siren from who)) is true" : "");
}
