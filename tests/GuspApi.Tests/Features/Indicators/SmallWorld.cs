using GuspApi.Features.Indicators;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Tests.Features.Indicators;

internal sealed record WorldCommune(string Code, string Department, string? Epci);
internal sealed record WorldQpv(string Code, string Department, string[] Communes);
internal sealed record WorldLandlord(string Siren, string Family, string? Successor);
internal sealed record WorldHolding(string Siren, int Year, string Qpv, int Dwellings, decimal Abatement);
internal sealed record WorldLine(int Version, string Ref, int Axis, string Family, decimal Actual, decimal? Valued);
internal sealed record WorldDeclaration(
    string Siren, int Year, string Qpv, string Status, int LinesVersion, int? ValidatedLinesVersion, WorldLine[] Lines);

/// <summary>
/// A few territories and landlords with every oddity: QPVs in two communes, two EPCI, no commune; communes without EPCI; holdings
/// without declaration and the reverse; chains of successors, QPVs of both lists linked at random; zero dwellings and abatements; drafts,
/// tombstones, reopened declarations, several versions.
/// </summary>
internal sealed class SmallWorld
{
    public const int FirstYear = 2018, LastYear = 2022;
    public static readonly string[] Families = ["OPH", "ESH", "COOP", "SEM", "OTHER"];
    public static readonly string[] Epcis = [Siren.Complete("98000001"), Siren.Complete("98000002"), Siren.Complete("98000003")];
    private static readonly string[] Statuses = ["DRAFT", "SUBMITTED", "CHANGES_REQUESTED", "VALIDATED", "DELETED"];

    public Dictionary<string, string> Regions { get; } = new() { ["59"] = "32", ["62"] = "32", ["01"] = "84" };
    public Dictionary<int, string> Themes { get; } = [];
    public List<WorldCommune> Communes { get; } = [];
    public List<WorldQpv> Qpvs { get; } = [];
    public List<(string Predecessor, string Successor)> Lineage { get; } = [];
    public List<WorldLandlord> Landlords { get; } = [];
    public List<WorldHolding> Holdings { get; } = [];
    public List<WorldDeclaration> Declarations { get; } = [];

    public SmallWorld(Random random)
    {
        string[] themes = ["PROXIMITE", "PROXIMITE", "ENVIRONNEMENT", "ENVIRONNEMENT", "ENVIRONNEMENT", "VIE_SOCIALE",
            "VIE_SOCIALE", "TRAVAUX"];
        for (var axis = 1; axis <= 8; axis++)
            Themes[axis] = themes[axis - 1];

        string?[] epcis = [.. Epcis, null];
        foreach (var department in Regions.Keys)
        {
            for (var i = 0; i < 4; i++)
                Communes.Add(new($"{department}99{i}", department, epcis[random.Next(4)]));
            for (var i = 0; i < 3; i++)
            {
                var here = Communes.Where(c => c.Department == department).Select(c => c.Code).ToArray();
                Qpvs.Add(new($"QP0{department}99{i}", department, [.. random.GetItems(here, random.Next(4)).Distinct()]));
                Qpvs.Add(new($"QN0{department}9{i}M", department, [.. random.GetItems(here, random.Next(4)).Distinct()]));
            }
            Lineage.AddRange(
                from old in Qpvs
                from young in Qpvs
                where old.Code.StartsWith("QP0" + department) && young.Code.StartsWith("QN0" + department) && random.Next(7) < 2
                select (old.Code, young.Code));
        }
        for (var i = 4; i >= 0; i--)
        {
            var successor = Landlords.Count > 0 && random.Next(2) == 0 ? Landlords[random.Next(Landlords.Count)].Siren : null;
            Landlords.Add(new(Siren.Complete($"9900000{i}"), Families[random.Next(Families.Length)], successor));
        }

        foreach (var landlord in Landlords)
            foreach (var qpv in Qpvs)
                for (var year = FirstYear; year <= LastYear; year++)
                    Add(random, landlord.Siren, qpv.Code, year);
    }

