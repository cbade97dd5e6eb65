using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// What a dry run foresaw: kept change by change for people to read, and in short, so that its application can tell whether it would
/// still do the same.
/// </summary>
internal static class ImportPlan
{
    private const string Short = """
        select md5(coalesce(string_agg(concat_ws(' ', object_key, outcome, coalesce(version::text, before::text)), e'\n'
          order by object_key collate "C"), ''))
        """;

    /// <summary>Every object that would be written, by what, and from which version: two runs that agree in this do the same.</summary>
    public static async Task<string> ShortAsync(NpgsqlConnection connection, ImportTarget target, CancellationToken ct) =>
        (await ImportSql.ScalarAsync<string>(connection, $"{Short} from ({target.ChangesSql}) changes", ct))!;

    public static async Task KeepAsync(NpgsqlConnection connection, Guid import, ImportTarget target, CancellationToken ct)
    {
        await ImportSql.RunAsync(connection, $"""
            insert into import_change (import_id, no, object_key, outcome, version, before, after)
            select $1, row_number() over (order by object_key collate "C"), object_key, outcome, version, before, after
            from ({target.ChangesSql}) changes
            """, ct, import);
        await ImportSql.RunAsync(connection,
            $"update import set plan = ({Short} from import_change where import_id = $1) where id = $1", ct, import);
    }

    /// <summary>
    /// Whether an object that the plan would write has another version by now. A quick look: the run itself compares everything.
    /// </summary>
    public static async Task<bool> IsStaleAsync(NpgsqlConnection connection, Guid import, string dataset, CancellationToken ct) =>
        await ImportSql.ScalarAsync<bool>(connection, """
            select exists (select from import_change where import_id = $1 and version <> last_version($2, object_key))
            """, ct, import, dataset.TrimEnd('s'));

    /// <summary>The changes line by line: the key, what becomes of it, then each column before and after.</summary>
    public static async IAsyncEnumerable<IEnumerable<object?>> RowsAsync(
        NpgsqlConnection connection, Guid import, string dataset, [EnumeratorCancellation] CancellationToken ct)
    {
        var isDeclarations = dataset == "declarations";
        string[] fields = isDeclarations
            ? [.. ImportDataset.Declarations.Columns.Skip(4).Select(column => column.Field)]
            : [.. (await FieldsAsync(connection, import, ct)).Order(StringComparer.Ordinal)];
        yield return new[] { "key", "outcome", "ref", "change", "status_before", "status_after" }
            .Where(name => isDeclarations || name is "key" or "outcome")
            .Concat(fields.SelectMany(field => new[] { $"{field}_before", $"{field}_after" }));

        await using var command = new NpgsqlCommand(
            "select object_key, outcome, before, after from import_change where import_id = $1 order by no", connection)
        {
            Parameters = { new() { Value = import } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var before = reader.IsDBNull(2) ? default : reader.GetFieldValue<JsonElement>(2);
            var after = reader.GetFieldValue<JsonElement>(3);
            object?[] head = [reader.GetString(0), reader.GetString(1)];
            if (!isDeclarations)
            {
                yield return head.Concat(Pairs(fields, before, after));
                continue;
            }
            object?[] states = [Value(before, "status"), Value(after, "status")];
            var lines = ImportLineChange.Between(before, after);
            // A declaration that is only submitted changes no line.
            if (lines.Count == 0)
                yield return [.. head, null, null, .. states];
            foreach (var line in lines)
                yield return [.. head, line.Ref, line.Change, .. states, .. Pairs(fields, line.Before ?? default, line.After ?? default)];
        }
    }

    private static async Task<List<string>> FieldsAsync(NpgsqlConnection connection, Guid import, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select distinct jsonb_object_keys(after) from (select after from import_change where import_id = $1 "
                + "order by no limit 1) first", connection)
        {
            Parameters = { new() { Value = import } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var fields = new List<string>();
        while (await reader.ReadAsync(ct))
            fields.Add(reader.GetString(0));
        return fields;
    }

    private static IEnumerable<object?> Pairs(string[] fields, JsonElement before, JsonElement after) =>
        fields.SelectMany(field => new[] { Value(before, field), Value(after, field) });

    private static object? Value(JsonElement side, string field) =>
        side.ValueKind != JsonValueKind.Object || !side.TryGetProperty(field, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Number => value.GetDecimal(),
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
}
