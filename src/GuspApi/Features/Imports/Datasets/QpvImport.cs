using System.Text.Json;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// The list of QPVs as the ANCT publishes it, or its GeoJSON. Spreadsheets ate the leading zeros of its codes: they are given back.
/// Communes, EPCI, départements and régions unknown so far are created from it.
/// </summary>
internal sealed class QpvImport(NpgsqlConnection connection, ImportErrorLog log) : StagedImport(connection, log)
{
    private static readonly ImportColumn[] Columns = ImportDataset.Qpvs.Columns;

    private readonly List<NamedCommune> _communes = [];
    private readonly List<(int No, string Code, string? Name)> _epcis = [];

    private sealed record NamedCommune(
        int No, int Line, string Code, string? Name, string? Epci, string Department, string? DepartmentName, string? Region,
        string? RegionName, bool Certain);

    protected override string Dataset => "qpvs";

    protected override string CreateSql => """
        create temp table staged (no int, line int, code text, name text, department text, region text, geometry jsonb,
          min_longitude float8,
            min_latitude float8, max_longitude float8, max_latitude float8, predecessors text, outcome text) on commit drop;
        """ + TerritorySql.Create;

    protected override string CopyInto => """
        copy staged (no, line, code, name, department, region, geometry, min_longitude, min_latitude, max_longitude,
          max_latitude, predecessors)
        from stdin (format binary)
        """;

    protected override async Task StageRowAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        var cells = row.Cells;
        Judge(row, Columns, 0, CodeCell.QpvOf(cells[0], out var code), faults);
        var name = Cell.Text(cells[1]);
        Judge(row, Columns, 1, Cell.Length(name, ImportDataset.LongestName), faults);
        Judge(row, Columns, 2, CodeCell.Territory(cells[2], Territory.Region, repair: true, out var region), faults);
        Judge(row, Columns, 4, CodeCell.Territory(cells[4], Territory.Department, repair: true, out var department), faults);
        var communes = Codes(row, 6, faults);
        var epcis = Epcis(row, faults);
        var predecessors = Predecessors(row, code, faults);
        var (box, contour) = ContourOf(row.Geometry);
        if (row.Geometry is not null && box is null)
            faults.Add(new(row.Line, "geometry", "GEOMETRY_INVALID",
                new("This is not a contour in longitude and latitude.", "Ce n'est pas un contour en longitude et latitude."),
                null, new(
                    "Polygon or MultiPolygon with closed rings, WGS 84 degrees",
                    "Polygon ou MultiPolygon aux anneaux fermés, degrés WGS 84")));
        Name(row, Columns, faults, code ?? Cell.Clip(cells[0] ?? ""), 0);
        if (faults.Count > 0)
            return;

