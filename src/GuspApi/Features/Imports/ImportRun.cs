using GuspApi.Database;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// One import from its stored bytes to its final state. Reads, checks, writes and the final state are one transaction, committed under the
/// lease: whoever dies leaves nothing, and the next to take the lease does it again.
/// </summary>
internal sealed partial class ImportRun(NpgsqlDataSource source, TimeProvider time, ILogger log, ImportLease lease)
{
    private const int Attempts = 50;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private ImportRunProgress Progress => lease.Progress;

    private ImportOrder Order => lease.Order;

    public async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await AttemptAsync(lease.Lost);
        }
        catch (Exception fault) when (fault is ImportLeaseLostException || lease.Lost.IsCancellationRequested)
        {
            stopping.ThrowIfCancellationRequested();
            LeaseLost(log, lease.Id);
        }
        catch (Exception fault) when (IsPassing(fault) && Order.Attempt < Attempts)
        {
            var pause = TimeSpan.FromMilliseconds(20 * Math.Pow(2, Math.Min(Order.Attempt, 20)));
            Interrupted(log, lease.Id, Order.Attempt, fault);
            await lease.PutBackAsync(pause < LongestPause ? pause : LongestPause, stopping);
        }
        catch (Exception fault)
        {
            Failed(log, lease.Id, fault);
            await GiveUpAsync(stopping);
        }
    }

    // Besides what passes for any request, another writer may come between: an object made or deleted.
    private static bool IsPassing(Exception fault) =>
        fault is ImportRacedException or IOException or TimeoutException or PostgresException { SqlState: "23505" or "23503" }
            || DatabaseFault.IsPassing(fault);

    private async Task AttemptAsync(CancellationToken ct)
    {
        await using var work = await OpenAsync(ct);
        await using var transaction = await work.BeginTransactionAsync(ct);
        await ImportSql.RunAsync(work,
            "select set_config('gusp.actor', $1, true), set_config('gusp.request_id', $2, true), set_config('gusp.import_id', $3, true)",
            ct, Order.Actor, Order.RequestId ?? "", lease.Id.ToString());
        await using var side = await OpenAsync(ct);
        await using var errorConnection = await OpenAsync(ct);
        await using var errors = new ImportErrorLog(errorConnection, lease.Id);
        await errors.BeginAsync(ct);

        var target = ImportTarget.Of(Order, work, errors, Campaign.Today(time));
        try
        {
            await target.PrepareAsync(ct);
            await ReadAsync(target, errors, side, ct);
            await target.EndStagingAsync(ct);
        }
        catch (ImportFileException fault)
        {
            await target.AbandonAsync();
            await transaction.RollbackAsync(ct);
            await FailAsync(work, errors, fault.Fault, ct);
            return;
        }

        Progress.EndReading();
        await target.CheckAsync(Order.Applies, ct);
        Progress.Percent = ImportRunProgress.Checked;
        var (state, outcome) = await DecideAsync(target, errors, work, ct);
        await errors.CommitAsync(ct);
        await EndAsync(work, state, outcome, errors, null, ct);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct) =>
        await ImportLease.NameAsync(await source.OpenConnectionAsync(ct), lease.Owner, ct);

    private async Task<(string State, ImportOutcome Outcome)> DecideAsync(
        ImportTarget target, ImportErrorLog errors, NpgsqlConnection work, CancellationToken ct)
    {
        var forecast = await target.ForecastAsync(ct);
        await target.RecordRejectsAsync(lease.Id, ct);
        if (!Order.Applies)
        {
            await ImportPlan.KeepAsync(work, lease.Id, target, ct);
            return ("VALIDATED", forecast);
        }
        if (Order.Plan is { } plan && await ImportPlan.ShortAsync(work, target, ct) != plan)
            return ("STALE", new(0, 0, 0, forecast.Rejected));
        if (Order.Atomicity == "all" && errors.Errors > 0)
            return ("FAILED", new(0, 0, 0, forecast.Rejected));

        await lease.BeginApplyAsync(ct);
        var outcome = await target.ApplyAsync(Progress, ct);
        return (outcome.Rejected > 0 ? "DONE_WITH_REJECTS" : "DONE", outcome);
    }

    private async Task ReadAsync(ImportTarget target, ImportErrorLog errors, NpgsqlConnection side, CancellationToken ct)
    {
        var warnings = new List<ImportFault>();
        await using var file = await ImportFile.OpenAsync(side, lease.Id, Order, ct);
        await foreach (var row in ReadAhead.ReadAsync(file.RowsAsync(warnings, ct), ct))
        {
            await target.TakeAsync(row, ct);
            Progress.Rows++;
            Progress.Percent = (int)(ImportRunProgress.Read * file.Position / Math.Max(1, Order.Bytes));
        }
        foreach (var warning in warnings)
            await errors.AddAsync(warning, null, ct);
    }

    private async Task FailAsync(NpgsqlConnection work, ImportErrorLog errors, ImportFault fault, CancellationToken ct)
    {
        await errors.RestartAsync(ct);
        await errors.AddAsync(fault, null, ct);
        await errors.CommitAsync(ct);
        await EndAsync(work, "FAILED", new(0, 0, 0, 0), errors, fault.Message, ct);
    }

    private async Task GiveUpAsync(CancellationToken ct)
    {
        await using var work = await source.OpenConnectionAsync(ct);
        await using var errors = new ImportErrorLog(work, lease.Id);
        await EndAsync(work, "FAILED", new(0, 0, 0, 0), errors, new(
            "A fault of ours: nothing was written. Tell us the identifier of the import.",
            "Une erreur de notre part : rien n'a été écrit. Communiquez-nous l'identifiant de l'import."), ct);
    }

    private async Task EndAsync(
        NpgsqlConnection work, string state, ImportOutcome outcome, ImportErrorLog errors, Text? message, CancellationToken ct)
    {
        var ended = await ImportSql.RunAsync(work, $"""
            update import set state = $3, rows_read = greatest(rows_read, $4), rows_total = greatest(rows_read, $4), percent = 100,
                created = $5, updated = $6, unchanged = $7, rejected = $8, errors = $9, warnings = $10, message_en = $11, message_fr = $12,
                ended_at = clock_timestamp(), change_set_id = nullif(current_setting('gusp.change_set', true), '')::bigint
            where {ImportLease.Fence}
            """, ct, lease.Id, lease.Owner, state, Progress.Rows, outcome.Created, outcome.Updated, outcome.Unchanged, outcome.Rejected,
            errors.Errors, errors.Warnings, message?.En, message?.Fr);
        if (ended == 0)
            throw new ImportLeaseLostException();
    }

    [LoggerMessage(LogLevel.Error, "Import {Id} failed.")]
    private static partial void Failed(ILogger log, Guid id, Exception fault);

    [LoggerMessage(LogLevel.Warning, "Import {Id} was interrupted at attempt {Attempt}; it will be taken up again.")]
    private static partial void Interrupted(ILogger log, Guid id, int attempt, Exception fault);

    [LoggerMessage(LogLevel.Information, "Import {Id} was cancelled, or is worked on elsewhere.")]
    private static partial void LeaseLost(ILogger log, Guid id);
}
