using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GuspApi.Database;
using GuspApi.Development;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>
/// A statement as the server saw it: its text with $1, $2…, their values as text (null for NULL) and the numbers of their types.
/// </summary>
internal sealed record Statement(string Sql, IReadOnlyList<string?> Values, IReadOnlyDictionary<int, string> Types);

/// <summary>
/// The limit: pgbench -M prepared of the very statements that the API sends, which are read in the server's log, so that they are the same
/// whatever becomes of the API. Each value is a parameter there too.
/// </summary>
internal sealed partial class PgBench(string connectionString, string folder, PostgresBinaries binaries)
{
    private readonly NpgsqlConnectionStringBuilder server = new(connectionString);
    private readonly string log = Path.Combine(folder, "run", "postgres.log");

    /// <summary>
    /// What a request makes the API send, on the connection that is given <paramref name="mark"/> as a value: of an API that prepares
    /// nothing, so that each statement is parsed and its types are told.
    /// </summary>
    public async Task<List<Statement>> CaptureAsync(Action request, string mark, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await SetAsync("log_statement = 'all'", "log_min_messages = debug2", "debug_print_parse = on", "debug_pretty_print = off");
        var from = new FileInfo(log).Length;
        request();
        await SetAsync("log_statement = 'none'", "log_min_messages = warning", "debug_print_parse = off");
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = from;
        using var reader = new StreamReader(file);
        var text = await reader.ReadToEndAsync(ct);

        var types = new Dictionary<(string Pid, string Sql), Dictionary<int, string>>();
        foreach (Match parsed in Parsed().Matches(text))
            types[(parsed.Groups[1].Value, Sql(parsed))] = TypeOf().Matches(parsed.Groups[3].Value.Replace("\n\t", " "))
                .DistinctBy(type => type.Groups[1].Value)
                .ToDictionary(type => int.Parse(type.Groups[1].Value, CultureInfo.InvariantCulture), type => type.Groups[2].Value);
        var executed = Executed().Matches(text)
            .Select(m => (Pid: m.Groups[1].Value, Sql: Sql(m), Values: Values(m.Groups[3].Value))).ToList();
        var pid = executed.First(e => e.Values.Contains(mark)).Pid;
        return [.. executed.Where(e => e.Pid == pid && e.Sql != PresentRevision.Look && !Proof().IsMatch(e.Sql))
            .Select(e => new Statement(e.Sql, e.Values, types.GetValueOrDefault((pid, e.Sql)) ?? []))];

        async Task SetAsync(params string[] settings)
        {
            foreach (var sql in settings.Select(setting => "alter system set " + setting).Append("select pg_reload_conf()")
                .Append("select pg_sleep(0.2)"))
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(ct);
            }
        }

