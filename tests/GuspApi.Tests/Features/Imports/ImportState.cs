using Npgsql;

namespace GuspApi.Tests.Features.Imports;

/// <summary>
/// What is in a database after imports, told so that two databases can be compared: no identifier, no instant, no revision.
/// </summary>
internal sealed class ImportState(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);

    /// <summary>State of the import of a sample; NONE when it was not kept.</summary>
    public async Task<string> StateAsync(ImportSample sample, CancellationToken ct)
    {
        await using var command = _source.CreateCommand("select coalesce((select state from import where idempotency_key = $1), 'NONE')");
        command.Parameters.Add(new() { Value = sample.Key });
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>How often that import of the samples began which began most often.</summary>
    public Task<int> MostAttemptsAsync(IReadOnlyCollection<ImportSample> samples, CancellationToken ct) =>
        ScalarAsync<int>("select coalesce(max(attempts), 0) from import where idempotency_key = any($1)", samples, ct);

    public Task<bool> AnyAtWorkAsync(IReadOnlyCollection<ImportSample> samples, CancellationToken ct) =>
        ScalarAsync<bool>("select count(*) > 0 from import where idempotency_key = any($1) and ended_at is null", samples, ct);

    /// <summary>Waits until the imports of the samples have ended.</summary>
    public async Task EndAsync(IReadOnlyCollection<ImportSample> samples, TimeSpan atMost, CancellationToken ct)
    {
        await WaitAsync(
            """
            select count(*) = cardinality($1) from import where idempotency_key = any($1) and ended_at is not null
            """, samples, atMost, ct);
    }

    /// <summary>Waits until one of the imports of the samples is in this state.</summary>
    public Task ReachAsync(IReadOnlyCollection<ImportSample> samples, string state, TimeSpan atMost, CancellationToken ct) =>
        WaitAsync($"select count(*) > 0 from import where idempotency_key = any($1) and state = '{state}'", samples, atMost, ct);

    /// <summary>
    /// By landlord: declarations, lines, versions and changes in short, then the record of the import with its errors, whose order is not
    /// promised.
    /// </summary>
    public async Task<Dictionary<string, string>> ReadAsync(IReadOnlyCollection<ImportSample> samples, CancellationToken ct)
    {
        await using var command = _source.CreateCommand("""
            select siren, concat_ws(E'\n',
                (select 'declarations ' || count(*) || ' ' || md5(string_agg(concat_ws('|', year, qpv_code, status, action, version,
                  lines_version, ever_submitted), ',' order by year, qpv_code))
                 from declaration where landlord_siren = siren),
                (select 'lines ' || count(*) || ' ' || md5(string_agg(concat_ws('|', year, qpv_code, l.version, ref, no, axis, l.action,
                  family, actual), ',' order by year, qpv_code, l.version, no))
                 from declaration d join expense_line l on l.declaration_id = d.id where landlord_siren = siren),
                (select 'versions ' || count(*) || ' ' || md5(string_agg(concat_ws('|', year, qpv_code, v.version, v.status, v.action,
                  v.lines_version), ',' order by year, qpv_code, v.version))
                 from declaration d join declaration_version v on v.declaration_id = d.id where landlord_siren = siren),
                (select 'changes ' || count(*) || ' in ' || count(distinct change_set_id) || ' ' || md5(string_agg(concat_ws('|', object_key, version, event), ',' order by object_key, version))
                 from change where object_type = 'declaration' and object_key like siren || '/%'),
                (select string_agg(concat_ws(' ', 'import', state, created, updated, unchanged, rejected, errors, warnings, rows_read,
                  rows_total, percent, bytes,
                            change_set_id is not null, (select sum(length(c.bytes)) from import_chunk c where import_id = i.id),
                            (select concat_ws(' ', max(no), count(*), md5(string_agg(error, ',' order by error)))
                             from (select no, concat_ws('|', record, line, column_name, object_key, code, value) as error from import_error
                               where import_id = i.id) e)), E'\n')
                 from import i where idempotency_key = key))
            from unnest($1, $2) as sample (siren, key)
            """);
        command.Parameters.Add(new() { Value = samples.Select(sample => sample.Siren).ToArray() });
        command.Parameters.Add(new() { Value = samples.Select(sample => sample.Key).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var states = new Dictionary<string, string>();
        while (await reader.ReadAsync(ct))
            states.Add(reader.GetString(0), reader.GetString(1));
        return states;
    }

    /// <summary>
    /// Revisions count without a gap, each set with its changes; no chunk or error is without its import, no import beside the samples'.
    /// </summary>
    public Task<string> OrderAsync(IReadOnlyCollection<ImportSample> samples, CancellationToken ct) =>
        ScalarAsync<string>("""
            select concat_ws(', ',
                case when (select count(revision) <> count(*) or max(revision) - min(revision) + 1 <> count(*) from change_set)
                  then 'gaps between revisions' end,
                case when exists (select from change_set s where not exists (select from change where change_set_id = s.id))
                  then 'an empty change set' end,
                case when exists (select from import_chunk where import_id not in (select id from import)) then 'chunks of nothing' end,
                case when (select count(*) from import) <> cardinality($1) then 'other imports' end)
            """, samples, ct);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task WaitAsync(string sql, IReadOnlyCollection<ImportSample> samples, TimeSpan atMost, CancellationToken ct)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ScalarAsync<bool>(sql, samples, ct))
                return;
            if (TimeProvider.System.GetElapsedTime(start) > atMost)
                Assert.Fail(
                    $"Not reached within {atMost}: "
                        + $"{string.Join(' ', await Task.WhenAll(samples.Select(async sample => $"{sample.Key} {await StateAsync(sample, ct)}")))}");
            await Task.Delay(5, ct);
        }
    }

    private async Task<T> ScalarAsync<T>(string sql, IReadOnlyCollection<ImportSample> samples, CancellationToken ct)
    {
        await using var command = _source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = samples.Select(sample => sample.Key).ToArray() });
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }
}
