using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Declarations;

/// <summary>The declarer says why a warning is right as it is; the reviewer reads it beside the warning.</summary>
internal static class DeclarationJustify
{
    private sealed record Header(long Id, int Version, DeclarationStatus Status);

    /// <summary>
    /// Says why a warning is right as it is. A version of its own (<c>declaration.justified</c>), the state stays; it stands as long as the
    /// warning and its value do. Said again, it changes nothing.
    /// </summary>
    public static async Task<IResult> Put(
        One<string, SirenForm> siren, One<short, YearForm> year, One<string, QpvForm> qpvCode, One<string, AnomalyCodeForm> code,
        HttpContext http, GuspDb db, Caller caller, CancellationToken ct)
    {
        var key = new DeclarationKey(siren.Value, year.Value, qpvCode.Value);
        if (!DeclarationSteps.MayTake(caller, DeclarationAction.Justified, key.LandlordSiren, "", barred: false))
            return await DeclarationEndpoints.RefusedAsync(http, db, caller, key, ct);
        var (comment, unreadable) = await DeclarationBody.CommentAsync(http.Request, ct);
        if (unreadable is not null)
            return unreadable;

        await using var write = await Write.BeginAsync(http, db, ct);
        if (await LockAsync(write.Connection, key, ct) is not { } header)
            return DeclarationEndpoints.NotFound(key);
        if (Conditions.Check(http.Request, header.Version) is { } changed)
            return changed;
        var all = await DeclarationReader.AnomaliesAsync(write.Connection, [header.Id], ct);
        var standing = all[header.Id].Where(anomaly => anomaly.Finding.Code == code.Value).ToList();
        if (Refusal(key, header, code.Value, standing, comment) is { } refusal)
            return refusal;

        var version = header.Version;
        if (standing.Exists(anomaly => anomaly.Justification?.Comment != comment))
        {
            await SaveAsync(write.Connection, header.Id, code.Value, comment!, ct);
            version++;
        }
        await write.CommitAsync(ct);
        return await DeclarationEndpoints.AnswerAsync(http, db, caller, key, version, created: false, ct);
    }

    private static Problem? Refusal(DeclarationKey key, Header header, string code, List<StoredAnomaly> standing, string? comment)
    {
        if (DeclarationWorkflow.Next(header.Status, DeclarationAction.Justified) is null)
            return Problems.Conflict("DECLARATION_VALIDATED", new(
                "The declaration is validated: there is nothing left to justify. Once reopened, it can be.",
                "La déclaration est validée : il n'y a plus rien à justifier. Une fois rouverte, elle pourra l'être."));
        if (standing.Count == 0)
            return Problems.NotFound("anomaly", $"{key}/anomalies/{code}");
        if (DeclarationFindings.SeverityOf(code) == Severity.Error)
            return Problems.Conflict("ERROR_NOT_JUSTIFIABLE", new(
                "An error prevents the submission, whatever is said of it: correct the declaration. Only warnings are justified.",
                "Une erreur empêche la transmission, quoi qu'on en dise : corrigez la déclaration. "
                    + "Seuls les avertissements se justifient."));
        return comment is null
            ? Problems.RulesBroken([ApiError.Of(DeclarationFindings.Of(
                "REQUIRED", "comment", null, new("why the figure is right", "pourquoi le chiffre est juste")))])
            : null;
    }

    /// <summary>The declaration, then the anomalies of its landlord: in the order of those who write and commit.</summary>
    private static async Task<Header?> LockAsync(NpgsqlConnection connection, DeclarationKey key, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new($"""
            SELECT d.id, d.version, d.status FROM declaration d WHERE {DeclarationReader.KeyIs} AND d.status <> 'DELETED' FOR UPDATE
            """));
        batch.BatchCommands.Add(new("SELECT lock_anomalies(ARRAY[@siren])"));
        foreach (NpgsqlBatchCommand command in batch.BatchCommands)
            DeclarationReader.AddKey(command.Parameters, key);
        await using var row = await batch.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? new(row.GetInt64(0), row.GetInt32(1), Capitals.Parse<DeclarationStatus>(row.GetString(2))) : null;
    }

    /// <summary>A version of the declaration; the anomalies of the code go on with what was said of them.</summary>
    private static async Task SaveAsync(NpgsqlConnection connection, long id, string code, string comment, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            WITH justified AS (
                UPDATE declaration
                SET version = version + 1, action = 'JUSTIFIED', comment = $2 || ' : ' || $3, change_set_id = (SELECT current_change_set())
                WHERE id = $1 RETURNING change_set_id),
            closed AS (
                UPDATE anomaly a SET until_change_set_id = j.change_set_id FROM justified j
                WHERE a.declaration_id = $1 AND a.code = $2 AND a.until_change_set_id IS NULL RETURNING a.*)
            INSERT INTO anomaly (declaration_id, code, ref, field, value, expected, since_change_set_id, justification,
              justified_change_set_id)
            SELECT declaration_id, code, ref, field, value, expected, until_change_set_id, $3, until_change_set_id FROM closed
            """, connection)
        {
            Parameters = { new() { Value = id }, new() { Value = code }, new() { Value = comment } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }
}
