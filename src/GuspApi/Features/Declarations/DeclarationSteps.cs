using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Declarations;

/// <summary>
/// Takes a step for one declaration or for many, in one transaction: those that can take it do, the others stay as they are and say why.
/// </summary>
internal static class DeclarationSteps
{
    /// <summary>Declarations that one request may step: they are locked together, and answered for one by one.</summary>
    public const int Most = 10_000;

    /// <summary>
    /// Landlords save, submit and delete, unless the campaign bars them, and justify; reviewers validate, ask for changes and reopen. Four
    /// eyes: never both for one SIREN.
    /// </summary>
    public static bool MayTake(Caller caller, DeclarationAction action, string siren, string department, bool barred) =>
        action == DeclarationAction.Justified ? caller.Declares(siren)
        : IsLandlords(action) ? caller.Declares(siren) && !barred
        : caller.Reviews(siren, department);

    private static bool IsLandlords(DeclarationAction action) =>
        action is DeclarationAction.Saved or DeclarationAction.Submitted or DeclarationAction.Deleted;

    /// <summary>The refusal of a campaign: its days, today's, and what to do.</summary>
    public static Problem Barred(string code, Text message, string? day, Text? days) => Problems.Conflict(code, new(
        $"{message.En} It is open {days?.En}; today is {day} in Paris.",
        $"{message.Fr} Elle est ouverte {days?.Fr} ; nous sommes le {day} à Paris."));

    internal sealed record Taken(DeclarationKey Key, int Version, DeclarationStatus Status, Problem? Refusal);

    private sealed record Row(long Id, DeclarationKey Key, string Department, int Version, DeclarationStatus Status,
        bool EverSubmitted, bool IsCurrent,
        Finding? Bar);

    /// <summary>
    /// Takes the step for the declarations that <c>select</c> narrows to (see <see cref="DeclarationFilter.Conditions"/>), where
    /// <c>condition</c>, such as If-Match's, refuses nothing. Campaigns bind whoever steps on <c>day</c>; nobody on null. More than
    /// <see cref="Most"/> are not to be committed.
    /// </summary>
    public static async Task<List<Taken>> TakeAsync(
        NpgsqlConnection connection, Caller caller, DeclarationAction action, string? comment,
        Func<NpgsqlParameterCollection, string> select, Func<int, Problem?>? condition, DateOnly? day, CancellationToken ct)
    {
        var rows = await LockAsync(connection, caller, action, select, day, ct);
        var refusals = rows.ToDictionary(row => row.Id, row => Refusal(row, caller, action, comment, condition));
        if (action == DeclarationAction.Submitted)
        {
            foreach (var (id, problem) in await CheckAsync(
                connection, [.. rows.Where(row => refusals[row.Id] is null).Select(row => row.Id)], ct))
                refusals[id] = problem;
        }

        await UpdateAsync(connection, action, comment, [.. rows.Where(row => refusals[row.Id] is null).Select(row => row.Id)], ct);
        return [.. rows.Select(row => refusals[row.Id] is { } refusal
            ? new Taken(row.Key, row.Version, row.Status, refusal)
            : new Taken(row.Key, row.Version + 1, DeclarationWorkflow.Next(row.Status, action)!.Value, null))];
    }

    private static Problem? Refusal(Row row, Caller caller, DeclarationAction action, string? comment, Func<int, Problem?>? condition)
    {
        if (!row.IsCurrent || !MayTake(caller, action, row.Key.LandlordSiren, row.Department, barred: false))
            return Problems.Forbidden();
        if (condition?.Invoke(row.Version) is { } failed)
            return failed;
        var allowed = DeclarationWorkflow.Allowed(row.Status, row.EverSubmitted).ToList();
        if (!allowed.Contains(action))
            return Forbidden(row.Status, action,
                [.. allowed.Where(step => MayTake(caller, step, row.Key.LandlordSiren, row.Department, row.Bar is not null))]);
        if (row.Bar is { } bar && IsLandlords(action))
            return Barred(bar.Code, bar.Message, bar.Value, bar.Expected);
        if (action == DeclarationAction.Reopened && comment is null)
        {
            return Problems.RulesBroken([ApiError.Of(DeclarationFindings.Of(
                "REQUIRED", "comment", null, new("why the declaration is reopened", "pourquoi la déclaration est rouverte")))]);
        }
        return null;
    }

    private static Problem Forbidden(DeclarationStatus status, DeclarationAction action, List<DeclarationAction> allowed)
    {
        var names = allowed.Select(DeclarationWorkflow.Name).ToList();
        var (state, step, steps) = (DeclarationWorkflow.Name(status), DeclarationWorkflow.Name(action), string.Join(", ", names));
        return Problems.Conflict("FORBIDDEN_TRANSITION", new(
            $"A declaration that is {state} cannot take the step {step}. Allowed now: {(steps == "" ? "none" : steps)}.",
            $"Une déclaration {state} ne peut passer par l'étape {step}. Permis maintenant : {(steps == "" ? "rien" : steps)}."))
            with
        { Extensions = new Dictionary<string, object?> { ["allowedActions"] = names } };
    }

