using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Model;

/// <summary>
/// Writes a set of declarations in one open transaction. The caller has filled and analysed the temporary tables <c>candidate</c> and
/// <c>candidate_line</c> (<see cref="CreateTables"/>) with lines that passed <see cref="LineRules"/>, then calls, in this order,
/// <see cref="LockAsync"/> (not for a dry run), <see cref="CompareAsync"/>, <see cref="CheckAsync"/>, deletes what it rejects from
/// <c>candidate_state</c>, and calls <see cref="ApplyAsync"/> (not for a dry run: <c>candidate_state.outcome</c> is the forecast).
/// </summary>
internal static class DeclarationBatch
{
    /// <summary>
    /// The relations the rules speak of. <c>key</c> numbers the declarations of the document (one number per landlord, year and QPV: to
    /// join by it is several times cheaper than by the natural key), <c>no</c> is the line's place in its declaration, from 1, and
    /// <c>line</c> is where the sender finds it. A declaration without lines is inserted into <c>candidate</c> alone.
    /// </summary>
    public const string CreateTables = """
        SET LOCAL work_mem = '64MB';
        SET LOCAL jit = off;
        SET LOCAL default_statistics_target = 10;
        CREATE TEMP TABLE candidate_line (
            key int NOT NULL, line int, no int, ref text, axis smallint, action text, family text,
            planned numeric(14,2), actual numeric(14,2), valued numeric(14,2), landlord_funding numeric(14,2), other_funding numeric(14,2),
            quantitative_review text, qualitative_review text) ON COMMIT DROP;
        CREATE TEMP TABLE candidate (key int, landlord_siren text, year smallint, qpv_code text, alike boolean) ON COMMIT DROP;
        CREATE TEMP TABLE written (key int, id bigint, version int, lines_version int) ON COMMIT DROP;
        """;

    /// <summary>Tells the planner the sizes.</summary>
    public const string AnalyseCandidates = "ANALYZE candidate_line (key, ref); ANALYZE candidate";

    // Writers of single declarations hold these locks shared, a batch holds them alone: two batches cannot create the same declarations
    // crosswise. By bucket, so that a file of many landlords does not exhaust the lock table.
    internal const int LandlordLocks = 0x6775_7370;
    internal const int LandlordBuckets = 255;

    // Half of what a line costs is the look-up of its declaration, row by row, and two thirds of what a declaration costs those of its
    // landlord, QPV and change set (foreign keys). Here they are known to exist: ids come from rows that this very transaction inserted or
    // locked, by a join. Where the role may, the look-ups are left out; the triggers that record declarations work all the same.
    internal const string TrustKnownKeys = "SELECT trust_known_keys(true) AS trusted";
    private const string TrustNoKeys = "SELECT trust_known_keys(false) AS trusted";

    /// <summary>
    /// Locks the declarations in key order and, against deletion, their landlords and QPVs and, when submitting, their holdings.
    /// </summary>
    public static async Task LockAsync(NpgsqlConnection connection, bool submit, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new($"""
            SELECT pg_advisory_xact_lock({LandlordLocks}, bucket)
            FROM (SELECT DISTINCT hashtext(landlord_siren) & {LandlordBuckets} AS bucket FROM candidate ORDER BY 1) buckets
            """));
        batch.BatchCommands.Add(new("""
            SELECT d.id FROM declaration d JOIN candidate USING (landlord_siren, year, qpv_code)
            ORDER BY d.landlord_siren, d.year, d.qpv_code FOR UPDATE OF d
            """));
        batch.BatchCommands.Add(
            new("SELECT FROM landlord WHERE siren IN (SELECT landlord_siren FROM candidate) ORDER BY siren FOR KEY SHARE"));
        batch.BatchCommands.Add(new("SELECT FROM qpv WHERE code IN (SELECT qpv_code FROM candidate) ORDER BY code FOR KEY SHARE"));
        if (submit)
            batch.BatchCommands.Add(new("""
                SELECT FROM holding h JOIN candidate USING (landlord_siren, year, qpv_code)
                ORDER BY h.landlord_siren, h.year, h.qpv_code FOR SHARE OF h
                """));
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Makes <c>candidate_state (key, landlord_siren, year, qpv_code, id, status, version, same, outcome)</c>.</summary>
    public static async Task CompareAsync(NpgsqlConnection connection, bool submit, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new($"CREATE TEMP TABLE candidate_state ON COMMIT DROP AS {DeclarationSql.State(submit)}"));
        batch.BatchCommands.Add(new("ANALYZE candidate_state"));
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Names every broken rule of the candidates that a write would change, in the order of the document. They stay in
    /// <c>candidate_finding</c> with the revision they were judged at: at commit they become the anomalies of what was written, without
    /// being looked for twice. Campaigns bind whoever writes on <paramref name="day"/>; nobody on null.
    /// </summary>
    public static async IAsyncEnumerable<BatchFinding> CheckAsync(
        NpgsqlConnection connection, bool submit, DateOnly? day, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new("SELECT set_config('gusp.judged_at', current_revision()::text, true) AS judged_at"));
        batch.BatchCommands.Add(new($"CREATE TEMP TABLE candidate_finding ON COMMIT DROP AS {DeclarationSql.Findings}")
        {
            Parameters = { Day(day) },
        });
        await batch.ExecuteNonQueryAsync(ct);

