using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// What was asked of an import, as its row keeps it. Actor and RequestId are those of who writes: whoever applies a plan, else its author;
/// Landlords is what the author may write, whoever applies it.
/// </summary>
internal sealed record ImportOrder(
    string Dataset, string Mode, bool Submit, string Atomicity, string Actor, string? RequestId, string[]? Landlords,
    string? ContentType, string? Sheet, long Bytes, int Attempt, string? Plan)
{
    /// <summary>
    /// Whether this run writes: an import that applies, or a dry run whose plan is being applied. A plan is there once a dry run has
    /// ended.
    /// </summary>
    public bool Applies => Mode == "apply" || Plan is not null;

    public static ImportOrder Of(Import import) => new(
        import.Dataset, import.Mode, import.Submit, import.Atomicity, import.AppliedBy ?? import.Actor,
        import.ApplyRequestId ?? import.RequestId, import.Landlords, import.ContentType, import.Sheet, import.Bytes,
        import.Attempts, import.Plan);
}

/// <summary>
/// The right to work on an import, held by one worker of all instances. It is given up by a lock that ends with the connection, so that a
/// killed process is followed at once, or, where the process lives but does not answer (frozen, cut off), by a lease that runs out; its
/// connections are then ended. Whatever else happens, the final state is written under the owner's name (see <see cref="Fence"/>): who lost
/// the lease commits nothing.
/// </summary>
internal sealed class ImportLease : IAsyncDisposable
{
    /// <summary>Condition of every write of the owner; so nothing is written for a key that was revoked, or expired, meanwhile.</summary>
    public const string Fence =
        "id = $1 and lease_owner = $2 and state in ('VALIDATING', 'APPLYING') and not key_has_ended(coalesce(applied_by, actor))";

    private const int RunLocks = 0x6775_6972;
    private const string LeaseTime = "interval '10 seconds'";
    private static readonly TimeSpan BeatEvery = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlConnection _connection;
    private readonly SemaphoreSlim _one = new(1);
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _quiet = new();
    private Task _beats = Task.CompletedTask;

    private ImportLease(NpgsqlConnection connection, Guid id, Guid owner, ImportOrder order, CancellationToken stopping)
    {
        (_connection, Id, Owner, Order) = (connection, id, owner, order);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Lost = _lost.Token;
    }

    public Guid Id { get; }

    public Guid Owner { get; }

    public ImportOrder Order { get; }

    /// <summary>Raised when the import was cancelled, taken over, or cannot be reached, and when the program stops.</summary>
    public CancellationToken Lost { get; }

    /// <summary>What the next sign of life tells.</summary>
    public ImportRunProgress Progress { get; } = new();