        static string Sql(Match entry) => entry.Groups[2].Value.Replace("\n\t", "\n").Trim();
    }

    /// <summary>Of a read, the statements that read the resource: not the transaction around them, its revision and its settings.</summary>
    public static IEnumerable<Statement> Reads(IEnumerable<Statement> statements) =>
        statements.Where(s => !s.Sql.StartsWith(PresentRevision.OfSnapshot, StringComparison.Ordinal) && !Around().IsMatch(s.Sql));

    /// <summary>
    /// A script of the statements. Values become variables, which -M prepared sends as parameters, named after <paramref name="script"/>;
    /// those in <paramref name="changing"/> get the name of a variable that <paramref name="before"/> sets anew each time.
    /// </summary>
    public async Task<Script> ScriptAsync(
        int script, IEnumerable<Statement> statements, CancellationToken ct, string before = "",
        IReadOnlyDictionary<string, string>? changing = null)
    {
        var text = new StringBuilder(before).Append('\n');
        var variables = new HashSet<string>();
        foreach (var (statement, number) in statements.Select((s, i) => (s, i)))
        {
            var sql = Parameter().Replace(statement.Sql, m =>
            {
                var (place, type) = Place(statement, m);
                if (statement.Values[place - 1] is not { Length: > 0 } value)
                    return (statement.Values[place - 1] is null ? "NULL" : "''") + type; // a variable cannot be empty
                if (changing?.GetValueOrDefault(value) is { } changes)
                    return $":{changes}{type}";
                variables.Add($"v{script}_{number}_{place}={value}");
                return $":v{script}_{number}_{place}{type}";
            });
            text.Append(sql).Append(";\n");
        }
        var path = Path.Combine(folder, $"pgbench-{Guid.NewGuid():n}.sql");
        await File.WriteAllTextAsync(path, text.ToString(), ct);
        return new(path, [.. variables]);
    }

    /// <summary>Its text with the types of its parameters, for who sends their values as text.</summary>
    public static string Typed(Statement statement) => Parameter().Replace(statement.Sql, m => m.Value + Place(statement, m).Type);

    private static (int Number, string Type) Place(Statement statement, Match parameter)
    {
        var number = int.Parse(parameter.Groups[1].Value, CultureInfo.InvariantCulture);
        return (number, statement.Types.TryGetValue(number, out var known) ? $"::{TypeNames[known]}" : "");
    }

    /// <summary>By their numbers in pg_type.</summary>
    private static readonly Dictionary<string, string> TypeNames = new()
    {
        ["16"] = "boolean",
        ["20"] = "bigint",
        ["21"] = "smallint",
        ["23"] = "integer",
        ["25"] = "text",
        ["701"] = "float8",
        ["1082"] = "date",
        ["1184"] = "timestamptz",
        ["1700"] = "numeric",
        ["2950"] = "uuid",
        ["1562"] = "varbit",
        ["3802"] = "jsonb",
        ["1000"] = "boolean[]",
        ["1005"] = "smallint[]",
        ["1007"] = "integer[]",
        ["1009"] = "text[]",
        ["1016"] = "bigint[]",
        ["1231"] = "numeric[]",
    };

    internal sealed record Script(string Path, IReadOnlyList<string> Variables);

    /// <summary>Transactions a second, their mean time in ms and how many they were; the scripts take turns at random.</summary>
    public async Task<(double PerSecond, double Milliseconds, long Transactions)> RunAsync(
        IReadOnlyList<Script> scripts, int clients, TimeSpan time, CancellationToken ct)
    {
        var arguments = new List<string>
        {
            "-n", "-M", "prepared", "-c", $"{clients}", "-j", $"{Math.Min(clients, Environment.ProcessorCount)}", "-T",
                $"{time.TotalSeconds:0}",
        };
        foreach (var script in scripts)
            arguments.AddRange(["-f", script.Path, .. script.Variables.SelectMany(variable => new[] { "-D", variable })]);
        using var process = Start("pgbench", arguments);
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0 || Tps().Match(output[0]) is not { Success: true } tps || !output[0].Contains("failed transactions: 0 "))
            throw new InvalidOperationException($"pgbench did not do the work: {output[0]}\n{output[1]}");
        return (double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(Latency().Match(output[0]).Groups[1].Value, CultureInfo.InvariantCulture),
            long.Parse(Processed().Match(output[0]).Groups[1].Value, CultureInfo.InvariantCulture));
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
        // For all, what the API asks for its expensive reads.
        start.Environment["PGOPTIONS"] = "-c work_mem=32MB -c enable_mergejoin=off -c jit=off";
        return Process.Start(start)!;
    }

    private static List<string?> Values(string detail) =>
        [.. Value().Matches(detail).Select(m => m.Groups[1].Success ? m.Groups[1].Value.Replace("''", "'") : null)];

    // log_line_prefix is the process id and a colon; lines that go on begin with a tab.
    [GeneratedRegex(@"^(\d+):LOG:  (?:execute [^:]+|statement): (.*(?:\n\t.*)*)(?:\n\1:DETAIL:  parameters: (.*(?:\n\t.*)*))?",
        RegexOptions.Multiline)]
    private static partial Regex Executed();

    [GeneratedRegex(@"^(\d+):DEBUG:  parse [^:]+: (.*(?:\n\t.*)*)(?:\n\1:DEBUG: .*)*\n\1:LOG:  parse tree:\n\1:DETAIL:  (.*(?:\n\t.*)*)",
        RegexOptions.Multiline)]
    private static partial Regex Parsed();

    [GeneratedRegex(@"\{PARAM :paramkind 0 :paramid (\d+) :paramtype (\d+) ")]
    private static partial Regex TypeOf();

    [GeneratedRegex(@"\$\d+ = (?:'((?:[^']|'')*)'|NULL)")]
    private static partial Regex Value();

    /// <summary>The look at a key, which requests share, as they do that at the revision.</summary>
    [GeneratedRegex("^select name, scopes,")]
    private static partial Regex Proof();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\s*(begin|commit|rollback|set |select set_config|update api_key set last_used_at)", RegexOptions.IgnoreCase)]
    private static partial Regex Around();

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Tps();

    [GeneratedRegex(@"actually processed: ([0-9]+)")]
    private static partial Regex Processed();

    [GeneratedRegex(@"latency average = ([0-9.]+) ms")]
    private static partial Regex Latency();
}
