using GuspApi.Auth;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Changes;

/// <summary>Reads the feed by its one order: the revision of the write, then the order of writing within it.</summary>
internal sealed class ChangeReader(NpgsqlConnection connection, Caller caller)
{
    /// <summary>
    /// Revisions that a page looks through: whoever is told of few among many moves on by empty pages instead of running late.
    /// </summary>
    internal const int Window = 20_000;

    /// <summary>
    /// The events behind a place, and the place where the page ends. Revisions have no gap, so those of a window are known before it is
    /// read; each change set gives what a page may need of it, from the index that has its order.
    /// </summary>
    public async Task<(List<ChangeResponse> Events, ChangePlace End)> AfterAsync(
        ChangePlace after, ChangeFilter filter, int limit, long revision, CancellationToken ct)
    {
        var last = Math.Min(after.Revision + Window, revision);
        await using var command = new NpgsqlCommand { Connection = connection };
        var parameters = command.Parameters;
        parameters.VisibleTo(caller);
        parameters.Add(new("revision", NpgsqlDbType.Bigint) { Value = after.Revision });
        parameters.Add(new("id", NpgsqlDbType.Bigint) { Value = after.Id });
        parameters.Add(new("last", NpgsqlDbType.Bigint) { Value = last });
        parameters.Add(new("limit", NpgsqlDbType.Integer) { Value = limit + 1 });
        command.CommandText = $"""
            SELECT s.revision, c.id, s.at, c.event, c.object_type, c.object_key, c.version
            FROM (SELECT id, revision, at FROM change_set WHERE revision BETWEEN @revision AND @last ORDER BY revision) s
            CROSS JOIN LATERAL (
                SELECT * FROM {Visibility.Changes} c
                WHERE c.change_set_id = s.id AND c.id > CASE s.revision WHEN @revision THEN @id ELSE 0 END{Conditions(filter, parameters)}
                ORDER BY c.id LIMIT @limit) c
            ORDER BY s.revision, c.id LIMIT @limit
            """;

        var events = new List<ChangeResponse>();
        var end = ChangePlace.EndOf(last);
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (events.Count == limit)
                return (events, end);
            end = new(row.GetInt64(0), row.GetInt64(1));
            var (type, key) = (row.GetString(4), row.GetString(5));
            events.Add(new(end.ToString(), row.GetString(3), row.GetDateTime(2), end.Revision,
                new(type, key, $"/v1/{type}s/{key}", row.GetInt32(6), null)));
        }
        return (events, ChangePlace.EndOf(last));
    }

    private static string Conditions(ChangeFilter filter, NpgsqlParameterCollection parameters)
    {
        return And("c.object_type = ANY(@types) OR c.event = ANY(@types)", "types", filter.Types?.Values)
            + And("c.landlord_siren = ANY(@landlords)", "landlords", filter.Landlord?.Values)
            + And("c.department_code = ANY(@departments)", "departments", filter.Department?.Values);

        string And(string condition, string name, IReadOnlyList<string>? values)
        {
            if (values is null)
                return "";
            parameters.Add(new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values.ToArray() });
            return $" AND ({condition})";
        }
    }
}