    private void Add(Random random, string siren, string qpv, int year)
    {
        var held = random.Next(4) == 0;
        if (held)
            Holdings.Add(new(siren, year, qpv, random.Next(5) == 0 ? 0 : random.Next(1, 900), random.Next(5) == 0 ? 0 : Cents(random)));
        if (random.Next(10) >= (held ? 7 : 1))
            return;

        var last = random.Next(1, 4);
        var status = Statuses[random.Next(Statuses.Length)];
        int? validated = status == "VALIDATED" ? last : status == "DELETED" ? null : random.Next(2) == 0 ? random.Next(1, last + 1) : null;
        var lines = Enumerable.Range(1, last).SelectMany(version => Enumerable.Range(0, random.Next(4)).Select(no => new WorldLine(
            version, "L" + no, random.Next(1, 9), random.Next(2) == 0 ? "REINFORCEMENT" : "SPECIFIC",
            random.Next(6) == 0 ? 0 : Cents(random), random.Next(2) == 0 ? null : Cents(random))));
        Declarations.Add(new(siren, year, qpv, status, last, validated, [.. lines]));
    }

    private static decimal Cents(Random random) => random.Next(1, 5_000_000) / 100m;

    public async Task WriteAsync(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction);
        Add(batch, "insert into region values ('32', 'Hauts-de-France', '', '2026-01-01'), ('84', 'Auvergne-Rhône-Alpes', '', "
            + "'2026-01-01') on conflict do nothing");
        foreach (var (department, region) in Regions)
            Add(batch, "insert into department values ($1, $1, $2, '', '2026-01-01') on conflict do nothing", department, region);
        foreach (var epci in Communes.Select(c => c.Epci).OfType<string>().Distinct())
            Add(batch, "insert into epci values ($1, $1, '', '2026-01-01')", epci);
        foreach (var c in Communes)
            Add(batch, "insert into commune (code, name, department_code, epci_code, source, source_date) values ($1, $1, "
                + "$2, $3, '', '2026-01-01')",
                c.Code, c.Department, c.Epci);
        foreach (var q in Qpvs)
        {
            Add(batch, "insert into qpv (code, name, generation, department_code, version) values ($1, 'Quartier', $2, $3, 1)",
                q.Code, QpvCode.Generation(q.Code), q.Department);
            foreach (var commune in q.Communes)
                Add(batch, "insert into qpv_commune (qpv_code, commune_code) values ($1, $2)", q.Code, commune);
        }
        foreach (var (predecessor, successor) in Lineage)
            Add(batch, "insert into qpv_lineage (predecessor_code, successor_code) values ($1, $2)", predecessor, successor);
        foreach (var l in Landlords)
            Add(batch, "insert into landlord (siren, name, family, successor_siren, version) values ($1, $1, $2, $3, 1)",
                l.Siren, l.Family, l.Successor);
        foreach (var h in Holdings)
            Add(batch, """
                insert into holding (landlord_siren, year, qpv_code, dwellings, abatement, abatement_method, version)
                values ($1, $2, $3, $4, $5, 'NOTICE', 1)
                """, h.Siren, (short)h.Year, h.Qpv, h.Dwellings, h.Abatement);
        foreach (var d in Declarations)
        {
            Add(batch, """
                insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version,
                  validated_version, validated_lines_version, ever_submitted, change_set_id)
                values ($1, $2, $3, $4, 'SAVED', $5, $5, $6, $6, true, current_change_set())
                """, d.Siren, (short)d.Year, d.Qpv, d.Status, d.LinesVersion, d.ValidatedLinesVersion);
            foreach (var (line, no) in d.Lines.Select((line, no) => (line, no)))
                Add(batch, """
                    insert into expense_line (declaration_id, version, ref, no, axis, action, family, actual, valued)
                    values ((select id from declaration where landlord_siren = $1 and year = $2 and qpv_code = $3), $4, $5, $6, $7,
                      'Action', $8, $9, $10)
                    """, d.Siren, (short)d.Year, d.Qpv, line.Version, line.Ref, no, (short)line.Axis, line.Family, line.Actual, line.Valued);
        }
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static void Add(NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        batch.BatchCommands.Add(command);
    }

    /// <summary>The lines that count, or null when the declaration does not.</summary>
    public static IEnumerable<WorldLine>? Counted(WorldDeclaration declaration, IndicatorStatus status)
    {
        if (declaration.Status == "DELETED")
            return null;
        var current = status == IndicatorStatus.Submitted && declaration.Status is "SUBMITTED" or "VALIDATED";
        var version = current ? declaration.LinesVersion : declaration.ValidatedLinesVersion;
        return version is null ? null : declaration.Lines.Where(l => l.Version == version);
    }
}
