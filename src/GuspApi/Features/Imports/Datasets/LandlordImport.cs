using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Landlords, a row each.</summary>
internal sealed class LandlordImport(NpgsqlConnection connection, ImportErrorLog log) : StagedImport(connection, log)
{
    private static readonly ImportColumn[] Columns = ImportDataset.Landlords.Columns;

    private static readonly (string, string[])[] Families =
        [("OPH", []), ("ESH", []), ("COOP", ["cooperative"]), ("SEM", []), ("OTHER", ["autre"])];

    protected override string Dataset => "landlords";

    protected override string CreateSql => """
        create temp table staged (no int, line int, siren text, name text, family text, active_from smallint, active_to smallint,
            successor_siren text, outcome text) on commit drop
        """;

    protected override string CopyInto =>
        "copy staged (no, line, siren, name, family, active_from, active_to, successor_siren) from stdin (format binary)";

    protected override async Task StageRowAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        var cells = row.Cells;
        Judge(row, Columns, 0, CodeCell.SirenOf(cells[0], out var siren), faults);
        var name = Cell.Text(cells[1]);
        Judge(row, Columns, 1, Cell.Length(name, ImportDataset.LongestName), faults);
        Judge(row, Columns, 2, Cell.Word(cells[2], Families, "FAMILY_UNKNOWN", out var family), faults);
        Judge(row, Columns, 3, Cell.Year(cells[3], 1800, 2100, out var from), faults);
        Judge(row, Columns, 4, Cell.Year(cells[4], 1800, 2100, out var to), faults);
        Judge(row, Columns, 5, CodeCell.SirenOf(cells[5], out var successor), faults);
        Name(row, Columns, faults, siren ?? Cell.Clip(cells[0] ?? ""), 0);
        if (faults.Count > 0)
            return;

        var copy = await NewRowAsync(ct);
        copy.Write(No);
        copy.Write(row.Line);
        copy.Write(siren);
        copy.Write(name);
        copy.Write(family);
        copy.WriteSmall(from);
        copy.WriteSmall(to);
        copy.Write(successor);
    }

    protected override string CompareSql => """
        update staged s set active_from = coalesce(s.active_from, l.active_from), active_to = coalesce(s.active_to, l.active_to),
            successor_siren = coalesce(s.successor_siren, l.successor_siren),
            outcome = case when l.siren is null then 'created'
                when (s.name, s.family) = (l.name, l.family)
                    and (coalesce(s.active_from, l.active_from), coalesce(s.active_to, l.active_to),
                      coalesce(s.successor_siren, l.successor_siren))
                        is not distinct from (l.active_from, l.active_to, l.successor_siren) then 'unchanged'
                else 'updated' end
        from staged t left join landlord l on l.siren = t.siren
        where t.no = s.no
        """;

    protected override string CheckSql => """
        select no, line, 'siren', siren, 'DUPLICATE_KEY', siren, first::text, true
        from (select *, row_number() over same as place, min(line) over same as first from staged
              window same as (partition by siren order by no)) s where place > 1
        union all
        select no, line, 'active_to', siren, 'ACTIVE_PERIOD', active_to::text, '≥ ' || active_from, true from staged
          where active_to < active_from
        union all
        select no, line, 'successor_siren', siren, 'SUCCESSOR_SELF', successor_siren, null, true from staged where successor_siren = siren
        order by 2
        """;

    // A link that closes a circle of known and new ones is refused: whichever rows are refused besides, what stands then has no circle.
    // Who succeeds whom and is refused is lost to its own predecessors, unless it is known already.
    protected override string LinkSql => """
        with recursive link as (
          select siren, successor_siren from landlord where successor_siren is not null
          union
          select siren, successor_siren from staged where successor_siren <> siren
        ),
        heir as (
          select siren, successor_siren from staged where successor_siren <> siren
          union
          select h.siren, l.successor_siren from heir h join link l on l.siren = h.successor_siren
        ),
        circle as (select siren from heir where successor_siren = siren),
        unknown as (
          select successor_siren as siren from staged s
          where successor_siren is not null and not exists (select from landlord l where l.siren = s.successor_siren)
            and not exists (select from staged t where t.siren = s.successor_siren)
          union
          select siren from staged s where not exists (select from landlord l where l.siren = s.siren)
          group by siren having bool_and(outcome = 'refused' or siren in (select siren from circle))
          union
          select s.siren from staged s join unknown u on u.siren = s.successor_siren
          where s.outcome <> 'refused' and not exists (select from landlord l where l.siren = s.siren)
        )
        select no, line, 'successor_siren', siren, 'SUCCESSOR_CIRCLE', successor_siren, siren, true
        from staged where siren in (select siren from circle) and successor_siren <> siren
        union all
        select no, line, 'successor_siren', siren, 'SUCCESSOR_UNKNOWN', successor_siren, null, true
        from staged where successor_siren in (select siren from unknown) and successor_siren <> siren
          and siren not in (select siren from circle)
        order by 2
        """;

    protected override string ApplySql => """
        insert into landlord (siren, name, family, active_from, active_to, successor_siren, version)
        select siren, name, family, active_from, active_to, successor_siren, last_version('landlord', siren) + 1
        from staged where outcome = 'created' order by siren;
        update landlord l set name = s.name, family = s.family, active_from = s.active_from, active_to = s.active_to,
            successor_siren = s.successor_siren, version = l.version + 1
        from staged s where s.outcome = 'updated' and l.siren = s.siren
        """;

    public override string ChangesSql => $"""
        select s.siren as object_key, s.outcome, coalesce(l.version, last_version('landlord', s.siren)) as version,
               case when l.version is not null then {Fields("l")} end as before, {Fields("s")} as after
        from staged s left join landlord l using (siren) where s.outcome <> 'unchanged'
        """;

    private static string Fields(string row) => $"""
        jsonb_build_object('name', {row}.name, 'family', {row}.family, 'activeFrom', {row}.active_from, 'activeTo', {row}.active_to,
                           'successorSiren', {row}.successor_siren)
        """;
}