    /// <summary>Takes the oldest import that nobody works on; null when there is none.</summary>
    public static async Task<ImportLease?> TakeAsync(NpgsqlDataSource source, CancellationToken stopping)
    {
        var connection = await source.OpenConnectionAsync(stopping);
        try
        {
            await CancelOfEndedKeysAsync(connection, stopping);
            foreach (var (id, holder, isOver) in await WaitingAsync(connection, stopping))
                if (await TakeAsync(connection, id, holder, isOver, stopping) is { } lease)
                    return lease;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>A connection that ends with the lease: it bears the owner's name, by which a successor finds and ends it.</summary>
    public static async Task<NpgsqlConnection> NameAsync(NpgsqlConnection connection, Guid owner, CancellationToken ct)
    {
        await ImportSql.RunAsync(connection, "select set_config('application_name', $1, false)", ct, NameOf(owner));
        return connection;
    }

    /// <summary>From here on it can no longer be cancelled.</summary>
    public async Task BeginApplyAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (await ImportSql.RunAsync(_connection, $"update import set state = 'APPLYING' where {Fence}", ct, Id, Owner) == 0)
                throw new ImportLeaseLostException();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Leaves the import for a later attempt, after a fault that should pass.</summary>
    public async Task PutBackAsync(TimeSpan after, CancellationToken ct)
    {
        await StopBeatsAsync();
        await ImportSql.RunAsync(_connection, $"update import set retry_at = clock_timestamp() + $3 where {Fence}", ct, Id, Owner, after);
    }

    public async ValueTask DisposeAsync()
    {
        await StopBeatsAsync();
        try
        {
            await ImportSql.RunAsync(_connection,
                "update import set lease_owner = null, lease_until = null where id = $1 and lease_owner = $2",
                CancellationToken.None, Id, Owner);
            await ImportSql.RunAsync(_connection, "select pg_advisory_unlock($1, hashtext($2))", CancellationToken.None,
                RunLocks, Id.ToString());
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException)
        {
            // The connection is gone, and the lock with it.
            NpgsqlConnection.ClearPool(_connection);
        }
        await _connection.DisposeAsync();
        _lost.Dispose();
        _quiet.Dispose();
        _one.Dispose();
    }

    // Whoever works on one finds its fence closed.
    private static Task CancelOfEndedKeysAsync(NpgsqlConnection connection, CancellationToken ct) => ImportSql.RunAsync(connection, """
        update import set state = 'CANCELLED', ended_at = clock_timestamp(), cancelled_by = 'system', message_en = $1, message_fr = $2
        where state in ('RECEIVED', 'VALIDATING', 'APPLYING') and key_has_ended(coalesce(applied_by, actor))
        """, ct, Import.KeyEnded.En, Import.KeyEnded.Fr);

    private static async Task<List<(Guid Id, Guid? Holder, bool IsOver)>> WaitingAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select id, lease_owner, coalesce(lease_until < clock_timestamp(), true) from import
            where state in ('RECEIVED', 'VALIDATING', 'APPLYING') and coalesce(retry_at <= clock_timestamp(), true)
            order by received_at, id limit 50
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var waiting = new List<(Guid, Guid?, bool)>();
        while (await reader.ReadAsync(ct))
            waiting.Add((reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetBoolean(2)));
        return waiting;
    }

    private static async Task<ImportLease?> TakeAsync(
        NpgsqlConnection connection, Guid id, Guid? holder, bool isOver, CancellationToken stopping)
    {
        var isLocked = await ImportSql.ScalarAsync<bool>(
            connection, "select pg_try_advisory_lock($1, hashtext($2))", stopping, RunLocks, id.ToString());
        if (!isLocked && !isOver)
            return null;

        // First of all: what the late holder has not committed yet may lock the import itself.
        if (holder is { } late)
            await EndAsync(connection, late, stopping);
        var owner = Guid.NewGuid();
        if (await ClaimAsync(connection, id, holder, owner, stopping) is not { } order)
        {
            if (isLocked)
                await ImportSql.RunAsync(connection, "select pg_advisory_unlock($1, hashtext($2))", stopping, RunLocks, id.ToString());
            return null;
        }
        // Free now, unless the number is another import's too: who looks next must not take it for abandoned.
        if (!isLocked)
            await ImportSql.RunAsync(connection, "select pg_try_advisory_lock($1, hashtext($2))", stopping, RunLocks, id.ToString());

        await NameAsync(connection, owner, stopping);
        var lease = new ImportLease(connection, id, owner, order, stopping);
        lease._beats = Task.Run(lease.BeatAsync, CancellationToken.None);
        return lease;
    }

    private static async Task<ImportOrder?> ClaimAsync(NpgsqlConnection connection, Guid id, Guid? holder, Guid owner, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            update import set lease_owner = $2, lease_until = clock_timestamp() + {LeaseTime}, attempts = attempts + 1, retry_at = null,
                state = case state when 'RECEIVED' then 'VALIDATING' else state end, started_at = coalesce(started_at, clock_timestamp())
            where id = $1 and state in ('RECEIVED', 'VALIDATING', 'APPLYING') and lease_owner is not distinct from $3
            returning dataset, mode, submit, atomicity, coalesce(applied_by, actor), coalesce(apply_request_id, request_id),
                landlords, content_type, sheet, bytes, attempts, plan
            """, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = (object?)holder ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
            return null;
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        return new(
            row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3), row.GetString(4), Text(5),
            row.IsDBNull(6) ? null : row.GetFieldValue<string[]>(6), Text(7), Text(8), row.GetInt64(9), row.GetInt32(10), Text(11));
    }

    /// <summary>
    /// Ends the connections of a holder that gives no sign of life, and waits until they are gone (three seconds at most).
    /// </summary>
    private static Task EndAsync(NpgsqlConnection connection, Guid holder, CancellationToken ct) => ImportSql.RunAsync(connection,
        "select pg_terminate_backend(pid, 3000) from pg_stat_activity where application_name = $1", ct, NameOf(holder));

    private static string NameOf(Guid owner) => $"gusp-import-{owner:n}";

    // No sign is broken off half-way: that could cost the connection, and the lease with it.
    private async Task BeatAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(BeatEvery, _quiet.Token);
                await _one.WaitAsync(_quiet.Token);
                try
                {
                    if (!await IsOursAsync())
                        await _lost.CancelAsync();
                }
                finally
                {
                    _one.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_quiet.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException)
        {
            // Who cannot give a sign of life no longer holds the lease.
            await _lost.CancelAsync();
        }
    }

    // A run that is done again starts from 0: what was told stays told.
    private async Task<bool> IsOursAsync() => await ImportSql.RunAsync(_connection, $"""
        update import set lease_until = clock_timestamp() + {LeaseTime}, rows_read = greatest(rows_read, $3),
            rows_total = coalesce($4::int, rows_total), percent = greatest(percent, $5)
        where {Fence}
        """, CancellationToken.None, Id, Owner, Progress.Rows, Progress.Total, Progress.Percent) == 1;

    private async Task StopBeatsAsync()
    {
        await _quiet.CancelAsync();
        await _beats;
    }
}

/// <summary>How far a run is. Of the whole, reading counts for 60 %, checking for 10, writing for 30.</summary>
internal sealed class ImportRunProgress
{
    public const int Read = 60;
    public const int Checked = 70;
    public const int Written = 99;

    private int _rows;
    private int _total = -1;
    private int _percent;

    public int Rows { get => Volatile.Read(ref _rows); set => Volatile.Write(ref _rows, value); }

    /// <summary>Null until the file is read.</summary>
    public int? Total => Volatile.Read(ref _total) is >= 0 and var total ? total : null;

    public int Percent { get => Volatile.Read(ref _percent); set => Volatile.Write(ref _percent, value); }

    public void EndReading() => (_, Percent) = (Interlocked.Exchange(ref _total, Rows), Read);
}

/// <summary>Another worker took the import over, or its author cancelled it: nothing of this run is kept.</summary>
internal sealed class ImportLeaseLostException : Exception;
