using System.Globalization;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Tests;

/// <summary>Rows a test starts from, put straight into the tables; what does not matter to the test has a default.</summary>
internal sealed class Given(NpgsqlDataSource database)
{
    private static int last = 10_000_000;

    public async Task<string> Landlord(string? name = null, string family = "ESH", short? from = null, short? to = null)
    {
        var siren = Siren.Complete(Interlocked.Increment(ref last).ToString(CultureInfo.InvariantCulture));
        await Sql("insert into landlord (siren, name, family, active_from, active_to, version) values ($1, $2, $3, $4, $5, 1)",
            siren, name ?? "Bailleur " + siren, family, from, to);
        return siren;
    }

    public async Task<string> Qpv(string code, string name = "Quartier", params string[] communes)
    {
        var department = communes.Length > 0 ? communes[0][..2] : "59";
        await Sql("insert into qpv (code, name, generation, department_code, version) values ($1, $2, $3, $4, 1)",
            code, name, QpvCode.Generation(code), department);
        foreach (var commune in communes.Length > 0 ? communes : ["59350"])
            await Sql("insert into qpv_commune values ($1, $2)", code, commune);
        return code;
    }

    public Task Holding(string siren, int year, string qpv, int dwellings = 100, decimal abatement = 20_000m, string method = "NOTICE") =>
        Sql("insert into holding (landlord_siren, year, qpv_code, dwellings, abatement, abatement_method, "
            + "version) values ($1, $2, $3, $4, $5, $6, 1)",
            siren, (short)year, qpv, dwellings, abatement, method);

    /// <summary>A declaration in one state, with a line per amount, each on the axis of its place.</summary>
    public async Task Declaration(string siren, int year, string qpv, string status, params decimal[] amounts)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var header = new NpgsqlCommand(
            """
            insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version, validated_version,
              validated_lines_version, ever_submitted)
            values ($1, $2, $3, $4, case $4 when 'DRAFT' then 'SAVED' else $4 end, 1, 1,
              case $4 when 'VALIDATED' then 1 end, case $4 when 'VALIDATED' then 1 end, $4 <> 'DRAFT')
            returning id
            """, connection)
        { Parameters = { new() { Value = siren }, new() { Value = (short)year }, new() { Value = qpv }, new() { Value = status } } };
        var id = (long)(await header.ExecuteScalarAsync())!;
        for (var i = 0; i < amounts.Length; i++)
        {
            await using var line = new NpgsqlCommand(
                "insert into expense_line (declaration_id, version, ref, no, axis, action, family, actual) values ($1, 1, $2, $3, $4, "
                    + "'Action', 'SPECIFIC', $5)", connection)
            {
                Parameters = { new() { Value = id }, new() { Value = $"L{i + 1}" }, new() { Value = i + 1 }, new()
                {
                    Value = (short)(i % 8 + 1),
                }, new() { Value = amounts[i] } }
            };
            await line.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }

    public async Task Sql(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Scalar<T>(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}
