using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// One import from its stored bytes to its final state. Reads, checks, writes and the final state are one transaction, under a lock that
/// ends with the connection: whoever dies leaves nothing, and the next to look does it again.
/// </summary>
internal sealed partial class ImportRun(NpgsqlDataSource source, TimeProvider time, ILogger log, Guid id)
{
    private const int RunLocks = 0x6775_6972;
    private const int Attempts = 5;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(500);

    private int _rows;

    private sealed record Order(string Dataset, string Mode, bool Submit, string Atomicity, string Actor, string? ContentType)
    {
        public bool Applies => Mode == "apply";
    }

    /// <summary>False when another instance works on it.</summary>
    public async Task<bool> ExecuteAsync(CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(ct);
            }
            catch (Exception fault) when (fault is ImportRacedException or PostgresException { SqlState: "40P01" or "40001" or "23505" or "23503" } && attempt < Attempts)
            {
                await Task.Delay(20 * attempt, ct);
            }
            catch (Exception fault) when (fault is not OperationCanceledException && fault is not NpgsqlException { IsTransient: true }
                && (fault is not NpgsqlException || fault is PostgresException))
            {
                Failed(log, id, fault);
                await GiveUpAsync(ct);
                return true;
            }
        }
    }

    private async Task<bool> AttemptAsync(CancellationToken ct)
    {
        await using var work = await source.OpenConnectionAsync(ct);
        await using var transaction = await work.BeginTransactionAsync(ct);
        if (!await ImportReception.ScalarAsync<bool>(work, "select pg_try_advisory_xact_lock($1, hashtext($2))", ct, RunLocks, id.ToString()))
            return false;
        if (await ReadOrderAsync(work, ct) is not { } order)
            return true;
        await ImportReception.ScalarAsync<object>(work,
            "select set_config('gusp.actor', $1, true), set_config('gusp.request_id', $2, true)", ct, order.Actor, id.ToString());

        await using var side = await source.OpenConnectionAsync(ct);
        await using var errorConnection = await source.OpenConnectionAsync(ct);
        await using var errors = new ImportErrorLog(errorConnection, id);
        await StateAsync(side, "VALIDATING", ct);
        await errors.BeginAsync(ct);

        var target = Target(order, work, errors);
        try
        {
            await target.PrepareAsync(ct);
            await ReadAsync(order, target, errors, side, ct);
            await target.EndStagingAsync(ct);
        }
        catch (ImportFileException fault)
        {
            await target.AbandonAsync();
            await transaction.RollbackAsync(ct);
            await FailAsync(work, errors, fault.Fault, ct);
            return true;
        }

        await target.CheckAsync(order.Applies, ct);
        var (state, outcome) = await DecideAsync(order, target, errors, side, ct);
        await EndAsync(work, state, outcome, errors, null, ct);
        await errors.CommitAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private async Task<(string State, ImportOutcome Outcome)> DecideAsync(
        Order order, ImportTarget target, ImportErrorLog errors, NpgsqlConnection side, CancellationToken ct)
    {
        var forecast = await target.ForecastAsync(ct);
        if (!order.Applies)
            return ("VALIDATED", forecast);
        if (order.Atomicity == "all" && errors.Errors > 0)
            return ("FAILED", new(0, 0, 0, forecast.Rejected));
        await StateAsync(side, "APPLYING", ct);
        var outcome = await target.ApplyAsync(ct);
        return (outcome.Rejected > 0 ? "DONE_WITH_REJECTS" : "DONE", outcome);
    }

    private async Task ReadAsync(Order order, ImportTarget target, ImportErrorLog errors, NpgsqlConnection side, CancellationToken ct)
    {
        var dataset = ImportDataset.Of(order.Dataset);
        var scan = new ByteScan();
        var bytes = new ImportChunkStream(side, id);
        var format = ImportFormat.Csv;
        while (await bytes.NextAsync(ct) is { Length: > 0 } chunk)
        {
            if (scan.Bytes == 0)
                format = ImportFormats.Of(order.ContentType, chunk.Span);
            scan.Add(chunk.Span);
        }
        var warnings = new List<ImportFault>();
        if (format == ImportFormat.Xlsx)
        {
            await using var file = await SpooledAsync(new ImportChunkStream(side, id), ct);
            await TakeAllAsync(XlsxReader.Read(file, dataset, null, warnings, ct).ToAsyncEnumerable(), target, side, ct);
            foreach (var warning in warnings)
                await errors.AddAsync(warning, ct);
            return;
        }
        var encoding = scan.Decide(format == ImportFormat.Csv ? ImportFormats.Charset(order.ContentType) : "utf-8");

        var stream = new ImportChunkStream(side, id);
        var rows = format == ImportFormat.Csv
            ? DelimitedReader.ReadAsync(stream, encoding, dataset, warnings, ct)
            : new JsonRowReader(dataset, warnings).ReadAsync(stream, format != ImportFormat.Ndjson, ct);
        await TakeAllAsync(rows, target, side, ct);
        foreach (var warning in warnings)
            await errors.AddAsync(warning, ct);
    }

    // A ZIP is read from its end: chunks that come in order do not do.
    private static async Task<Stream> SpooledAsync(ImportChunkStream chunks, CancellationToken ct)
    {
        var file = TemporaryFile.Create();
        while (await chunks.NextAsync(ct) is { Length: > 0 } chunk)
            await file.WriteAsync(chunk, ct);
        return file;
    }

    private async Task TakeAllAsync(IAsyncEnumerable<ImportRow> rows, ImportTarget target, NpgsqlConnection side, CancellationToken ct)
    {
        _rows = 0;
        var told = time.GetTimestamp();
        await foreach (var row in rows)
        {
            await target.TakeAsync(row, ct);
            _rows++;
            if ((_rows & 0x3FF) != 0 || time.GetElapsedTime(told) < ProgressEvery)
                continue;
            told = time.GetTimestamp();
            await ImportReception.ScalarAsync<object>(side, "update import set rows_read = $2 where id = $1", ct, id, _rows);
        }
        await ImportReception.ScalarAsync<object>(side, "update import set rows_read = $2, rows_total = $2 where id = $1", ct, id, _rows);
    }

    private ImportTarget Target(Order order, NpgsqlConnection work, ImportErrorLog errors)
    {
        var year = time.GetUtcNow().Year;
        return order.Dataset switch
        {
            "declarations" => new DeclarationImport(work, errors, order.Submit, year),
            "holdings" => new HoldingImport(work, errors, year),
            "landlords" => new LandlordImport(work, errors),
            "qpvs" => new QpvImport(work, errors),
            _ => new CommuneImport(work, errors),
        };
    }

    private async Task<Order?> ReadOrderAsync(NpgsqlConnection work, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select dataset, mode, submit, atomicity, actor, content_type from import
            where id = $1 and state in ('RECEIVED', 'VALIDATING', 'APPLYING')
            """, work)
        { Parameters = { new() { Value = id } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetString(3), reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5))
            : null;
    }

    private Task StateAsync(NpgsqlConnection side, string state, CancellationToken ct) => ImportReception.ScalarAsync<object>(side,
        "update import set state = $2, started_at = coalesce(started_at, clock_timestamp()) where id = $1", ct, id, state);

    private async Task FailAsync(NpgsqlConnection work, ImportErrorLog errors, ImportFault fault, CancellationToken ct)
    {
        await errors.RestartAsync(ct);
        await errors.AddAsync(fault, ct);
        await errors.CommitAsync(ct);
        await EndAsync(work, "FAILED", new(0, 0, 0, 0), errors, fault.Message, ct);
    }

    private async Task GiveUpAsync(CancellationToken ct)
    {
        await using var work = await source.OpenConnectionAsync(ct);
        await using var errors = new ImportErrorLog(work, id);
        await EndAsync(work, "FAILED", new(0, 0, 0, 0), errors, new(
            "A fault of ours: nothing was written. Tell us the identifier of the import.",
            "Une erreur de notre part : rien n'a été écrit. Communiquez-nous l'identifiant de l'import."), ct);
    }

    private async Task EndAsync(
        NpgsqlConnection work, string state, ImportOutcome outcome, ImportErrorLog errors, Text? message, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            update import set state = $2, rows_read = $3, rows_total = $3, created = $4, updated = $5, unchanged = $6, rejected = $7,
                errors = $8, warnings = $9, message_en = $10, message_fr = $11, ended_at = clock_timestamp(),
                change_set_id = nullif(current_setting('gusp.change_set', true), '')::bigint
            where id = $1
            """, work);
        object?[] values =
            [id, state, _rows, outcome.Created, outcome.Updated, outcome.Unchanged, outcome.Rejected, errors.Errors, errors.Warnings,
             message?.En, message?.Fr];
        foreach (var value in values)
            command.Parameters.Add(value is null ? new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(LogLevel.Error, "Import {Id} failed.")]
    private static partial void Failed(ILogger log, Guid id, Exception fault);
}
