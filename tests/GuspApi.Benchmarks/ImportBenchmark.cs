using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Development;
using GuspApi.Model;
using GuspApi.Tests;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>
/// One question: how many times longer than a bare COPY does an import over HTTP take, from the first byte sent to DONE? The floor is COPY
/// FROM STDIN (what psql's \copy sends) of the same lines as CSV, ids resolved, into an empty copy of expense_line with its primary and
/// foreign keys.
/// </summary>
internal static class ImportBenchmark
{
    private const string Key = "bootstrap-key-of-the-benchmark-0123456789";
    internal const int LinesPerDeclaration = 10;
    private const int Rounds = 5;

    public static async Task RunAsync(int lines, CancellationToken ct)
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
            await MeasureAsync(api, source, lines, ct);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(ApiProcess api, NpgsqlDataSource source, int lines, CancellationToken ct)
    {
        var sirens = Enumerable.Range(0, 50).Select(i => Siren.Complete((20_000_000 + i).ToString(CultureInfo.InvariantCulture))).ToArray();
        await ExecuteAsync(source, $"""
            insert into landlord (siren, name, family, version) select s, s, 'ESH', 1 from unnest(array['{string.Join("','", sirens)}']) s;
            insert into qpv (code, name, generation, department_code, version)
            select 'QP059' || to_char(i, 'FM000'), 'Quartier', 2015, '59', 1 from generate_series(0, 999) i
            """, ct);

        var ratios = new List<double>();
        for (var round = -2; round < Rounds; round++)
        {
            await ExecuteAsync(source, "truncate expense_line, declaration_version, declaration, change, import cascade", ct);
            var file = File(Enumerable.Range(0, lines / LinesPerDeclaration)
                .Select(i => (sirens[i % 50], 2015 + i / 50_000, $"QP059{i / 50 % 1000:000}")));
            var import = await ImportAsync(api, file, lines, ct);
            var again = await UnchangedAsync(api, file, lines, ct);
            var floor = await FloorAsync(source, lines, ct);
            if (round < 0)
                continue; // the first two warm the API up: its code is compiled anew while it runs
            ratios.Add(import / floor);
            Console.WriteLine(FormattableString.Invariant(
                $"{lines} lines: import {import:0.000} s, unchanged {again:0.000} s, floor {floor:0.000} s, ratio {import / floor:0.00}"));
        }
        ratios.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"median ratio {ratios[ratios.Count / 2]:0.00} ({ratios[0]:0.00}-{ratios[^1]:0.00}), at most 2.50"));
        Console.WriteLine($"most memory of the API: {api.MostMemory() / 1_000_000} MB");
    }

    internal static async Task<double> ImportAsync(ApiProcess api, byte[] file, int lines, CancellationToken ct)
    {
        var (seconds, outcome) = await PostAsync(api, file, ct);
        if (outcome != $"DONE {lines / LinesPerDeclaration}/0/0/0")
            throw new InvalidOperationException($"The work was not done: {outcome}");
        return seconds;
    }

    private static async Task<double> UnchangedAsync(ApiProcess api, byte[] file, int lines, CancellationToken ct)
    {
        var (seconds, outcome) = await PostAsync(api, file, ct);
        if (outcome != $"DONE 0/0/{lines / LinesPerDeclaration}/0")
            throw new InvalidOperationException($"The work was not done: {outcome}");
        return seconds;
    }

    private static async Task<(double Seconds, string Outcome)> PostAsync(ApiProcess api, byte[] file, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?dataset=declarations")
        {
            Content = new ByteArrayContent(file),
        };
        request.Content.Headers.ContentType = new("text/csv");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.Add("Prefer", "wait=30");
        var start = Stopwatch.GetTimestamp();
        using var answer = await api.Client.SendAsync(request, ct);
        var import = JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct))!;
        while ((string?)import["state"] is "RECEIVED" or "VALIDATING" or "APPLYING")
        {
            await Task.Delay(20, ct);
            import = JsonNode.Parse(await api.Client.GetStringAsync($"/v1/imports/{import["id"]}", ct))!;
        }
        var o = import["outcome"];
        return (Stopwatch.GetElapsedTime(start).TotalSeconds,
            o is null ? import.ToJsonString() : $"{import["state"]} {o["created"]}/{o["updated"]}/{o["unchanged"]}/{o["rejected"]}");
    }

    /// <summary>COPY of these rows of expense_line, a query, into an empty copy of it.</summary>
    internal static async Task<double> FloorAsync(
        NpgsqlDataSource source, int lines, CancellationToken ct, string rows = "select * from expense_line")
    {
        await ExecuteAsync(source, """
            drop table if exists floor;
            create table floor (like expense_line including defaults including constraints);
            alter table floor add primary key (declaration_id, version, ref), add foreign key (declaration_id) references declaration (id)
            """, ct);
        await using var connection = await source.OpenConnectionAsync(ct);
        string text;
        using (var lineReader = await connection.BeginTextExportAsync($"copy ({rows}) to stdout (format csv)", ct))
            text = await lineReader.ReadToEndAsync(ct);

        var start = Stopwatch.GetTimestamp();
        await using (var copy = await connection.BeginTextImportAsync("copy floor from stdin (format csv)", ct))
            await copy.WriteAsync(text.AsMemory(), ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        await using var count = new NpgsqlCommand("select count(*) from floor", connection);
        if ((long)(await count.ExecuteScalarAsync(ct))! != lines)
            throw new InvalidOperationException("The floor was not laid.");
        return seconds;
    }

    /// <summary>The declarations of these keys, ten lines each.</summary>
    internal static byte[] File(IEnumerable<(string Siren, int Year, string Qpv)> keys)
    {
        var text = new StringBuilder(
            "landlord_siren;year;qpv_code;ref;axis;action;family;planned;actual;valued;landlord_funding;other_funding;quantitative_review;qualitative_review\r\n");
        var i = 0;
        foreach (var (siren, year, qpv) in keys)
        {
            for (var last = i + LinesPerDeclaration; i < last; i++)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"{siren};{year};{qpv};L{i % LinesPerDeclaration};{i % 8 + 1};Renforcement du gardiennage, résidence {i % 977};");
                text.Append(CultureInfo.InvariantCulture,
                    $"REINFORCEMENT;{1000 + i % 500},00;{900 + i % 500},50;{900 + i % 500},50;{900 + i % 500},50;0,00;{i % 40} "
                        + $"passages;Bilan satisfaisant, à poursuivre\r\n");
            }
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }
}
