using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Imports;

/// <summary>Statements of a few values each.</summary>
internal static class ImportSql
{
    public static async Task<T?> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return (T?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>The number of rows that were changed.</summary>
    public static async Task<int> RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(value is null ? new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown } : new()
            {
                Value = value,
            });
        return command;
    }
}
