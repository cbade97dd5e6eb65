using System.Runtime.CompilerServices;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Declarations;

/// <summary>
/// Reads declarations at the version that the caller may see: the current one for its landlord, its reviewers (once submitted) and
/// admin, the last validated one for all others; with a revision, as they stood at it.
/// </summary>
internal sealed class DeclarationReader(NpgsqlConnection connection, Caller caller, Language language, long? asOf = null)
{
    private readonly string seen = Visibility.DeclarationsAt(asOf is null ? null : "@asOf") + " d";

    /// <summary>The day on which campaigns bind the caller; null when they do not.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The declarations, at the version d that is seen, with that version's change set c.</summary>
    internal const string Seen = $"{Visibility.Declarations} d JOIN change_set c ON c.id = d.change_set_id";

    private const string SeenVersions = $"{Visibility.DeclarationVersions} d JOIN change_set c ON c.id = d.change_set_id";

    /// <summary>What stands, or stood, against declarations, as the database keeps it.</summary>
    internal static string Anomalies(long? asOf) =>
        asOf is null ? "(SELECT * FROM anomaly WHERE until_change_set_id IS NULL)" : "anomaly_at(@asOf)";

    private const string Columns = """
        d.id, d.landlord_siren, d.year, d.qpv_code, d.department_code, d.version, d.status, d.action, d.comment, d.lines_version,
        d.validated_version, d.ever_submitted, d.is_current, d.change_set_id
        """;

    /// <summary>The declaration, or null when there is none that the caller may see.</summary>
    public async Task<DeclarationResponse?> OneAsync(DeclarationKey key, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM {seen} WHERE {KeyIs}", connection);
        AddKey(command.Parameters, key);
        return (await ReadAsync(command, withLines: true, ct)).SingleOrDefault();
    }

