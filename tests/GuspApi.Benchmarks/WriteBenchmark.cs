using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using GuspApi.Development;
using GuspApi.Tests;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>
/// One question: what does a PUT of a declaration with 8 lines cost, with its version, revision, event, rules and all, against a bare
/// insert of the same rows in one durable transaction? One writer, then eight; the two take turns in one run.
/// </summary>
internal static class WriteBenchmark
{
    private const string Key = "bootstrap-key-of-the-benchmark-0123456789";
    private const int Rounds = 5;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(3);

    private static int made;

    public static async Task RunAsync(CancellationToken ct)
    {
        var folder = Path.Combine(Path.GetTempPath(), "gusp-benchmark-" + Guid.NewGuid().ToString("n"));
        try
        {
            await using var server = await PostgresServer.StartAsync(folder, ["max_wal_size=8GB", "shared_buffers=512MB"], ct);
            var connectionString = server.ConnectionString("postgres");
            await using var api = ApiProcess.Start(
                ("ConnectionStrings__Gusp", connectionString), ("Gusp__BootstrapKey", Key), ("Gusp__Demo", "false"));
            await api.ReadyAsync(ct);
            api.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
            await using var source = NpgsqlDataSource.Create(connectionString);
            await using (var schema = source.CreateCommand("""
                insert into landlord (siren, name, family, version) values ('100000009', 'Bailleur', 'ESH', 1);
                create table bare_header (id bigint generated always as identity primary key,
                  landlord_siren text not null references landlord, year smallint,
                  qpv_code text not null references qpv, status text, unique (landlord_siren, year, qpv_code));
                create table bare_line (declaration_id bigint references bare_header, ref text, no int, axis smallint,
                  action text, family text,
                  planned numeric(14,2), actual numeric(14,2), valued numeric(14,2), qualitative_review text,
                    primary key (declaration_id, ref));
                """))
                await schema.ExecuteNonQueryAsync(ct);

            foreach (var writers in new[] { 1, 8 })
            {
                var ratios = new List<double>();
                for (var round = -1; round < Rounds; round++)
                {
                    var bare = await RateAsync(writers, source, qpv => InsertAsync(source, qpv, ct), ct);
                    var put = await RateAsync(writers, source, qpv => PutAsync(api.Client, qpv, ct), ct);
                    if (round < 0)
                        continue;
                    ratios.Add(put / bare);
                    Console.WriteLine(FormattableString.Invariant(
                        $"{writers} writers: PUT {put:0}/s, bare insert {bare:0}/s, ratio {put / bare:0.00}"));
                }
                ratios.Sort();
                Console.WriteLine(FormattableString.Invariant(
                    $"{writers} writers: median ratio {ratios[Rounds / 2]:0.00} ({ratios[0]:0.00}-{ratios[^1]:0.00})"));
            }
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> RateAsync(int writers, NpgsqlDataSource source, Func<string, Task> write, CancellationToken ct)
    {
        // Neighbourhoods are made before the clock starts: a write finds its own.
        var first = made;
        made += 40_000;
        await using (var qpvs = source.CreateCommand($"""
            insert into qpv (code, name, generation, department_code, version)
            select 'QP' || to_char(i / 1000, 'FM000') || to_char(i % 1000, 'FM000'), 'Quartier', 2015, '59', 1
              from generate_series({first % 900_000}, {first % 900_000 + 39_999}) i
            on conflict do nothing
            """))
            await qpvs.ExecuteNonQueryAsync(ct);

        var next = first - 1;
        var done = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(async _ =>
        {
            while (clock.Elapsed < Span)
            {
                var number = Interlocked.Increment(ref next) % 900_000;
                await write("QP" + (number / 1000).ToString("000", CultureInfo.InvariantCulture) + (number % 1000)
                    .ToString("000", CultureInfo.InvariantCulture));
                Interlocked.Increment(ref done);
            }
        }));
        return done / clock.Elapsed.TotalSeconds;
    }

    private static readonly object Body = new
    {
        lines = Enumerable.Range(1, 8).Select(axis => new
        {
            @ref = "L" + axis,
            axis,
            action = "Action " + axis,
            family = "SPECIFIC",
            planned = 1000 * axis,
            actual = 1100.50m * axis,
            valued = 900 * axis,
            qualitativeReview = "Passages quotidiens.",
        }).ToArray(),
    };

    private static async Task PutAsync(HttpClient client, string qpv, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/declarations/100000009/2023/{qpv}")
        {
            Content = JsonContent.Create(Body, options: System.Text.Json.JsonSerializerOptions.Web),
        };
        request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        using var answer = await client.SendAsync(request, ct);
        if ((int)answer.StatusCode != 201)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(ct));
    }

    private static async Task InsertAsync(NpgsqlDataSource source, string qpv, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            with header as (insert into bare_header (landlord_siren, year, qpv_code, status)
              values ('100000009', 2023, $1, 'DRAFT') returning id)
            insert into bare_line
            select id, 'L' || axis, axis, axis, 'Action ' || axis, 'SPECIFIC', 1000 * axis, 1100.50 * axis, 900 * axis,
              'Passages quotidiens.'
            from header, generate_series(1, 8) axis
            """);
        command.Parameters.Add(new() { Value = qpv });
        if (await command.ExecuteNonQueryAsync(ct) != 8)
            throw new InvalidOperationException("The work was not done.");
    }
}
