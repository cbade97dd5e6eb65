using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Declarations, one line a row: each is replaced as a whole, or rejected as a whole.</summary>
internal sealed class DeclarationImport(NpgsqlConnection connection, ImportErrorLog log, ImportOrder order, DateOnly today)
    : ImportTarget(connection, log)
{
    // Written by slices, so that progress can be told.
    private const int SmallestSlice = 10_000;
    private const int MostSlices = 8;

    private readonly RecordLines _lines = new();
    private readonly Dictionary<DeclarationKey, Place> _places = [];
    private readonly HashSet<(string, string, string)> _rejected = [];
    private readonly HashSet<(string Siren, string QpvCode)> _strays = [];
    private readonly LikeLines _like = new();
    private DeclarationRow _row = null!;

    /// <summary>
    /// Number of a declaration in the file, its first record, how many rows it has so far, and whether two of them may be alike.
    /// </summary>
    private sealed class Place(int key, int record)
    {
        public int Key => key;
        public int Record => record;
        public int Rows { get; set; }
        public bool MayBeAlike { get; set; }
    }

    protected override string CopyInto => """
        copy candidate_line (key, line, no, ref, axis, action, family, planned, actual, valued, landlord_funding,
                             other_funding, quantitative_review, qualitative_review) from stdin (format binary)
        """;

    public override async Task PrepareAsync(CancellationToken ct)
    {
        var labels = new Dictionary<string, short>();
        await using (var command = new NpgsqlCommand("select label, number from axis", Connection))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
                labels[HeaderName.Fold(reader.GetString(0))] = reader.GetInt16(1);
        _row = new(labels, order.Landlords, today.Year);
        await ExecuteAsync(DeclarationBatch.CreateTables, ct);
    }

    protected override async Task StageAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        _lines.Add(row.Record, row.Line);
        _row.Read(row, faults);
        if (faults.Count > 0)
            _rejected.Add(_row.Named);
        if (_row is not { Siren: { } siren, Year: { } year, QpvCode: { } qpv })
        {
            if (_row is { Siren: { } of, Year: null, QpvCode: { } at })
                _strays.Add((of, at));
            return;
        }

        var key = new DeclarationKey(siren, (short)year, qpv);
        if (!_places.TryGetValue(key, out var place))
            _places.Add(key, place = new(_places.Count + 1, row.Record));
        if (row.KeyOnly || faults.Count > 0)
            return;

        var line = _row.Line;
        place.MayBeAlike |= _like.Add(place.Key, place.Rows > 0, line);
        var copy = await NewRowAsync(ct);
        copy.Write(place.Key);
        copy.Write(row.Record);
        copy.Write(++place.Rows);
        copy.Write(line.Ref);
        copy.WriteSmall(line.Axis);
        copy.Write(line.Action);
        copy.Write(line.Family);
        copy.Write(line.Planned);
        copy.Write(line.Actual);
        copy.Write(line.Valued);
        copy.Write(line.LandlordFunding);
        copy.Write(line.OtherFunding);
        copy.Write(line.QuantitativeReview);
        copy.Write(line.QualitativeReview);
    }

    public override async Task CheckAsync(bool willApply, CancellationToken ct)
    {
        await CopyCandidatesAsync(ct);
        await ExecuteAsync(DeclarationBatch.AnalyseCandidates, ct);
        if (willApply)
            await DeclarationBatch.LockAsync(Connection, order.Submit, ct);
        await DeclarationBatch.CompareAsync(Connection, order.Submit, ct);
        var wrongRows = _rejected.ToHashSet();
        var day = order.Landlords is null ? (DateOnly?)null : today;
        await foreach (var found in DeclarationBatch.CheckAsync(Connection, order.Submit, day, ct))
        {
            // Its wrong rows are not among the lines that were judged: what only warns of their sums would mislead.
            if (!found.Refuses && wrongRows.Contains((found.Key.LandlordSiren, Number(found.Key.Year), found.Key.QpvCode)))
                continue;
            if (found.Refuses)
                _rejected.Add((found.Key.LandlordSiren, Number(found.Key.Year), found.Key.QpvCode));
            await Log.AddAsync(FaultOf(found), RecordOf(found), ct);
        }
        await RejectAsync(ct);
    }

    public override Task<ImportOutcome> ForecastAsync(CancellationToken ct) => CountAsync("candidate_state", _rejected.Count, ct);

    public override async Task<ImportOutcome> ApplyAsync(ImportRunProgress progress, CancellationToken ct)
    {
        var slices = Math.Clamp(_places.Count / SmallestSlice, 1, MostSlices);
        var counts = new Dictionary<string, int>();
        for (var slice = 0; slice < slices; slice++)
        {
            var (first, last) = (1 + (int)((long)_places.Count * slice / slices), (int)((long)_places.Count * (slice + 1) / slices));
            foreach (var (outcome, count) in await DeclarationBatch.ApplyAsync(Connection, order.Submit, first, last, ct))
                counts[outcome ?? throw new ImportRacedException()] = counts.GetValueOrDefault(outcome) + count;
            progress.Percent = ImportRunProgress.Checked + (ImportRunProgress.Written - ImportRunProgress.Checked) * (slice + 1) / slices;
        }
        return new(counts.GetValueOrDefault("created"), counts.GetValueOrDefault("updated"),
            counts.GetValueOrDefault("unchanged"), _rejected.Count);
    }

    public override string ChangesSql => DeclarationSql.Changes(order.Submit);

    public override async Task RecordRejectsAsync(Guid import, CancellationToken ct)
    {
        await ImportSql.RunAsync(Connection, "delete from import_reject where import_id = $1", ct, import);
        int[] keys = [.. RejectedKeys().Union(_places.Where(place => MayMiss(place.Key)).Select(place => place.Value.Key))];
        if (keys.Length > 0)
            await ImportSql.RunAsync(Connection,
                "insert into import_reject select distinct $1::uuid, line from candidate_line where key = any($2)", ct, import, keys);
    }

    // A row whose year alone is wrong is most likely a line of this declaration. Mended and posted alone it would replace the declaration,
    // which is written as a whole: the rejects hold the other lines too.
    private bool MayMiss(DeclarationKey key) => _strays.Contains((key.LandlordSiren, key.QpvCode));

    private int? RecordOf(BatchFinding found) => found.Line ?? (_places.TryGetValue(found.Key, out var place) ? place.Record : null);

    // What refuses nothing here is a warning: the rules of the submission, when nothing is submitted.
    private ImportFault FaultOf(BatchFinding found) => new(
        RecordOf(found) is { } record ? _lines.LineOf(record) : null, ColumnOf(found.Finding.Field), found.Finding.Code,
        found.Finding.Message, found.Finding.Value, found.Finding.Expected)
    {
        Key = found.Key.ToString(),
        Severity = found.Refuses ? Severity.Error : Severity.Warning,
    };

    // Those without a good line too: all that is wrong with a declaration is said at once.
    private async Task CopyCandidatesAsync(CancellationToken ct)
    {
        await using var copy = await BinaryCopy.BeginAsync(
            Connection, "copy candidate (key, landlord_siren, year, qpv_code, alike) from stdin (format binary)", ct);
        foreach (var (key, place) in _places)
        {
            await copy.RowAsync(5, ct);
            copy.Write(place.Key);
            copy.Write(key.LandlordSiren);
            copy.WriteSmall(key.Year);
            copy.Write(key.QpvCode);
            copy.Write(place.MayBeAlike);
        }
        await copy.CompleteAsync(ct);
    }

    private static string? ColumnOf(string? field) => field switch
    {
        "landlord" => "landlord_siren",
        "qpv" => "qpv_code",
        _ => ImportDataset.Declarations.Columns.FirstOrDefault(column => column.Field == field)?.Name,
    };

    private async Task RejectAsync(CancellationToken ct)
    {
        if (RejectedKeys() is { Length: > 0 } keys)
            await ImportSql.RunAsync(Connection, "delete from candidate_state where key = any($1)", ct, keys);
    }

    private int[] RejectedKeys() =>
        [.. _places.Where(place => _rejected.Contains((place.Key.LandlordSiren, Number(place.Key.Year), place.Key.QpvCode)))
            .Select(place => place.Value.Key)];
}

