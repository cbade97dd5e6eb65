using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>Declarations, one line a row: each is replaced as a whole, or rejected as a whole.</summary>
internal sealed class DeclarationImport(NpgsqlConnection connection, ImportErrorLog log, bool submit, int currentYear) : ImportTarget(connection, log)
{
    private readonly Dictionary<DeclarationKey, Place> _places = [];
    private readonly HashSet<(string, string, string)> _rejected = [];
    private readonly List<(int Key, DeclarationKey Of)> _empty = [];
    private DeclarationRow _row = null!;

    /// <summary>Number of a declaration in the file, its first line and how many rows it has so far.</summary>
    private sealed class Place(int key, int line)
    {
        public int Key => key;
        public int Line => line;
        public int Rows { get; set; }
    }

    protected override string CopyInto => """
        copy candidate_line (key, line, no, landlord_siren, year, qpv_code, ref, axis, action, family, planned, actual, valued, landlord_funding,
                             other_funding, quantitative_review, qualitative_review) from stdin (format binary)
        """;

    public override async Task PrepareAsync(CancellationToken ct)
    {
        var labels = new Dictionary<string, short>();
        await using (var command = new NpgsqlCommand("select label, number from axis", Connection))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
                labels[HeaderName.Fold(reader.GetString(0))] = reader.GetInt16(1);
        _row = new(labels, currentYear);
        await ExecuteAsync(DeclarationBatch.CreateTables, ct);
    }

    protected override async Task StageAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        _row.Read(row, faults);
        if (faults.Count > 0)
            _rejected.Add(_row.Named);
        if (_row is not { Siren: { } siren, Year: { } year, QpvCode: { } qpv })
            return;

        var key = new DeclarationKey(siren, (short)year, qpv);
        if (!_places.TryGetValue(key, out var place))
            _places.Add(key, place = new(_places.Count + 1, row.Line));
        if (row.KeyOnly)
            _empty.Add((place.Key, key));
        if (row.KeyOnly || faults.Count > 0)
            return;

        var line = _row.Line;
        var copy = await NewRowAsync(ct);
        await WriteAsync(copy, place.Key, ct);
        await WriteAsync(copy, row.Line, ct);
        await WriteAsync(copy, ++place.Rows, ct);
        await WriteAsync(copy, siren, ct);
        await WriteSmallAsync(copy, year, ct);
        await WriteAsync(copy, qpv, ct);
        await WriteAsync(copy, line.Ref, ct);
        await WriteSmallAsync(copy, line.Axis, ct);
        await WriteAsync(copy, line.Action, ct);
        await WriteAsync(copy, line.Family, ct);
        await WriteAsync(copy, line.Planned, ct);
        await WriteAsync(copy, line.Actual, ct);
        await WriteAsync(copy, line.Valued, ct);
        await WriteAsync(copy, line.LandlordFunding, ct);
        await WriteAsync(copy, line.OtherFunding, ct);
        await WriteAsync(copy, line.QuantitativeReview, ct);
        await WriteAsync(copy, line.QualitativeReview, ct);
    }

    public override async Task CheckAsync(bool willApply, CancellationToken ct)
    {
        await ExecuteAsync(DeclarationBatch.CollectCandidates, ct);
        foreach (var (key, of) in _empty)
            await ImportReception.ScalarAsync<object>(Connection,
                "insert into candidate select $1, $2, $3, $4 where not exists (select from candidate where key = $1)",
                ct, key, of.LandlordSiren, of.Year, of.QpvCode);

        if (willApply)
            await DeclarationBatch.LockAsync(Connection, submit, ct);
        await DeclarationBatch.CompareAsync(Connection, submit, ct);
        await foreach (var found in DeclarationBatch.CheckAsync(Connection, submit, ct))
        {
            if (found.Refuses)
                _rejected.Add((found.Key.LandlordSiren, Number(found.Key.Year), found.Key.QpvCode));
            await Log.AddAsync(FaultOf(found), ct);
        }
        await RejectAsync(ct);
    }

    public override async Task<ImportOutcome> ForecastAsync(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select count(*) filter (where outcome = 'created'), count(*) filter (where outcome = 'updated'),
                   count(*) filter (where outcome = 'unchanged') from candidate_state
            """, Connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2), _rejected.Count);
    }

    public override async Task<ImportOutcome> ApplyAsync(CancellationToken ct)
    {
        var outcomes = await DeclarationBatch.ApplyAsync(Connection, submit, ct);
        int Count(string outcome) => outcomes.Count(o => o.Outcome == outcome);
        if (outcomes.Any(o => o.Outcome is null))
            throw new ImportRacedException();
        return new(Count("created"), Count("updated"), Count("unchanged"), _rejected.Count);
    }

    // What refuses nothing here is a warning: the rules of the submission, when nothing is submitted.
    private ImportFault FaultOf(BatchFinding found) => new(
        found.Line ?? (_places.TryGetValue(found.Key, out var place) ? place.Line : null), ColumnOf(found.Finding.Field), found.Finding.Code,
        found.Finding.Message, found.Finding.Value, found.Finding.Expected)
    {
        Key = found.Key.ToString(),
        Severity = found.Refuses ? Severity.Error : Severity.Warning,
    };

    private static string? ColumnOf(string? field) => field switch
    {
        "landlord" => "landlord_siren",
        "qpv" => "qpv_code",
        _ => ImportDataset.Declarations.Columns.FirstOrDefault(column => column.Field == field)?.Name,
    };

    private async Task RejectAsync(CancellationToken ct)
    {
        var keys = _rejected
            .Where(named => int.TryParse(named.Item2, out var year) && _places.ContainsKey(new(named.Item1, (short)year, named.Item3)))
            .Select(named => _places[new(named.Item1, short.Parse(named.Item2), named.Item3)].Key).ToArray();
        if (keys.Length > 0)
            await ImportReception.ScalarAsync<object>(Connection, "delete from candidate_state where key = any($1)", ct, keys);
    }
}

/// <summary>Another writer came between the check and the write: the run is done again.</summary>
internal sealed class ImportRacedException : Exception;
