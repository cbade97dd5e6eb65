using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Imports;

/// <summary>
/// Writes what is wrong as it is found, over a connection of its own, so that a file where every row is wrong takes no memory. A run that
/// is done again replaces what an interrupted one left.
/// </summary>
internal sealed class ImportErrorLog(NpgsqlConnection connection, Guid id) : IAsyncDisposable
{
    private const string Copy =
        "copy import_error (import_id, no, record, line, column_name, object_key, code, severity, message_en, message_fr, value, "
        + "expected_en, expected_fr, suggestion) from stdin (format binary)";

    private NpgsqlTransaction? _transaction;
    private NpgsqlBinaryImporter? _importer;
    private int _no;

    public int Errors { get; private set; }

    public int Warnings { get; private set; }

    public async Task BeginAsync(CancellationToken ct)
    {
        _transaction = await connection.BeginTransactionAsync(ct);
        await ImportSql.RunAsync(connection, "delete from import_error where import_id = $1", ct, id);
        // The import of each error is the one that is held: where the role may, it is not looked up row by row (see DeclarationBatch).
        await ImportSql.RunAsync(connection, DeclarationBatch.TrustKnownKeys, ct);
    }

    /// <summary>Adds what was found in a record; null when the fault is the file's.</summary>
    public async Task AddAsync(ImportFault fault, int? record, CancellationToken ct)
    {
        _importer ??= await connection.BeginBinaryImportAsync(Copy, ct);
        if (fault.Severity == Severity.Error)
            Errors++;
        else
            Warnings++;

        await _importer.StartRowAsync(ct);
        await _importer.WriteAsync(id, NpgsqlDbType.Uuid, ct);
        await _importer.WriteAsync(++_no, NpgsqlDbType.Integer, ct);
        foreach (var number in new[] { record, fault.Line })
        {
            if (number is { } value)
                await _importer.WriteAsync(value, NpgsqlDbType.Integer, ct);
            else
                await _importer.WriteNullAsync(ct);
        }
        string?[] texts =
            [fault.Column, fault.Key, fault.Code, Capitals.Of(fault.Severity), fault.Message.En, fault.Message.Fr, fault.Value,
                fault.Expected?.En, fault.Expected?.Fr, fault.Suggestion];
        foreach (var text in texts)
        {
            if (text is null)
                await _importer.WriteNullAsync(ct);
            else
                await _importer.WriteAsync(text.Replace("\0", ""), NpgsqlDbType.Text, ct);
        }
    }

    /// <summary>Forgets what was written: the file as a whole is wrong, and that alone is said.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        await DisposeAsync();
        (_no, Errors, Warnings) = (0, 0, 0);
        await BeginAsync(ct);
    }

    public async Task CommitAsync(CancellationToken ct)
    {
        if (_importer is not null)
        {
            await _importer.CompleteAsync(ct);
            await _importer.DisposeAsync();
            _importer = null;
        }
        await _transaction!.CommitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_importer is not null)
            await _importer.DisposeAsync();
        _importer = null;
        if (_transaction is not null)
            await _transaction.DisposeAsync();
        _transaction = null;
    }
}
