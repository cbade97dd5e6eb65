using System.Diagnostics;
using GuspApi.Development;
using GuspApi.Tests;
using Npgsql;

namespace GuspApi.Benchmarks;

internal static class Table
{
    private const string Key = "bootstrap-key-of-the-benchmark-0123456789";

    public static async Task RunAsync(string[] args, CancellationToken ct)
    {
        var scale = Scale.Of(args.FirstOrDefault(arg => !arg.StartsWith('-')) ?? "M");
        var folder = Path.Combine(Path.GetTempPath(), "gusp-benchmark-" + Guid.NewGuid().ToString("n"));
        try
        {
            await using var server = await PostgresServer.StartAsync(folder, ["max_wal_size=8GB", "shared_buffers=2GB", "jit=off"], ct);
            await using var api = ApiProcess.Start(("ConnectionStrings__Gusp", server.ConnectionString("postgres")), ("Gusp__BootstrapKey", Key), ("Gusp__Demo", "false"));
            await api.ReadyAsync(ct);
            await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
            var start = Stopwatch.GetTimestamp();
            await Generator.RunAsync(source, scale, ct);
            Console.WriteLine($"{scale.Name}: made in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
            await using var connection = await source.OpenConnectionAsync(ct);
            foreach (var table in new[] { "landlord", "qpv", "commune", "epci", "holding", "declaration", "declaration_version", "expense_line", "change", "anomaly", "change_set" })
            {
                await using var count = new NpgsqlCommand($"select count(*) from {table}", connection);
                Console.WriteLine($"{table}: {await count.ExecuteScalarAsync(ct)}");
            }
            foreach (var table in new[] { "select code, count(*) from anomaly group by 1", "select status, count(*) from declaration group by 1", "select count(distinct department_code), min(n)||'-'||max(n) from (select department_code, count(*) n from qpv group by 1) x join qpv using (department_code) " })
            {
                await using var count = new NpgsqlCommand(table, connection);
                await using var r = await count.ExecuteReaderAsync(ct);
                while (await r.ReadAsync(ct)) Console.WriteLine($"{r[0]}: {r[1]}");
            }
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }
}
