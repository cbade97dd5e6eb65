using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Development;

/// <summary>Loads the demonstration data into an empty database, once, in one transaction: all of it or nothing.</summary>
internal static class DemoData
{
    /// <summary>Any constant of our own: two instances that start together must not both load.</summary>
    private const long Lock = 7164728137002;

    /// <summary>True when it was loaded now, false when the database already holds something.</summary>
    public static async Task<bool> LoadAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await RunAsync(connection, $"select pg_advisory_xact_lock({Lock}); select set_config('gusp.actor', 'demo', true)", ct);
        await using (var used = new NpgsqlCommand("select exists (select from change_set)", connection))
        {
            if ((bool)(await used.ExecuteScalarAsync(ct))!)
                return false;
        }

        var demo = DemoGenerator.Run();
        await CopyLandlordsAsync(connection, demo.Landlords, ct);
        await CopyQpvsAsync(connection, demo, ct);
        await CopyHoldingsAsync(connection, demo.Holdings, ct);
        await RunAsync(connection, Campaign, ct);
        await CopyProjectsAsync(connection, DemoProjects.All, ct);
        await CopyDeclarationsAsync(connection, demo, ct);
        foreach (var step in Steps)
            await RunAsync(connection, $"{NextChangeSet}; {step}", ct);

        await transaction.CommitAsync(ct);
        await RunAsync(connection, "analyze", ct);
        return true;
    }

    /// <summary>What was saved, submitted and validated shows as three writes, each with its revision.</summary>
    private static readonly string[] Steps =
    [
        """
        update declaration
        set status = 'SUBMITTED', action = 'SUBMITTED', version = 2, ever_submitted = true, change_set_id = current_change_set()
        """,
        """
        update declaration
        set status = 'VALIDATED', action = 'VALIDATED', version = 3, validated_version = 3, validated_lines_version = 1,
          change_set_id = current_change_set()
        """,
    ];

    /// <summary>Due some time after the loading, so that what is loaded is in time, and without an end.</summary>
    private const string Campaign =
        "insert into campaign (year, opens_on, due_on, version) values (2022, '2023-01-01', current_date + 90, 1)";

    private const string NextChangeSet = "select set_config('gusp.change_set', '', true)";

    private static async Task CopyLandlordsAsync(NpgsqlConnection connection, List<Landlord> landlords, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy landlord (siren, name, family, version) from stdin (format binary)", ct);
        foreach (var landlord in landlords)
            await copy.WriteRowAsync(ct, landlord.Siren, landlord.Name, Capitals.Of(landlord.Family), landlord.Version);
        await copy.CompleteAsync(ct);
    }

    private static async Task CopyQpvsAsync(NpgsqlConnection connection, DemoGenerator demo, CancellationToken ct)
    {
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy qpv (code, name, generation, department_code, version) from stdin (format binary)", ct))
        {
            foreach (var qpv in demo.Qpvs)
                await copy.WriteRowAsync(ct, qpv.Code, qpv.Name, qpv.Generation, qpv.DepartmentCode, qpv.Version);
            await copy.CompleteAsync(ct);
        }
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy qpv_commune (qpv_code, commune_code) from stdin (format binary)", ct))
        {
            foreach (var link in demo.QpvCommunes)
                await copy.WriteRowAsync(ct, link.QpvCode, link.CommuneCode);
            await copy.CompleteAsync(ct);
        }
    }

    private static async Task CopyHoldingsAsync(NpgsqlConnection connection, List<Holding> holdings, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy holding (landlord_siren, year, qpv_code, dwellings, abated_dwellings, abatement, abatement_method, "
                + "version) from stdin (format binary)", ct);
        foreach (var h in holdings)
        {
            await copy.WriteRowAsync(
                ct, h.LandlordSiren, h.Year, h.QpvCode, h.Dwellings, h.AbatedDwellings, h.Abatement,
                Capitals.Of(h.AbatementMethod), h.Version);
        }
        await copy.CompleteAsync(ct);
    }

    private static async Task CopyProjectsAsync(NpgsqlConnection connection, IReadOnlyList<Project> projects, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy project (title, description, objectives, annual_budget, partners, landlord_name, commune_code, year, source, "
                + "version) from stdin (format binary)", ct);
        foreach (var p in projects)
        {
            await copy.WriteRowAsync(
                ct, p.Title, p.Description, p.Objectives, p.AnnualBudget, p.Partners, p.LandlordName, p.CommuneCode,
                p.Year, p.Source, p.Version);
        }
        await copy.CompleteAsync(ct);
    }

    private static async Task CopyDeclarationsAsync(NpgsqlConnection connection, DemoGenerator demo, CancellationToken ct)
    {
        var ids = await ReserveAsync(connection, demo.Holdings.Count, ct);
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy declaration (id, landlord_siren, year, qpv_code, status, action, version, lines_version, "
                + "ever_submitted) from stdin (format binary)", ct))
        {
            for (var i = 0; i < ids.Count; i++)
            {
                var holding = demo.Holdings[i];
                await copy.WriteRowAsync(ct, ids[i], holding.LandlordSiren, holding.Year, holding.QpvCode, "DRAFT", "SAVED", 1, 1, false);
            }
            await copy.CompleteAsync(ct);
        }
        await CopyLinesAsync(connection, demo.Lines, ids, ct);
    }

    private static async Task CopyLinesAsync(NpgsqlConnection connection, List<ExpenseLine> lines, List<long> ids, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy expense_line (declaration_id, version, ref, no, axis, action, family, planned, actual, valued,
              landlord_funding, other_funding,
              quantitative_review, qualitative_review) from stdin (format binary)
            """, ct);
        foreach (var line in lines)
        {
            await copy.WriteRowAsync(
                ct, ids[(int)line.DeclarationId - 1], line.Version, line.Ref, line.No, line.Axis, line.Action,
                Capitals.Of(line.Family), line.Planned,
                line.Actual, line.Valued, line.LandlordFunding, line.OtherFunding, line.QuantitativeReview, line.QualitativeReview);
        }
        await copy.CompleteAsync(ct);
    }

    /// <summary>Ids of the declarations, taken from their own sequence so that later ones go on from there.</summary>
    private static async Task<List<long>> ReserveAsync(NpgsqlConnection connection, int count, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select nextval(pg_get_serial_sequence('declaration', 'id')) from generate_series(1, $1)", connection);
        command.Parameters.Add(new() { Value = count, NpgsqlDbType = NpgsqlDbType.Integer });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<long>(count);
        while (await reader.ReadAsync(ct))
            ids.Add(reader.GetInt64(0));
        return ids;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