        department ??= DepartmentOf(communes[0]);
        Keep(row, communes, epcis, department, region);
        var copy = await NewRowAsync(ct);
        copy.Write(No);
        copy.Write(row.Line);
        copy.Write(code);
        copy.Write(name);
        copy.Write(department);
        copy.Write(region);
        copy.WriteJson(contour);
        foreach (var side in box is not { } sides ? new double?[4] : [sides.West, sides.South, sides.East, sides.North])
            copy.Write(side);
        copy.Write(predecessors);
    }

    /// <summary>97 and 98 have départements of three characters.</summary>
    internal static string DepartmentOf(string commune) =>
        commune.StartsWith("97", StringComparison.Ordinal) || commune.StartsWith("98", StringComparison.Ordinal)
        ? commune[..3]
        : commune[..2];

    private static List<string> Codes(ImportRow row, int column, List<ImportFault> faults)
    {
        var codes = new List<string>();
        foreach (var text in CodeCell.Several(row.Cells[column]))
        {
            var refusal = CodeCell.Territory(text, Territory.Commune, repair: true, out var code);
            if (refusal is not null)
                faults.Add(DeclarationRow.Fault(row, Columns, column, refusal));
            else if (!codes.Contains(code!))
                codes.Add(code!);
        }
        if (codes.Count == 0 && faults.Count == 0)
            faults.Add(DeclarationRow.Missing(row, Columns[column]));
        return codes;
    }

    private static List<string> Epcis(ImportRow row, List<ImportFault> faults)
    {
        var codes = new List<string>();
        foreach (var text in CodeCell.Several(row.Cells[8]))
        {
            if (CodeCell.SirenOf(text, out var siren) is { } refusal)
                faults.Add(DeclarationRow.Fault(row, Columns, 8, refusal));
            else
                codes.Add(siren!);
        }
        return codes;
    }

    /// <summary>Their codes in order, one space apart; null where the row tells none, which leaves those that are known.</summary>
    private static string? Predecessors(ImportRow row, string? code, List<ImportFault> faults)
    {
        var codes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var text in row.Cells[10]
            ?.Split([' ', '|', ',', ';', '\u00A0', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var refusal = CodeCell.QpvOf(text, out var predecessor)
                ?? (QpvCode.Generation(predecessor!) == 2015 && (code is null || QpvCode.Generation(code) == 2024) ? null : NotOfLineage);
            if (refusal is not null)
                faults.Add(DeclarationRow.Fault(row, Columns, 10, refusal));
            else
                codes.Add(predecessor!);
        }
        return codes.Count == 0 ? null : string.Join(' ', codes);
    }

    private static readonly Cell.Refusal NotOfLineage = new("PREDECESSORS_INVALID",
        new("A QPV of the 2024 list continues QPVs of the 2015 list; no other has predecessors.",
            "Un QPV de la liste de 2024 continue des QPV de celle de 2015 ; nul autre n'a de prédécesseurs."),
        new("codes of the 2015 list, for a QPV of the 2024 list", "des codes de la liste de 2015, pour un QPV de celle de 2024"));

    // One EPCI: all communes are in it. As many as communes: by position. Else the row does not tell.
    private void Keep(ImportRow row, List<string> communes, List<string> epcis, string department, string? region)
    {
        var names = Parts(row.Cells[7], communes.Count);
        var epciNames = Parts(row.Cells[9], epcis.Count);
        for (var i = 0; i < epcis.Count; i++)
            _epcis.Add((No, epcis[i], epciNames?[i]));
        for (var i = 0; i < communes.Count; i++)
        {
            var epci = epcis.Count == 1 ? epcis[0] : epcis.Count == communes.Count ? epcis[i] : null;
            var own = DepartmentOf(communes[i]);
            var same = own == department;
            _communes.Add(new(No, row.Line, communes[i], names?[i], epci, own, same ? Cell.Text(row.Cells[5]) : null,
                same ? region : null, same ? Cell.Text(row.Cells[3]) : null, epcis.Count == 0 || epci is not null));
        }
    }

    private static string[]? Parts(string? cell, int count) => count == 1 && Cell.Text(cell) is { } one
        ? [one]
        : CodeCell.Several(cell) is var parts && parts.Length == count && count > 0 ? parts : null;

    public override async Task CheckAsync(bool willApply, CancellationToken ct)
    {
        await using (var copy = await BinaryCopy.BeginAsync(Connection, """
            copy named_commune (no, line, code, name, epci, department, department_name, region, region_name, certain)
              from stdin (format binary)
            """, ct))
        {
            foreach (var commune in _communes)
            {
                await copy.RowAsync(10, ct);
                copy.Write(commune.No);
                copy.Write(commune.Line);
                foreach (var text in new[] { commune.Code, commune.Name, commune.Epci, commune.Department, commune.DepartmentName,
                    commune.Region, commune.RegionName })
                    copy.Write(text);
                copy.Write(commune.Certain);
            }
            await copy.CompleteAsync(ct);
        }
        await using (var copy = await BinaryCopy.BeginAsync(Connection, "copy named_epci (no, code, name) from stdin (format binary)", ct))
        {
            foreach (var (no, code, name) in _epcis)
            {
                await copy.RowAsync(3, ct);
                copy.Write(no);
                copy.Write(code);
                copy.Write(name);
            }
            await copy.CompleteAsync(ct);
        }
        await ExecuteAsync("analyze named_commune", ct);
        await base.CheckAsync(willApply, ct);
    }

    // A list without contours or predecessors leaves those that are known.
    protected override string CompareSql => """
        with link as (select no, array_agg(distinct code order by code) as codes from named_commune group by no),
        known as (select qpv_code, array_agg(commune_code order by commune_code) as codes from qpv_commune group by qpv_code),
        lineage as (
          select successor_code, string_agg(predecessor_code, ' ' order by predecessor_code collate "C") as codes
          from qpv_lineage group by successor_code
        )
        update staged s set outcome = case when q.code is null then 'created'
            when s.name = q.name and s.department = q.department_code and link.codes = known.codes
                and (s.geometry is null or s.geometry = q.geometry)
                and (s.predecessors is null or s.predecessors = lineage.codes) then 'unchanged'
            else 'updated' end
        from staged t left join qpv q on q.code = t.code left join link on link.no = t.no left join known on known.qpv_code = t.code
          left join lineage on lineage.successor_code = t.code
        where t.no = s.no
        """;

    protected override string CheckSql => TerritorySql.Check("code", "insee_reg", "insee_dep") + """

        union all
        select no, line, 'code_qp', code, 'DUPLICATE_KEY', code, first::text, true
        from (select *, row_number() over same as place, min(line) over same as first from staged
              window same as (partition by code order by no)) s where place > 1
        union all
        select n.no, n.line, 'siren_epci', s.code, 'EPCI_UNCERTAIN', n.code, null, false
        from named_commune n join staged s using (no) where not n.certain
          and not exists (select from commune c where c.code = n.code and c.epci_code is not null)
          and not exists (select from named_commune o where o.code = n.code and o.certain and o.epci is not null)
        union all
        select distinct on (n.code) n.no, n.line, 'lib_com', s.code, 'NAME_MISSING', n.code, null, false
        from named_commune n join staged s using (no) where not exists (select from commune c where c.code = n.code)
          and not exists (select from named_commune o where o.code = n.code and o.name is not null)
        """;

    protected override string LinkSql => """
        select s.no, s.line, 'predecessors', s.code, 'PREDECESSOR_UNKNOWN', p.code, null, true
        from staged s, unnest(string_to_array(s.predecessors, ' ')) p(code)
        where not exists (select from qpv q where q.code = p.code)
          and not exists (select from staged t where t.code = p.code and t.outcome <> 'refused')
        order by 2
        """;

    // Rows and links are one statement: triggers come after it, so the versions they keep have their links.
    protected override string ApplySql => TerritorySql.Apply("liste ANCT des quartiers prioritaires (import)") + """
        with created as (
          insert into qpv (code, name, generation, department_code, geometry, min_longitude, min_latitude, max_longitude,
            max_latitude, version)
          select code, name, case when code like 'QP%' then 2015 else 2024 end, department, geometry, min_longitude,
            min_latitude, max_longitude,
                 max_latitude, last_version('qpv', code) + 1
          from staged where outcome = 'created' order by code
        ),
        updated as (
          update qpv q set name = s.name, department_code = s.department, geometry = coalesce(s.geometry, q.geometry),
              min_longitude = coalesce(s.min_longitude, q.min_longitude), min_latitude = coalesce(s.min_latitude, q.min_latitude),
              max_longitude = coalesce(s.max_longitude, q.max_longitude), max_latitude = coalesce(s.max_latitude, q.max_latitude),
                version = q.version + 1
          from staged s where s.outcome = 'updated' and q.code = s.code
        ),
        left_communes as (
          delete from qpv_commune l using staged s
          where s.outcome = 'updated' and l.qpv_code = s.code
            and not exists (select from named_commune n where n.no = s.no and n.code = l.commune_code)
        ),
        left_predecessors as (
          delete from qpv_lineage l using staged s
          where s.outcome = 'updated' and l.successor_code = s.code and l.predecessor_code <> all (string_to_array(s.predecessors, ' '))
        ),
        joined_communes as (
          insert into qpv_commune (qpv_code, commune_code)
          select s.code, n.code from staged s join named_commune n using (no) where s.outcome <> 'unchanged'
          order by 1, 2 on conflict do nothing
        )
        insert into qpv_lineage (predecessor_code, successor_code)
        select unnest(string_to_array(predecessors, ' ')), code from staged where outcome <> 'unchanged'
        order by 1, 2 on conflict do nothing
        """;

    public override string ChangesSql => """
        select s.code as object_key, s.outcome, coalesce(q.version, last_version('qpv', s.code)) as version,
               case when q.version is not null then jsonb_build_object('name', q.name, 'department', q.department_code,
                   'communes', (select jsonb_agg(commune_code order by commune_code) from qpv_commune k where k.qpv_code = q.code),
                   'predecessors', to_jsonb(known.codes),
                   'bbox', jsonb_build_array(q.min_longitude, q.min_latitude, q.max_longitude, q.max_latitude)) end as before,
               jsonb_build_object('name', s.name, 'department', s.department,
                   'communes', (select jsonb_agg(distinct code order by code) from named_commune n where n.no = s.no),
                   'predecessors', to_jsonb(coalesce(string_to_array(s.predecessors, ' '), known.codes)),
                   'bbox', jsonb_build_array(coalesce(s.min_longitude, q.min_longitude), coalesce(s.min_latitude, q.min_latitude),
                                             coalesce(s.max_longitude, q.max_longitude), coalesce(s.max_latitude, q.max_latitude))) as after
        from staged s left join qpv q using (code) cross join lateral (
          select array(select predecessor_code::text from qpv_lineage where successor_code = s.code
            order by predecessor_code collate "C") as codes
        ) known
        where s.outcome <> 'unchanged'
        """;

    /// <summary>By the rule that PUT has; null when there is no contour, or none that can be taken.</summary>
    private static (GeoBox? Box, string? Contour) ContourOf(string? geometry)
    {
        if (geometry is null)
            return default;
        using var document = JsonDocument.Parse(geometry);
        return !geometry.Contains('\\') && IsStorable(document.RootElement) && GeoBox.TryRead(document.RootElement, out var box)
            ? (box, Contour.RightHanded(document.RootElement))
            : default;
    }

    // JSON takes numbers that jsonb does not. What has an escape was refused before: no contour needs one.
    private static bool IsStorable(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().All(IsStorable),
        JsonValueKind.Object => element.EnumerateObject().All(member => IsStorable(member.Value)),
        JsonValueKind.Number => element.GetRawText() is { Length: <= 60 } raw
            && (raw.IndexOfAny(['e', 'E']) is var mark && mark < 0 || int.TryParse(raw.AsSpan(mark + 1), out var exponent)
                && Math.Abs(exponent) <= 100),
        _ => true,
    };
}
