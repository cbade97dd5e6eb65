using Npgsql;

namespace GuspApi.Database;

/// <summary>Which faults pass by themselves.</summary>
internal static class DatabaseFault
{
    /// <summary>
    /// What the database or its driver said, however it is wrapped (by EF Core, by streams); null when they said nothing.
    /// </summary>
    public static NpgsqlException? Of(Exception? fault) => fault as NpgsqlException ?? (fault is null ? null : Of(fault.InnerException));

    /// <summary>
    /// The database was stopped or cut off, is out of room, memory or connections, or another transaction came between: the same work
    /// succeeds later. A session that ended fatally is one of them: on a full disk some cannot even begin.
    /// </summary>
    public static bool IsPassing(Exception? fault) => Of(fault) switch
    {
        null or NpgsqlOperationInProgressException => false,
        PostgresException refused => refused.IsTransient || refused.InvariantSeverity is "FATAL" or "PANIC"
            || refused.SqlState[..2] is "08" or "53" or "57" or "58",
        _ => true,
    };
}
