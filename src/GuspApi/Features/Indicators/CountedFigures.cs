using GuspApi.Auth;

namespace GuspApi.Features.Indicators;

/// <summary>
/// The base of every figure: what was spent, and what was held, for each landlord × QPV × year of the question. The only place that
/// knows declarations, versions and lines; a table of ready sums can take its place by giving the same two relations.
/// <list type="bullet">
/// <item><c>spent(declaration_id, axis, expense, valued)</c>: lines of the counted versions; <c>axis</c> only where it is asked for.</item>
/// <item><c>cell(landlord_siren, year, qpv_code, landlord_key, family, declaration_id, version, holding_version, held, dwellings,
/// abatement)</c>: a holding, a counted declaration (<c>declaration_id</c> is not null), or both.</item>
/// </list>
/// It reads <c>place</c> and <c>who</c> (the QPVs and landlords of the question) and narrows lines by axis, theme and line family.
/// </summary>
internal static class CountedFigures
{
    /// <summary>A caller's own submitted declarations count as they stand, the others as they were last validated.</summary>
    private static string Submitted(string? asOf) => $"""
        select id, landlord_siren, year, qpv_code,
               case when status in ('SUBMITTED', 'VALIDATED') then version else validated_version end as version,
               case when status in ('SUBMITTED', 'VALIDATED') then lines_version else validated_lines_version end as lines_version
        from {Visibility.DeclarationsAt(asOf)}
        """;

    /// <param name="status">Which version of a declaration counts.</param>
    /// <param name="asOf">SQL of the revision whose state is asked for; null for things as they stand.</param>
    /// <param name="lineFilter">SQL condition over the line l.</param>
    /// <param name="byAxis">Whether what was spent is split by axis.</param>
    public static string Sql(IndicatorStatus status, string? asOf, string lineFilter, bool byAxis)
    {
        var declarations = status == IndicatorStatus.Validated ? Visibility.PublishedDeclarationsAt(asOf) : $"({Submitted(asOf)})";
        var holdings = asOf is null ? "holding" : $"holding_at({asOf})";
        var axis = byAxis ? ", l.axis" : "";
        return $"""
            counted as (
              select d.id, d.landlord_siren, d.year, d.qpv_code, d.version, d.lines_version
              from {declarations} d
              where d.year between @from and @to and d.lines_version is not null
                and d.qpv_code in (select qpv_code from place) and d.landlord_siren in (select siren from who)
            ),
            spent as (
              select l.declaration_id{axis}, sum(l.actual) as expense, sum(coalesce(l.valued, 0)) as valued
              from counted d join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
              where {lineFilter}
              group by l.declaration_id{axis}
            ),
            held as (
              select h.landlord_siren, h.year, h.qpv_code, h.version, h.dwellings, h.abatement
              from {holdings} h
              where h.year between @from and @to
                and h.qpv_code in (select qpv_code from place) and h.landlord_siren in (select siren from who)
            ),
            cell as (
              select landlord_siren, year, qpv_code, who.landlord_key, who.family, d.id as declaration_id, d.version, h.version as holding_version,
                     h.dwellings is not null as held,
                     coalesce(h.dwellings, 0) as dwellings, coalesce(h.abatement, 0) as abatement
              from held h full join counted d using (landlord_siren, year, qpv_code) join who on who.siren = landlord_siren
            )
            """;
    }
}
