using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GuspApi.Development;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>A statement as the server saw it: its text with $1, $2…, and their values as text (null for NULL).</summary>
internal sealed record Statement(string Sql, IReadOnlyList<string?> Values);

/// <summary>
/// The limit: pgbench -M prepared of the very statements that the API sends, which are read in the server's log, so that they are the same
/// whatever becomes of the API. Each value is a parameter there too.
/// </summary>
internal sealed partial class PgBench(string connectionString, string folder, PostgresBinaries binaries)
{
    private readonly NpgsqlConnectionStringBuilder server = new(connectionString);
    private readonly string log = Path.Combine(folder, "run", "postgres.log");

    /// <summary>What a request made the API send, on the connection that was given <paramref name="mark"/> as a value.</summary>
    public async Task<List<Statement>> CaptureAsync(Func<Task> request, string mark, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await LogAsync("all");
        var from = new FileInfo(log).Length;
        await request();
        await LogAsync("none");
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = from;
        using var text = new StreamReader(file);
        var entries = Entry().Matches(await text.ReadToEndAsync(ct))
            .Select(m => (Pid: m.Groups[1].Value, Statement: new Statement(m.Groups[2].Value.Replace("\n\t", "\n").Trim(), Values(m.Groups[3].Value)))).ToList();
        var pid = entries.First(e => e.Statement.Values.Any(value => value == mark)).Pid;
        return [.. entries.Where(e => e.Pid == pid && !e.Statement.Sql.StartsWith("DISCARD")).Select(e => e.Statement)];

        async Task LogAsync(string what)
        {
            foreach (var sql in new[] { $"alter system set log_statement = '{what}'", "select pg_reload_conf()", "select pg_sleep(0.3)" })
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(ct);
            }
        }
    }

    /// <summary>Of a read, the statements that read the resource: not the transaction around them, its revision and its time limit.</summary>
    public static IEnumerable<Statement> Reads(IEnumerable<Statement> statements) =>
        statements.Where(s => !Around().IsMatch(s.Sql));

    /// <summary>
    /// A script of the statements. Values become variables, which -M prepared sends as parameters, named after <paramref name="script"/>; those
    /// in <paramref name="changing"/> get the name of a variable that <paramref name="before"/> sets anew each time.
    /// </summary>
    public async Task<Script> ScriptAsync(
        int script, IEnumerable<Statement> statements, CancellationToken ct, string before = "", IReadOnlyDictionary<string, string>? changing = null)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Max Auto Prepare=0");
        await connection.OpenAsync(ct);
        var text = new StringBuilder(before).Append('\n');
        var variables = new List<string>();
        foreach (var (statement, number) in statements.Select((s, i) => (s, i)))
        {
            var typed = statement.Values.Count > 0 && !await PreparesAsync(connection, statement.Sql, ct);
            var sql = Parameter().Replace(statement.Sql, m =>
            {
                if (statement.Values[int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) - 1] is not { } value)
                    return "NULL";
                var name = $"v{script}_{number}_{m.Groups[1].Value}";
                if (changing?.GetValueOrDefault(value) is { } changes)
                    name = changes;
                else if (!variables.Contains($"{name}={value}"))
                    variables.Add($"{name}={value}");
                return $":{name}{(typed ? Cast(value) : "")}";
            });
            text.Append(sql).Append(";\n");
        }
        var path = Path.Combine(folder, $"pgbench-{script}-{Guid.NewGuid():n}.sql");
        await File.WriteAllTextAsync(path, text.ToString(), ct);
        return new(path, variables);
    }

    internal sealed record Script(string Path, IReadOnlyList<string> Variables);

    /// <summary>Transactions a second and their mean time in ms; the scripts take turns at random.</summary>
    public async Task<(double PerSecond, double Milliseconds)> RunAsync(IReadOnlyList<Script> scripts, int clients, TimeSpan time, CancellationToken ct)
    {
        var arguments = new List<string>
        {
            "-n", "-M", "prepared", "-c", $"{clients}", "-j", $"{Math.Min(clients, Environment.ProcessorCount)}", "-T", $"{time.TotalSeconds:0}",
        };
        foreach (var script in scripts)
            arguments.AddRange(["-f", script.Path, .. script.Variables.SelectMany(variable => new[] { "-D", variable })]);
        using var process = Start("pgbench", arguments);
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0 || Tps().Match(output[0]) is not { Success: true } tps || !output[0].Contains("failed transactions: 0 "))
            throw new InvalidOperationException($"pgbench did not do the work: {output[0]}\n{output[1]}");
        return (double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(Latency().Match(output[0]).Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>What psql gives for a COPY TO STDOUT.</summary>
    public async Task<long> CopyAsync(string sql, Func<Stream, CancellationToken, Task<long>> read, CancellationToken ct)
    {
        using var process = Start("psql", ["-X", "-q", "-c", sql]);
        var errors = process.StandardError.ReadToEndAsync(ct);
        var result = await read(process.StandardOutput.BaseStream, ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? result : throw new InvalidOperationException(await errors);
    }

    private Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(
            binaries[program], ["-h", server.Host!, "-p", $"{server.Port}", "-U", server.Username!, .. arguments, server.Database!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = server.Password;
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start)!;
    }

    /// <summary>Whether PostgreSQL knows the types of the parameters by their places.</summary>
    private static async Task<bool> PreparesAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        try
        {
            await using var prepare = new NpgsqlCommand($"prepare known as {sql}", connection);
            await prepare.ExecuteNonQueryAsync(ct);
            await using var deallocate = new NpgsqlCommand("deallocate known", connection);
            await deallocate.ExecuteNonQueryAsync(ct);
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    /// <summary>Else the type that the value looks like: lists of whole numbers, of amounts, of texts; a year; a text.</summary>
    private static string Cast(string value) => value switch
    {
        _ when Regex.IsMatch(value, @"^\{[0-9,]+\}$") => "::int[]",
        _ when Regex.IsMatch(value, @"^\{[0-9.,]+\}$") => "::numeric[]",
        ['{', ..] => "::text[]",
        { Length: 4 } when int.TryParse(value, out _) => "::smallint",
        _ => "::text",
    };

    private static List<string?> Values(string detail) =>
        [.. Value().Matches(detail).Select(m => m.Groups[1].Success ? m.Groups[1].Value.Replace("''", "'") : null)];

    // log_line_prefix is the process id and a colon; lines that go on begin with a tab.
    [GeneratedRegex(@"^(\d+):LOG:  (?:execute [^:]+|statement): ((?:.*)(?:\n\t.*)*)(?:\n\1:DETAIL:  parameters: (.*(?:\n\t.*)*))?", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\$\d+ = (?:'((?:[^']|'')*)'|NULL)")]
    private static partial Regex Value();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\s*(begin|commit|rollback|set |select set_config|select current_revision\(\)(, set_config\(.*\))?$)", RegexOptions.IgnoreCase)]
    private static partial Regex Around();

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Tps();

    [GeneratedRegex(@"latency average = ([0-9.]+) ms")]
    private static partial Regex Latency();
}
