using Npgsql;

namespace GuspApi.Model;

/// <summary>
/// Writers of landlords follow one another, by PUT as by import, and so do those of QPVs: what must hold between rows, such as that no
/// succession goes in a circle, is judged on what will stand.
/// </summary>
internal static class DatasetLock
{
    private const int Locks = 0x6775_6973;

    /// <summary>Waits for its turn and keeps it until the transaction ends.</summary>
    public static async Task TakeAsync(NpgsqlConnection connection, string dataset, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock($1, hashtext($2))", connection)
        {
            Parameters = { new() { Value = Locks }, new() { Value = dataset } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }
}
