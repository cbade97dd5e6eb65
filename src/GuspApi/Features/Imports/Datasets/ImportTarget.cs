using System.Globalization;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// What a dataset does with rows: judges each alone and stages it by COPY, then judges all of them in the database, then writes. Everything
/// happens in the caller's transaction.
/// </summary>
internal abstract class ImportTarget(NpgsqlConnection connection, ImportErrorLog log)
{
    private readonly List<ImportFault> _faults = [];
    private BinaryCopy? _copy;
    private short? _columns;

    protected NpgsqlConnection Connection => connection;

    protected ImportErrorLog Log => log;

    /// <summary>Makes the tables the rows are staged in.</summary>
    public abstract Task PrepareAsync(CancellationToken ct);

    /// <summary>The COPY statement of <see cref="StageAsync"/>.</summary>
    protected abstract string CopyInto { get; }

    /// <summary>Says what is wrong with a row; stages it when nothing is.</summary>
    protected abstract Task StageAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct);

    /// <summary>Judges what was staged with what the database knows, and takes out what is refused.</summary>
    public abstract Task CheckAsync(bool willApply, CancellationToken ct);

    /// <summary>What a write would do; after <see cref="CheckAsync"/>.</summary>
    public abstract Task<ImportOutcome> ForecastAsync(CancellationToken ct);

    public abstract Task<ImportOutcome> ApplyAsync(ImportRunProgress progress, CancellationToken ct);

    /// <summary>
    /// After <see cref="CheckAsync"/>, what a write would change: rows <c>(object_key, outcome, version, before, after)</c>, where version
    /// is that of the object as it stands, 0 where there is none, null where the dataset has no versions.
    /// </summary>
    public abstract string ChangesSql { get; }

    /// <summary>Keeps the numbers of the records that are rejected without being wrong themselves.</summary>
    public virtual Task RecordRejectsAsync(Guid import, CancellationToken ct) => Task.CompletedTask;

    public static ImportTarget Of(ImportOrder order, NpgsqlConnection connection, ImportErrorLog log, DateOnly today) =>
        order.Dataset switch
        {
            "declarations" => new DeclarationImport(connection, log, order, today),
            "holdings" => new HoldingImport(connection, log, order.Landlords, today.Year),
            "landlords" => new LandlordImport(connection, log),
            "qpvs" => new QpvImport(connection, log),
            _ => new CommuneImport(connection, log),
        };

    public async Task TakeAsync(ImportRow row, CancellationToken ct)
    {
        _faults.Clear();
        await StageAsync(row, _faults, ct);
        foreach (var fault in _faults)
            await log.AddAsync(fault, row.Record, ct);
    }

    public async Task EndStagingAsync(CancellationToken ct)
    {
        if (_copy is not null)
            await _copy.CompleteAsync(ct);
    }

    /// <summary>Leaves a COPY that will not be completed.</summary>
    public async Task AbandonAsync()
    {
        if (_copy is not null)
            await _copy.DisposeAsync();
    }

    /// <summary>Begins a row of the staging table; as many cells must be written as <see cref="CopyInto"/> names columns.</summary>
    protected async ValueTask<BinaryCopy> NewRowAsync(CancellationToken ct)
    {
        _copy ??= await BinaryCopy.BeginAsync(connection, CopyInto, ct);
        await _copy.RowAsync(_columns ??= (short)(1 + CopyInto.Count(character => character == ',')), ct);
        return _copy;
    }

    /// <summary>Counts the rows of a table by their <c>outcome</c>.</summary>
    protected async Task<ImportOutcome> CountAsync(string table, int rejected, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            select count(*) filter (where outcome = 'created'), count(*) filter (where outcome = 'updated'),
                   count(*) filter (where outcome = 'unchanged') from {table}
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2), rejected);
    }

    protected async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A cell that must be there: what is wrong with it, or that it is missing.</summary>
    protected static void Judge(ImportRow row, ImportColumn[] columns, int column, Cell.Refusal? refusal, List<ImportFault> faults)
    {
        if (refusal is not null)
            faults.Add(DeclarationRow.Fault(row, columns, column, refusal));
        else if (columns[column].Required && Cell.Text(row.Cells[column]) is null)
            faults.Add(DeclarationRow.Missing(row, columns[column]));
    }

    protected static void Name(ImportRow row, ImportColumn[] columns, List<ImportFault> faults, string key, int from)
    {
        for (var i = from; i < faults.Count; i++)
            faults[i] = faults[i] with { Key = key, Line = faults[i].Line ?? row.Line, Column = faults[i].Column ?? columns[0].Name };
    }

    /// <summary>Whether the author of the import may write for this landlord; says so when not.</summary>
    internal static bool JudgeAuthor(ImportRow row, ImportColumn[] columns, string[]? landlords, string? siren, List<ImportFault> faults)
    {
        if (siren is null || landlords is null || landlords.Contains(siren))
            return true;
        faults.Add(new(row.Line, columns[0].Name, "LANDLORD_FORBIDDEN", new(
            "Your key does not declare for this landlord.", "Votre clé ne déclare pas pour ce bailleur."), siren,
            Text.Alike(string.Join(", ", landlords))));
        return false;
    }

    protected static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
