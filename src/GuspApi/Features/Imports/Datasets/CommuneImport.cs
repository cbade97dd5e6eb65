using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// Communes with their EPCI and département, a row each. EPCI, départements and régions unknown so far are created from it.
/// </summary>
internal sealed class CommuneImport(NpgsqlConnection connection, ImportErrorLog log) : StagedImport(connection, log)
{
    private static readonly ImportColumn[] Columns = ImportDataset.Communes.Columns;

    protected override string Dataset => "communes";

    protected override string CreateSql => """
        create temp table staged (no int, line int, code text, name text, department text, department_name text,
          region text, region_name text,
            epci text, epci_name text, outcome text) on commit drop;
        """ + TerritorySql.Create;

    protected override string CopyInto =>
        "copy staged (no, line, code, name, department, department_name, region, region_name, epci, epci_name) from stdin (format binary)";

    protected override async Task StageRowAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        var cells = row.Cells;
        Judge(row, Columns, 0, CodeCell.Territory(cells[0], Territory.Commune, repair: false, out var code), faults);
        var name = Cell.Text(cells[1]);
        Judge(row, Columns, 1, Cell.Length(name, ImportDataset.LongestName), faults);
        Judge(row, Columns, 2, CodeCell.Territory(cells[2], Territory.Department, repair: false, out var department), faults);
        Judge(row, Columns, 4, CodeCell.Territory(cells[4], Territory.Region, repair: false, out var region), faults);
        Judge(row, Columns, 6, CodeCell.SirenOf(cells[6], out var epci), faults);
        Name(row, Columns, faults, code ?? Cell.Clip(cells[0] ?? ""), 0);
        if (faults.Count > 0)
            return;

        var copy = await NewRowAsync(ct);
        copy.Write(No);
        copy.Write(row.Line);
        string?[] texts = [code, name, department ?? QpvImport.DepartmentOf(code!), Cell.Text(cells[3]), region, Cell.Text(cells[5]),
            epci, Cell.Text(cells[7])];
        foreach (var text in texts)
            copy.Write(text);
    }

    public override async Task CheckAsync(bool willApply, CancellationToken ct)
    {
        await ExecuteAsync("""
            insert into named_commune select no, line, code, name, epci, epci_name, department, department_name, region,
              region_name, true from staged;
            insert into named_epci select no, epci, epci_name from staged where epci is not null
            """, ct);
        await base.CheckAsync(willApply, ct);
    }

    // A row that names no EPCI leaves the one that is known.
    protected override string CompareSql => """
        update staged s set outcome = case when c.code is null then 'created'
            when (s.name, s.department) = (c.name, c.department_code)
              and coalesce(s.epci, c.epci_code) is not distinct from c.epci_code then 'unchanged'
            else 'updated' end
        from staged t left join commune c on c.code = t.code
        where t.no = s.no
        """;

    protected override string CheckSql => TerritorySql.Check("code", "region", "department") + """

        union all
        select no, line, 'code', code, 'DUPLICATE_KEY', code, first::text, true
        from (select *, row_number() over same as place, min(line) over same as first from staged
              window same as (partition by code order by no)) s where place > 1
        """;

    protected override string ApplySql => TerritorySql.Apply("liste de communes (import)") + """
        update commune c set name = s.name, department_code = s.department, epci_code = coalesce(s.epci, c.epci_code),
            source = 'liste de communes (import)', source_date = current_date
        from staged s where s.outcome = 'updated' and c.code = s.code
        """;

    public override string ChangesSql => """
        select s.code as object_key, s.outcome, null::int as version,
               case when c.code is not null
                 then jsonb_build_object('name', c.name, 'department', c.department_code, 'epci', c.epci_code) end as before,
               jsonb_build_object('name', s.name, 'department', s.department, 'epci', coalesce(s.epci, c.epci_code)) as after
        from staged s left join commune c using (code) where s.outcome <> 'unchanged'
        """;
}