    /// <summary>Those of the declarations that the caller may see, with their lines.</summary>
    public async Task<List<DeclarationResponse>> SomeAsync(IReadOnlyCollection<DeclarationKey> keys, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT {Columns} FROM {seen}
            WHERE (d.landlord_siren, d.year, d.qpv_code) IN (SELECT * FROM unnest(@sirens, @years, @qpvCodes))
            """, connection);
        command.Parameters.Add(new("sirens", NpgsqlDbType.Array | NpgsqlDbType.Text)
        {
            Value = keys.Select(key => key.LandlordSiren).ToArray(),
        });
        command.Parameters.Add(new("years", NpgsqlDbType.Array | NpgsqlDbType.Smallint) { Value = keys.Select(key => key.Year).ToArray() });
        command.Parameters.Add(new("qpvCodes", NpgsqlDbType.Array | NpgsqlDbType.Text)
        {
            Value = keys.Select(key => key.QpvCode).ToArray(),
        });
        return await ReadAsync(command, withLines: true, ct);
    }

    /// <summary>One version of the declaration, current or not, as far as the caller may see it.</summary>
    public async Task<DeclarationResponse?> VersionAsync(DeclarationKey key, int version, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM {Visibility.DeclarationVersions} d WHERE {KeyIs} AND d.version = @version AND d.status <> 'DELETED'",
            connection);
        AddKey(command.Parameters, key);
        command.Parameters.Add(new("version", NpgsqlDbType.Integer) { Value = version });
        return (await ReadAsync(command, withLines: true, ct)).SingleOrDefault();
    }

    public async Task<(List<DeclarationResponse> Rows, long Total)> ListAsync(
        DeclarationFilter filter, Page page, bool withLines, CancellationToken ct)
    {
        await using var count = new NpgsqlCommand { Connection = connection };
        AddSight(count.Parameters);
        count.CommandText = $"SELECT count(*) FROM {Selected(filter, count.Parameters)}";
        var total = (long)(await count.ExecuteScalarAsync(ct))!;

        return (await AfterAsync(filter, page.After, page.Limit + 1, withLines, ct), total);
    }

    /// <summary>Those that follow a key, in the order of the keys.</summary>
    public async Task<List<DeclarationResponse>> AfterAsync(
        DeclarationFilter filter, string[]? key, int limit, bool withLines, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        command.Parameters.Add(new("limit", NpgsqlDbType.Integer) { Value = limit });
        command.CommandText = $"""
            SELECT {Columns} FROM {Selected(filter, command.Parameters)}{After(key, command.Parameters)}
            ORDER BY d.landlord_siren, d.year, d.qpv_code LIMIT @limit
            """;
        return await ReadAsync(command, withLines, ct);
    }

    /// <summary>The lines of those that follow a key, as they are read: however many, they take no memory.</summary>
    public async IAsyncEnumerable<ExportedLine> LinesAsync(
        DeclarationFilter filter, string[]? key, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        AddSight(command.Parameters);
        command.CommandText = $"""
            SELECT d.landlord_siren, d.year, d.qpv_code, {LineColumns}
            FROM expense_line e, {Selected(filter, command.Parameters)}{After(key, command.Parameters)}
              AND e.declaration_id = d.id AND e.version = d.lines_version
            ORDER BY d.landlord_siren, d.year, d.qpv_code, e.no
            """;
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            yield return new(row.GetString(0), row.GetInt16(1), row.GetString(2), Line(row, 3));
    }

    /// <summary>What is seen and passes the filter. Change sets, for their instants, are looked at only where they decide.</summary>
    private string Selected(DeclarationFilter filter, NpgsqlParameterCollection parameters) =>
        $"{seen}{(filter.UpdatedSince is null ? "" : " JOIN change_set c ON c.id = d.change_set_id")} WHERE "
            + $"true{filter.Conditions(parameters, asOf)}";

    private static string After(string[]? key, NpgsqlParameterCollection parameters)
    {
        if (key is not [var siren, var year, var qpv])
            return "";
        parameters.Add(new("afterSiren", NpgsqlDbType.Text) { Value = siren });
        parameters.Add(new("afterYear", NpgsqlDbType.Smallint) { Value = short.Parse(year) });
        parameters.Add(new("afterQpv", NpgsqlDbType.Text) { Value = qpv });
        return " AND (d.landlord_siren, d.year, d.qpv_code) > (@afterSiren, @afterYear, @afterQpv)";
    }

    /// <summary>Every version ever accepted, as far as the caller may see them; none when the declaration itself may not be seen.</summary>
    public async Task<List<VersionResponse>> VersionsAsync(DeclarationKey key, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT d.version, d.status, d.action, d.comment, c.at, c.actor, c.request_id, c.revision
            FROM {SeenVersions} WHERE {KeyIs} ORDER BY d.version
            """, connection);
        AddKey(command.Parameters, key);
        command.Parameters.VisibleTo(caller);
        var versions = new List<VersionResponse>();
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            versions.Add(new(
                row.GetInt32(0), Capitals.Parse<DeclarationStatus>(row.GetString(1)), Capitals.Parse<DeclarationAction>(row.GetString(2)),
                Text(row, 3), row.IsDBNull(4) ? null : row.GetDateTime(4), row.GetString(5), Text(row, 6),
                row.IsDBNull(7) ? null : row.GetInt64(7), $"/v1/declarations/{key}/versions/{row.GetInt32(0)}"));
        }
        return versions;
    }

    internal const string KeyIs = "d.landlord_siren = @siren AND d.year = @year AND d.qpv_code = @qpvCode";

    internal static void AddKey(NpgsqlParameterCollection parameters, DeclarationKey key)
    {
        parameters.Add(new("siren", NpgsqlDbType.Text) { Value = key.LandlordSiren });
        parameters.Add(new("year", NpgsqlDbType.Smallint) { Value = key.Year });
        parameters.Add(new("qpvCode", NpgsqlDbType.Text) { Value = key.QpvCode });
    }

    private void AddSight(NpgsqlParameterCollection parameters)
    {
        parameters.VisibleTo(caller);
        AddAsOf(parameters, asOf);
    }

    internal static void AddAsOf(NpgsqlParameterCollection parameters, long? asOf)
    {
        if (asOf is { } revision && !parameters.Contains("asOf"))
            parameters.Add(new("asOf", NpgsqlDbType.Bigint) { Value = revision });
    }

    private sealed record Header(
        long Id, DeclarationKey Key, string Landlord, string Qpv, string Department, int Version, DeclarationStatus Status,
        DeclarationAction Action,
        string? Comment, int LinesVersion, int? ValidatedVersion, bool EverSubmitted, bool Current, DateTime? At, string Actor,
        DeclarationTotals Totals,
        bool? Late, bool Barred);

    private async Task<List<DeclarationResponse>> ReadAsync(NpgsqlCommand command, bool withLines, CancellationToken ct)
    {
        AddSight(command.Parameters);
        command.Parameters.Add(DeclarationBatch.Day(Day));
        // Limited first, joined after: sums are made for the rows of the page alone.
        command.CommandText = $"""
            SELECT p.landlord_siren, p.year, p.qpv_code, p.id, l.name, q.name, p.department_code, p.version, p.status, p.action, p.comment,
                   p.lines_version, p.validated_version, p.ever_submitted, p.is_current, c.at, c.actor,
                   t.lines, t.planned, t.actual, t.valued, t.landlord_funding, t.other_funding, lateness.late, bar.code IS NOT NULL
            FROM ({command.CommandText}) p
            JOIN landlord l ON l.siren = p.landlord_siren
            JOIN qpv q ON q.code = p.qpv_code
            JOIN change_set c ON c.id = p.change_set_id
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS lines, coalesce(sum(planned), 0.00) AS planned, coalesce(sum(actual), 0.00) AS actual,
                       coalesce(sum(valued), 0.00) AS valued, coalesce(sum(landlord_funding), 0.00) AS landlord_funding,
                       coalesce(sum(other_funding), 0.00) AS other_funding
                FROM expense_line e WHERE e.declaration_id = p.id AND e.version = p.lines_version) t
            LEFT JOIN LATERAL lateness(p.id, p.year, {(asOf is null ? "NULL" : "@asOf")}) ON true
            LEFT JOIN LATERAL campaign_bar(p.year, p.status, @day) bar ON true
            ORDER BY p.landlord_siren, p.year, p.qpv_code
            """;
        var headers = new List<Header>();
        await using (var row = await command.ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                headers.Add(new(
                    row.GetInt64(3), DeclarationKey.Read(row), row.GetString(4), row.GetString(5), row.GetString(6), row.GetInt32(7),
                    Capitals.Parse<DeclarationStatus>(row.GetString(8)), Capitals.Parse<DeclarationAction>(row.GetString(9)), Text(row, 10),
                    row.GetInt32(11), row.IsDBNull(12) ? null : row.GetInt32(12), row.GetBoolean(13), row.GetBoolean(14),
                    row.IsDBNull(15) ? null : row.GetDateTime(15), row.GetString(16),
                    new(row.GetInt32(17), row.GetDecimal(18), row.GetDecimal(19), row.GetDecimal(20),
                        row.GetDecimal(21), row.GetDecimal(22)),
                    row.IsDBNull(23) ? null : row.GetBoolean(23), row.GetBoolean(24)));
            }
        }
        var lines = withLines ? await LinesAsync(headers, ct) : null;
        var anomalies = await AnomaliesAsync(connection, [.. headers.Where(h => h.Current).Select(h => h.Id)], ct, asOf);
        return [.. headers.Select(h => new DeclarationResponse(
            new(h.Key.LandlordSiren, h.Landlord), new(h.Key.QpvCode, h.Qpv, h.Department), h.Key.Year, h.Version, h.Status, h.Totals,
            [.. anomalies[h.Id].Select(found => found.In(language))],
            h.Current && asOf is null ? Allowed(h, anomalies[h.Id]) : [], h.Action, h.Comment,
            h.At, h.Actor, h.ValidatedVersion, h.Late, lines is null ? null : [.. lines[h.Id]]))];
    }

    /// <summary>The steps, and the justification where there is something to justify.</summary>
    private List<string> Allowed(Header header, IEnumerable<StoredAnomaly> anomalies)
    {
        var justifies = DeclarationWorkflow.Next(header.Status, DeclarationAction.Justified) is not null
            && anomalies.Any(anomaly => anomaly.Finding.Severity == Severity.Warning);
        return
        [
            .. DeclarationWorkflow.Allowed(header.Status, header.EverSubmitted).Concat(justifies ? [DeclarationAction.Justified] : [])
                .Where(action => DeclarationSteps.MayTake(caller, action, header.Key.LandlordSiren, header.Department, header.Barred))
                .Select(DeclarationWorkflow.Name),
        ];
    }

    private async Task<ILookup<long, LineResponse>> LinesAsync(List<Header> headers, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT e.declaration_id, {LineColumns}
            FROM unnest($1::bigint[], $2::int[]) k(id, version)
            JOIN expense_line e ON e.declaration_id = k.id AND e.version = k.version
            ORDER BY e.declaration_id, e.no
            """, connection);
        command.Parameters.Add(new() { Value = headers.Select(h => h.Id).ToArray() });
        command.Parameters.Add(new() { Value = headers.Select(h => h.LinesVersion).ToArray() });
        var lines = new List<(long Id, LineResponse Line)>();
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            lines.Add((row.GetInt64(0), Line(row, 1)));
        return lines.ToLookup(line => line.Id, line => line.Line);
    }

    private const string LineColumns = """
        e.ref, e.axis, e.action, e.family, e.planned, e.actual, e.valued, e.landlord_funding, e.other_funding, e.quantitative_review,
        e.qualitative_review
        """;

    private static LineResponse Line(NpgsqlDataReader row, int at) => new(
        row.GetString(at), row.GetInt16(at + 1), row.GetString(at + 2),
        Capitals.Parse<LineFamily>(row.GetString(at + 3)), Amount(row, at + 4),
        row.GetDecimal(at + 5), Amount(row, at + 6), Amount(row, at + 7), Amount(row, at + 8), Text(row, at + 9), Text(row, at + 10));

    internal static async Task<ILookup<long, StoredAnomaly>> AnomaliesAsync(
        NpgsqlConnection connection, long[] ids, CancellationToken ct, long? asOf = null)
    {
        var found = new List<(long Id, StoredAnomaly Anomaly)>();
        if (ids.Length > 0)
        {
            await using var command = new NpgsqlCommand($"""
                SELECT a.declaration_id, e.no - 1 AS line, a.code, a.field, a.value, a.expected, a.justification, c.actor, c.at
                FROM {Anomalies(asOf)} a
                JOIN {(asOf is null ? "declaration" : "declaration_at(@asOf)")} d ON d.id = a.declaration_id
                LEFT JOIN expense_line e ON e.declaration_id = d.id AND e.version = d.lines_version AND e.ref = a.ref
                LEFT JOIN change_set c ON c.id = a.justified_change_set_id
                WHERE a.declaration_id = ANY(@ids)
                ORDER BY a.declaration_id, line NULLS FIRST, a.code
                """, connection);
            command.Parameters.Add(new("ids", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = ids });
            AddAsOf(command.Parameters, asOf);
            await using var row = await command.ExecuteReaderAsync(ct);
            while (await row.ReadAsync(ct))
            {
                var finding = DeclarationFindings.Told(row.GetString(2), Text(row, 3), Text(row, 4), Text(row, 5));
                found.Add((row.GetInt64(0), new(
                    row.IsDBNull(1) ? finding : finding with { Line = row.GetInt32(1) },
                    row.IsDBNull(6) ? null : new(row.GetString(6), row.GetString(7), row.IsDBNull(8) ? null : row.GetDateTime(8)))));
            }
        }
        return found.ToLookup(item => item.Id, item => item.Anomaly);
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static decimal? Amount(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDecimal(column);
}

/// <summary>What stands against a declaration, and what its declarer said of it.</summary>
internal sealed record StoredAnomaly(Finding Finding, JustificationResponse? Justification)
{
    public AnomalyResponse In(Language language)
    {
        var error = ApiError.Of(Finding).In(language);
        return new(error.Code, error.Severity, error.Message, error.Pointer!, error.Value, error.Expected, Justification);
    }
}