        await using var command = new NpgsqlCommand($"SELECT * FROM candidate_finding {DeclarationSql.InOrder}", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return BatchFinding.Read(reader, submit);
    }

    /// <summary>The day on which campaigns bind who writes, null for admin: what the rules call <c>@day</c>.</summary>
    public static NpgsqlParameter Day(DateOnly? day) => new("day", NpgsqlDbType.Date) { Value = (object?)day ?? DBNull.Value };

    /// <summary>
    /// Writes what is in <c>candidate_state</c> of the declarations numbered <paramref name="first"/> to <paramref name="last"/>, and
    /// counts by outcome; an outcome is null when another writer came first (a lost race with a single PUT).
    /// </summary>
    public static async Task<List<(string? Outcome, int Count)>> ApplyAsync(
        NpgsqlConnection connection, bool submit, int first, int last, CancellationToken ct)
    {
        var slice = $"key BETWEEN {first} AND {last}";
        await using var batch = connection.CreateBatch();
        // Its own triggers, which number it and judge what it wrote, are not among those that work all the same: it is made before.
        batch.BatchCommands.Add(
            new("SELECT current_change_set() AS id WHERE EXISTS (SELECT FROM candidate_state WHERE outcome <> 'unchanged')"));
        batch.BatchCommands.Add(new(TrustKnownKeys));
        batch.BatchCommands.Add(new($"WITH {DeclarationSql.SaveHeaders(submit, slice)} INSERT INTO written SELECT * FROM saved"));
        batch.BatchCommands.Add(new(DeclarationSql.SaveLines(slice)));
        batch.BatchCommands.Add(new(TrustNoKeys));
        batch.BatchCommands.Add(new($"SELECT outcome, count(*)::int FROM ({DeclarationSql.Outcomes(slice)}) o GROUP BY outcome"));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (reader.GetName(0) != "outcome")
            await reader.NextResultAsync(ct);
        var counts = new List<(string?, int)>();
        while (await reader.ReadAsync(ct))
            counts.Add((reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt32(1)));
        return counts;
    }
}

/// <summary>The natural key of a declaration.</summary>
internal readonly record struct DeclarationKey(string LandlordSiren, short Year, string QpvCode)
{
    public override string ToString() => $"{LandlordSiren}/{Year}/{QpvCode}";

    /// <summary>From what <see cref="ToString"/> gives.</summary>
    internal static DeclarationKey Of(string text) =>
        text.Split('/') is [var siren, var year, var qpv] ? new(siren, short.Parse(year, CultureInfo.InvariantCulture), qpv)
            : throw new FormatException(text);

    internal static DeclarationKey Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt16(1), row.GetString(2));
}

/// <summary>
/// A rule broken by a declaration or by the line that stands at Line of the sender's document. Refuses tells whether the declaration is
/// refused: on a draft, rules of the submission are named but refuse nothing.
/// </summary>
internal readonly record struct BatchFinding(DeclarationKey Key, int? Line, string? Ref, bool Refuses, Finding Finding)
{
    internal static BatchFinding Read(NpgsqlDataReader row, bool submit)
    {
        var code = row.GetString(5);
        var refusal = DeclarationFindings.RefusalOf(code);
        var refuses = refusal == DeclarationFindings.Refusal.EveryWrite || submit && refusal == DeclarationFindings.Refusal.Submission;
        var finding = DeclarationFindings.Told(code, Text(row, 6), Text(row, 7), Text(row, 8));
        return new(DeclarationKey.Read(row), row.IsDBNull(3) ? null : row.GetInt32(3), Text(row, 4), refuses, finding);
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>What became of a declaration: <c>created</c>, <c>updated</c> or <c>unchanged</c>, and its version now.</summary>
internal readonly record struct BatchOutcome(DeclarationKey Key, string? Outcome, int? Version, long? Id)
{
    internal static BatchOutcome Read(NpgsqlDataReader row) => new(
        DeclarationKey.Read(row),
        row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetInt32(4),
        row.IsDBNull(5) ? null : row.GetInt64(5));
}