/// <summary>
/// Tells whether a line may have the ref, or the action and amount, of one before it in its declaration. Remembers some lines of the
/// declaration at hand alone: of a longer one, and of one whose rows do not stand together, it says that they may.
/// </summary>
internal sealed class LikeLines
{
    private const int Most = 4096;

    private readonly HashSet<string?> _refs = [];
    private readonly HashSet<(string?, decimal?)> _actions = [];
    private int _key;

    /// <param name="key">The declaration.</param>
    /// <param name="isContinued">Whether it has lines already.</param>
    /// <param name="line">The next of them.</param>
    public bool Add(int key, bool isContinued, LineDraft line)
    {
        if (key != _key)
        {
            _key = key;
            _refs.Clear();
            _actions.Clear();
            if (isContinued)
                return true;
        }
        return _refs.Count == Most || !_refs.Add(line.Ref) || !_actions.Add((line.Action, line.Actual));
    }
}

/// <summary>The line each record of a file starts on, kept only where the distance changes: in most files, once.</summary>
internal sealed class RecordLines
{
    private readonly List<int> _records = [];
    private readonly List<int> _offsets = [];

    public void Add(int record, int line)
    {
        if (_records.Count > 0 && _offsets[^1] == line - record)
            return;
        _records.Add(record);
        _offsets.Add(line - record);
    }

    public int LineOf(int record)
    {
        var index = _records.BinarySearch(record);
        return record + _offsets[index >= 0 ? index : ~index - 1];
    }
}

/// <summary>Another writer came between the check and the write: the run is done again.</summary>
internal sealed class ImportRacedException : Exception;
