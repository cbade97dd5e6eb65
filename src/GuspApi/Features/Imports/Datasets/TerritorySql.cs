namespace GuspApi.Features.Imports;

/// <summary>
/// Territories that a file names and the database lacks. They come from <c>named_commune (no, line, code, name, epci, epci_name,
/// department, department_name, region, region_name, certain)</c>, a row for each commune of each row; the name most often given wins.
/// </summary>
internal static class TerritorySql
{
    public const string Create = """
        create temp table named_commune (no int, line int, code text, name text, epci text, epci_name text, department text,
          department_name text,
            region text, region_name text, certain boolean) on commit drop;
        create temp table named_epci (no int, code text, name text) on commit drop;
        """;

    /// <summary>What is wrong with the territories of a row; the column names are the file's own.</summary>
    public static string Check(string keyColumn, string regionColumn, string departmentColumn) => $"""
        select s.no, s.line, '{departmentColumn}', s.{keyColumn}, 'DEPARTMENT_UNKNOWN', s.department, null::text, true
        from staged s where not exists (select from department d where d.code = s.department)
          and not exists (select from named_commune n where n.department = s.department and n.region is not null)
        union all
        select s.no, s.line, '{regionColumn}', s.{keyColumn}, 'REGION_UNKNOWN', s.region, null, true
        from staged s where not exists (select from department d where d.code = s.department) and s.region is not null
          and not exists (select from region r where r.code = s.region)
          and not exists (select from named_commune n where n.region = s.region and n.region_name is not null)
        """;

    /// <summary>Creates them, from régions down to communes.</summary>
    public static string Apply(string source) => $"""
        delete from named_commune n where not exists (select from staged s where s.no = n.no);
        delete from named_epci n where not exists (select from staged s where s.no = n.no);
        insert into region (code, name, source, source_date)
        select region, mode() within group (order by region_name), '{source}', current_date
        from named_commune n where region_name is not null and not exists (select from department d where d.code = n.department)
        group by region order by region on conflict (code) do nothing;
        insert into department (code, name, region_code, source, source_date)
        select department, coalesce(mode() within group (order by department_name), department), mode() within group (order by region),
          '{source}', current_date
        from named_commune where region is not null group by department order by department on conflict (code) do nothing;
        insert into epci (code, name, source, source_date)
        select code, coalesce(mode() within group (order by name), code), '{source}', current_date
        from named_epci group by code order by code on conflict (code) do nothing;
        insert into commune (code, name, department_code, epci_code, source, source_date)
        select code, coalesce(mode() within group (order by name), code), mode() within group (order by department),
               mode() within group (order by epci) filter (where certain), '{source}', current_date
        from named_commune group by code order by code on conflict (code) do nothing;
        update commune c set epci_code = n.epci
        from (select code, mode() within group (order by epci) as epci from named_commune
          where certain and epci is not null group by code) n
        where c.code = n.code and c.epci_code is null;
        """;
}