    /// <summary>
    /// Locks what the caller may step and nothing else, in key order, holdings after declarations, as batches do; then reads all that it
    /// sees, and what the locks waited for.
    /// </summary>
    private static async Task<List<Row>> LockAsync(
        NpgsqlConnection connection, Caller caller, DeclarationAction action, Func<NpgsqlParameterCollection, string> select,
        DateOnly? day, CancellationToken ct)
    {
        var (seen, own) = (new List<long>(), new List<long>());
        await using (var find = new NpgsqlCommand { Connection = connection })
        {
            find.Parameters.VisibleTo(caller);
            find.CommandText = $"""
                SELECT d.id, d.landlord_siren, d.department_code, d.is_current FROM {DeclarationReader.Seen}
                  WHERE true{select(find.Parameters)}
                LIMIT {Most + 1}
                """;
            await using var row = await find.ExecuteReaderAsync(ct);
            while (await row.ReadAsync(ct))
            {
                seen.Add(row.GetInt64(0));
                if (row.GetBoolean(3) && MayTake(caller, action, row.GetString(1), row.GetString(2), barred: false))
                    own.Add(seen[^1]);
            }
        }

        await using var batch = connection.CreateBatch();
        void Add(string sql)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new("seen", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = seen.ToArray() });
            command.Parameters.Add(new("own", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = own.ToArray() });
            command.Parameters.VisibleTo(caller);
            command.Parameters.Add(DeclarationBatch.Day(day));
            batch.BatchCommands.Add(command);
        }
        Add("SELECT FROM declaration WHERE id = ANY(@own) ORDER BY landlord_siren, year, qpv_code FOR UPDATE");
        if (action is DeclarationAction.Submitted or DeclarationAction.Validated)
            Add("""
                SELECT FROM holding h JOIN declaration d USING (landlord_siren, year, qpv_code) WHERE d.id = ANY(@own)
                ORDER BY h.landlord_siren, h.year, h.qpv_code FOR SHARE OF h
                """);
        Add($"""
            SELECT d.landlord_siren, d.year, d.qpv_code, d.id, d.department_code, d.version, d.status, d.ever_submitted, d.is_current,
                   bar.code, bar.value, bar.expected
            FROM {Visibility.Declarations} d LEFT JOIN LATERAL campaign_bar(d.year, d.status, @day) bar ON true
            WHERE d.id = ANY(@seen)
            ORDER BY d.landlord_siren, d.year, d.qpv_code
            """);
        await using var found = await batch.ExecuteReaderAsync(ct);
        while (found.FieldCount != 12)
            await found.NextResultAsync(ct);
        var rows = new List<Row>();
        while (await found.ReadAsync(ct))
        {
            rows.Add(new(
                found.GetInt64(3), DeclarationKey.Read(found), found.GetString(4), found.GetInt32(5),
                Capitals.Parse<DeclarationStatus>(found.GetString(6)), found.GetBoolean(7), found.GetBoolean(8),
                found.IsDBNull(9) ? null : DeclarationFindings.Told(found.GetString(9), "year", found.GetString(10), found.GetString(11))));
        }
        return rows;
    }

    /// <summary>What stands against the submission. All it rests on is locked.</summary>
    private static async Task<Dictionary<long, Problem>> CheckAsync(NpgsqlConnection connection, long[] ids, CancellationToken ct)
    {
        var anomalies = await DeclarationReader.AnomaliesAsync(connection, ids, ct);
        return anomalies
            .SelectMany(of => of, (of, anomaly) => (Id: of.Key, anomaly.Finding))
            .Where(found => found.Finding.Severity == Severity.Error)
            .GroupBy(found => found.Id, found => ApiError.Of(found.Finding))
            .ToDictionary(of => of.Key, of => Problems.RulesBroken([.. of]));
    }

    private static async Task UpdateAsync(
        NpgsqlConnection connection, DeclarationAction action, string? comment, long[] ids, CancellationToken ct)
    {
        if (ids.Length == 0)
            return;
        // The state a step leads to is the same from every state it is allowed from.
        var status = action switch
        {
            DeclarationAction.Submitted => "SUBMITTED",
            DeclarationAction.Validated => "VALIDATED",
            DeclarationAction.Deleted => "DELETED",
            _ => "CHANGES_REQUESTED",
        };
        await using var command = new NpgsqlCommand("""
            UPDATE declaration
            SET status = $1, action = $2, comment = $3, version = version + 1, ever_submitted = ever_submitted OR $1 = 'SUBMITTED',
                validated_version = CASE WHEN $1 = 'VALIDATED' THEN version + 1 ELSE validated_version END,
                validated_lines_version = CASE WHEN $1 = 'VALIDATED' THEN lines_version ELSE validated_lines_version END,
                change_set_id = (SELECT current_change_set())
            WHERE id = ANY($4)
            """, connection);
        command.Parameters.Add(new() { Value = status });
        command.Parameters.Add(new() { Value = Capitals.Of(action) });
        command.Parameters.Add(new() { Value = (object?)comment ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = ids });
        await command.ExecuteNonQueryAsync(ct);
    }
}
