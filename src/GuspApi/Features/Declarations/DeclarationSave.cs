using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Declarations;

/// <summary>One declaration through the same SQL as a batch: its lines are parameters instead of a temporary table.</summary>
internal sealed class DeclarationSave(
    NpgsqlConnection connection, DeclarationKey key, IReadOnlyList<LineDraft> lines, bool submit, DateOnly? day)
{
    private const string Candidates = """
        WITH candidate_line AS (
            SELECT 1 AS key, (u.no - 1)::int AS line, u.ref, u.axis, u.action, u.family,
                   u.planned, u.actual, u.valued, u.landlord_funding, u.other_funding, u.quantitative_review, u.qualitative_review,
                   u.no::int AS no
            FROM unnest(@refs, @axes, @actions, @families, @planned, @actual, @valued, @landlordFunding, @otherFunding,
              @quantitative, @qualitative)
                WITH ORDINALITY AS u(ref, axis, action, family, planned, actual, valued, landlord_funding, other_funding,
                                     quantitative_review, qualitative_review, no)),
        candidate AS (SELECT 1 AS key, @siren AS landlord_siren, @year AS year, @qpvCode AS qpv_code, NULL::boolean AS alike),
        """;

    private readonly string state = $"{Candidates} candidate_state AS MATERIALIZED ({DeclarationSql.State(submit)})";

    /// <summary>What is there, and what the write would do; the declaration is locked from here on.</summary>
    internal sealed record Known(int? Version, DeclarationStatus? Status, string Outcome, List<BatchFinding> Findings);

    /// <summary>
    /// Locks, compares and checks, in one round trip. Lines that broke a rule of form are checked as well as they can be.
    /// </summary>
    public async Task<Known> LookAsync(bool lockIt, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        if (lockIt)
        {
            Add(batch, $"SELECT pg_advisory_xact_lock_shared({DeclarationBatch.LandlordLocks}, "
                + $"hashtext(@siren) & {DeclarationBatch.LandlordBuckets})");
            Add(batch, "SELECT FROM declaration WHERE landlord_siren = @siren AND year = @year AND qpv_code = @qpvCode FOR UPDATE");
            if (submit)
                Add(batch, "SELECT FROM holding WHERE landlord_siren = @siren AND year = @year AND qpv_code = @qpvCode FOR SHARE");
        }
        Add(batch, $"{state} SELECT version, status, outcome FROM candidate_state", withLines: true);
        Add(batch, $"{state} {DeclarationSql.Findings} {DeclarationSql.InOrder}", withLines: true);

        await using var row = await batch.ExecuteReaderAsync(ct);
        while (row.FieldCount != 3)
            await row.NextResultAsync(ct);
        await row.ReadAsync(ct);
        var status = row.IsDBNull(1) ? (DeclarationStatus?)null : Capitals.Parse<DeclarationStatus>(row.GetString(1));
        var known = new Known(status is null or DeclarationStatus.Deleted ? null : row.GetInt32(0), status, row.GetString(2), []);

        await row.NextResultAsync(ct);
        while (await row.ReadAsync(ct))
            known.Findings.Add(BatchFinding.Read(row, submit));
        return known;
    }

    /// <summary>
    /// Writes, and gives the version; null when another request created the declaration meanwhile: what is not there cannot be locked, so
    /// it may have come between the look and the write, which then must not be committed.
    /// </summary>
    public async Task<int?> ApplyAsync(Known known, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        Add(batch, $"""
            {state}, {DeclarationSql.SaveHeaders(submit)}, written AS (SELECT * FROM saved), lines AS ({DeclarationSql.SaveLines()})
            {DeclarationSql.Outcomes()}
            """, withLines: true);
        await using var row = await batch.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        var outcome = BatchOutcome.Read(row);
        return outcome.Outcome == known.Outcome ? outcome.Version : null;
    }

    /// <summary>The errors that refuse the write, as the API tells them: the key's by parameter, the lines' by pointer.</summary>
    public static IEnumerable<ApiError> Errors(IEnumerable<Finding> form, Known known) => form
        .Concat(known.Findings.Where(found => found.Refuses).Select(InLine))
        .DistinctBy(found => (found.Code, found.Line, found.Field))
        .OrderBy(found => found.Line ?? -1)
        .Select(Error);

    public static Finding InLine(BatchFinding found) => found.Line is { } line ? found.Finding with { Line = line } : found.Finding;

    private static ApiError Error(Finding finding) => finding is { Line: null, Field: "landlord" or "qpv" or "year" }
        ? ApiError.OfParameter(finding.Code, finding.Message,
            finding.Field switch { "landlord" => "siren", "qpv" => "qpvCode", _ => "year" }, finding.Value, finding.Expected)
        : ApiError.Of(finding);

    private void Add(NpgsqlBatch batch, string sql, bool withLines = false)
    {
        var command = new NpgsqlBatchCommand(sql);
        DeclarationReader.AddKey(command.Parameters, key);
        if (withLines)
        {
            AddLines(command.Parameters);
            command.Parameters.Add(DeclarationBatch.Day(day));
        }
        batch.BatchCommands.Add(command);
    }

    private void AddLines(NpgsqlParameterCollection parameters)
    {
        void Add<T>(string name, NpgsqlDbType type, Func<LineDraft, T> value) =>
            parameters.Add(new(name, NpgsqlDbType.Array | type) { Value = lines.Select(value).ToArray() });

        Add("refs", NpgsqlDbType.Text, line => line.Ref);
        Add("axes", NpgsqlDbType.Smallint, line => (short?)Math.Clamp(line.Axis ?? 0, 0, 9));
        Add("actions", NpgsqlDbType.Text, line => line.Action);
        Add("families", NpgsqlDbType.Text, line => line.Family);
        Add("planned", NpgsqlDbType.Numeric, line => line.Planned);
        Add("actual", NpgsqlDbType.Numeric, line => line.Actual);
        Add("valued", NpgsqlDbType.Numeric, line => line.Valued);
        Add("landlordFunding", NpgsqlDbType.Numeric, line => line.LandlordFunding);
        Add("otherFunding", NpgsqlDbType.Numeric, line => line.OtherFunding);
        Add("quantitative", NpgsqlDbType.Text, line => line.QuantitativeReview);
        Add("qualitative", NpgsqlDbType.Text, line => line.QualitativeReview);
    }
}
