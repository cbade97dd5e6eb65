using System.Diagnostics;
using System.Net.Http.Json;

namespace GuspApi.Benchmarks;

/// <summary>What a user could have instead, on the same data: a service written by hand with Fastify and pg (peers/server.mjs), one process.</summary>
internal sealed class Peers : IAsyncDisposable
{
    public const string Name = "Fastify + pg";

    private readonly Process process;

    private Peers(Process process, Uri address) => (this.process, Load) = (process, new(address, null));

    public HttpLoad Load { get; }

    /// <summary>In a copy of its folder, which goes with the data.</summary>
    public static async Task<Peers> StartAsync(string folder, string connectionString, CancellationToken ct)
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder, "peers")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "peers")))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        using (var install = Start("npm", ["ci", "--no-audit", "--no-fund"], copy))
        {
            var output = await Task.WhenAll(install.StandardOutput.ReadToEndAsync(ct), install.StandardError.ReadToEndAsync(ct));
            await install.WaitForExitAsync(ct);
            if (install.ExitCode != 0)
                throw new InvalidOperationException($"npm ci failed: {string.Join('\n', output)}");
        }
        var server = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        var process = Start("node", ["server.mjs"], copy,
            ("DATABASE_URL", $"postgres://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{server.Database}"), ("NODE_ENV", "production"));
        var address = await process.StandardOutput.ReadLineAsync(ct);
        return address is not null ? new(process, new(address)) : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(ct));
    }

    /// <summary>Gives it the statement that answers its indicators.</summary>
    public async Task AnswerAsync(Statement statement, CancellationToken ct)
    {
        using var client = new HttpClient();
        using var answer = await client.PostAsJsonAsync(new Uri(Load.Address, "/indicators"), new { sql = statement.Sql, values = statement.Values }, ct);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static Process Start(string program, string[] arguments, string folder, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
