using Npgsql;

namespace GuspApi.Database;

/// <summary>Which faults pass by themselves.</summary>
internal static class DatabaseFault
{
    /// <summary>
    /// The database was stopped or cut off, is out of room, memory or connections, or another transaction came between: the same work succeeds
    /// later. What EF Core and streams wrap is looked at too.
    /// </summary>
    public static bool IsPassing(Exception? fault) => fault switch
    {
        null or NpgsqlOperationInProgressException => false,
        PostgresException refused => refused.IsTransient || refused.SqlState[..2] is "08" or "53" or "57" or "58",
        NpgsqlException => true,
        _ => IsPassing(fault.InnerException),
    };
}
