using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Holdings: dwellings and abatement of a landlord in a QPV, a row each.</summary>
internal sealed class HoldingImport(NpgsqlConnection connection, ImportErrorLog log, string[]? landlords, int currentYear)
    : StagedImport(connection, log)
{
    private static readonly ImportColumn[] Columns = ImportDataset.Holdings.Columns;

    private static readonly (string, string[])[] Methods =
        [("NOTICE", ["avis", "avisdimposition"]), ("ESTIMATE", ["estimation"]), ("NONE", ["aucune", "aucun"])];

    protected override string Dataset => "holdings";

    protected override string CreateSql => """
        create temp table staged (no int, line int, landlord_siren text, year smallint, qpv_code text, dwellings int,
          abatement numeric(14,2),
            abated_dwellings int, abatement_method text, outcome text) on commit drop
        """;

    protected override string CopyInto => """
        copy staged (no, line, landlord_siren, year, qpv_code, dwellings, abatement, abated_dwellings, abatement_method)
          from stdin (format binary)
        """;

    protected override async Task StageRowAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        var cells = row.Cells;
        Judge(row, Columns, 0, CodeCell.SirenOf(cells[0], out var siren), faults);
        JudgeAuthor(row, Columns, landlords, siren, faults);
        Judge(row, Columns, 1, Cell.Year(cells[1], LineRules.FirstYear, currentYear, out var year), faults);
        Judge(row, Columns, 2, CodeCell.QpvOf(cells[2], out var qpv), faults);
        Judge(row, Columns, 3, Cell.Count(cells[3], out var dwellings), faults);
        Judge(row, Columns, 4, Cell.Money(cells[4], out var abatement), faults);
        Judge(row, Columns, 5, Cell.Count(cells[5], out var abated), faults);
        Judge(row, Columns, 6, Cell.Word(cells[6], Methods, "ABATEMENT_METHOD_UNKNOWN", out var method), faults);
        Name(row, Columns, faults, $"{siren ?? Cell.Clip(cells[0] ?? "")}/{Number(year)}/{qpv ?? Cell.Clip(cells[2] ?? "")}", 0);
        if (faults.Count > 0)
            return;

        var copy = await NewRowAsync(ct);
        copy.Write(No);
        copy.Write(row.Line);
        copy.Write(siren);
        copy.WriteSmall(year);
        copy.Write(qpv);
        copy.Write(dwellings);
        copy.Write(abatement);
        copy.Write(abated);
        copy.Write(method);
    }

    // What an optional column does not say stays as it is; an abatement of unknown origin is an estimate.
    protected override string CompareSql => """
        update staged s set abated_dwellings = coalesce(s.abated_dwellings, h.abated_dwellings),
            abatement_method = coalesce(s.abatement_method, h.abatement_method, 'ESTIMATE'),
            outcome = case when h.year is null then 'created'
                when (s.dwellings, s.abatement) = (h.dwellings, h.abatement)
                    and coalesce(s.abated_dwellings, h.abated_dwellings) is not distinct from h.abated_dwellings
                    and coalesce(s.abatement_method, h.abatement_method) = h.abatement_method then 'unchanged'
                else 'updated' end
        from staged t left join holding h using (landlord_siren, year, qpv_code)
        where t.no = s.no
        """;

    // Declarations, then holdings, each in the order of their keys, as those who save, submit and validate do: a declaration that is being
    // validated is waited for, and its holding is locked.
    protected override string? LockSql => """
        select from declaration d join staged using (landlord_siren, year, qpv_code)
        order by d.landlord_siren, d.year, d.qpv_code for share of d;
        select from holding h join staged using (landlord_siren, year, qpv_code)
        order by h.landlord_siren, h.year, h.qpv_code for update of h
        """;

    protected override string CheckSql => """
        select no, line, 'landlord_siren', key, 'LANDLORD_UNKNOWN', landlord_siren, null::text, true
        from (select *, concat_ws('/', landlord_siren, year, qpv_code) as key from staged) s
        where not exists (select from landlord l where l.siren = s.landlord_siren)
        union all
        select no, line, 'qpv_code', concat_ws('/', landlord_siren, year, qpv_code), 'QPV_UNKNOWN', qpv_code, null, true
        from staged s where not exists (select from qpv q where q.code = s.qpv_code)
        union all
        select no, line, 'landlord_siren', concat_ws('/', landlord_siren, year, qpv_code), 'DUPLICATE_KEY', null, first::text, true
        from (select *, row_number() over same as place, min(line) over same as first from staged
              window same as (partition by landlord_siren, year, qpv_code order by no)) s where place > 1
        union all
        select no, line, 'abated_dwellings', concat_ws('/', landlord_siren, year, qpv_code), 'ABATED_ABOVE_DWELLINGS',
          abated_dwellings::text, '0…' || dwellings, true
        from staged where abated_dwellings > dwellings
        union all
        select no, line, 'abatement', concat_ws('/', landlord_siren, year, qpv_code), 'ABATEMENT_WITHOUT_METHOD', abatement::text, '0', true
        from staged where abatement_method = 'NONE' and abatement <> 0
        union all
        select no, line, null, concat_ws('/', landlord_siren, year, qpv_code), 'HOLDING_LOCKED', null, null, true
        from staged s join declaration d using (landlord_siren, year, qpv_code)
        where d.validated_version is not null and s.outcome in ('created', 'updated')
        order by 2
        """;

    protected override string ApplySql => """
        insert into holding (landlord_siren, year, qpv_code, dwellings, abatement, abated_dwellings, abatement_method, version)
        select landlord_siren, year, qpv_code, dwellings, abatement, abated_dwellings, abatement_method,
               last_version('holding', concat_ws('/', landlord_siren, year, qpv_code)) + 1
        from staged where outcome = 'created' order by landlord_siren, year, qpv_code;
        update holding h set dwellings = s.dwellings, abatement = s.abatement, abated_dwellings = s.abated_dwellings,
            abatement_method = s.abatement_method, version = h.version + 1
        from staged s where s.outcome = 'updated' and (h.landlord_siren, h.year, h.qpv_code) = (s.landlord_siren, s.year, s.qpv_code)
        """;

    public override string ChangesSql => $"""
        select concat_ws('/', s.landlord_siren, s.year, s.qpv_code) as object_key, s.outcome,
               coalesce(h.version, last_version('holding', concat_ws('/', s.landlord_siren, s.year, s.qpv_code))) as version,
               case when h.version is not null then {Fields("h")} end as before, {Fields("s")} as after
        from staged s left join holding h using (landlord_siren, year, qpv_code) where s.outcome <> 'unchanged'
        """;

    private static string Fields(string row) => $"""
        jsonb_build_object('dwellings', {row}.dwellings, 'abatedDwellings', {row}.abated_dwellings, 'abatement', {row}.abatement,
                           'abatementMethod', {row}.abatement_method)
        """;
}
