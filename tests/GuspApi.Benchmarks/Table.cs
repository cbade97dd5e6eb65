using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GuspApi.Development;
using GuspApi.Features.Indicators;
using GuspApi.Tests;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>
/// How near is the API to its limit, which is PostgreSQL itself? Each row of the table is one kind of work: the API and what it is
/// compared with take turns, and the figure is the median of the ratios of each turn. The whole pipeline is on: keys, limits, tags, logs.
/// </summary>
internal sealed class Table(Scale scale, ApiProcess api, NpgsqlDataSource source, PgBench pgbench, HttpLoad reader, HttpLoad admin)
{
    private const string Key = "bootstrap-key-of-the-benchmark-0123456789";
    private const int Rounds = 5;
    private const int WarmUps = 2;
    private const int Settled = 5;
    private const int MostToSettle = 30;
    private const int Callers = 8;
    private const string Computed = "/v1/indicators?from=2019&to=2022&groupBy=department&limit=";
    private const string FourMeasures = "&measures=expense,coverageRate,expensePerDwelling,spentPerEuroReceived";

    /// <summary>
    /// The same measures by département, as one would make them of lines and holdings, without figures that are kept: the leaflet's four.
    /// </summary>
    private const string LiveOfFour = LiveCells + """
        select * from (
            select department_code, sum(dwellings) filter (where counts), sum(abatement) filter (where counts)
            from cell group by department_code) held
          full join spent using (department_code)
        """;

    private const string LiveOfAll = LiveCells + """
        select * from (
            select department_code, sum(dwellings) filter (where counts), sum(abatement) filter (where counts),
              count(*) filter (where counts),
                   count(*) filter (where is_expected), count(distinct qpv_code) filter (where counts), count(distinct landlord_siren) filter (where counts)
            from cell group by department_code) held
          full join spent using (department_code)
          full join (
            select department_code, count(distinct m.commune_code) as communes
            from (select distinct department_code, qpv_code from cell where counts) c join qpv_commune m using (qpv_code)
            group by department_code) placed using (department_code)
        """;

    private const string LiveCells = """
        with counted as (
          select d.id, d.landlord_siren, d.year, d.qpv_code, d.validated_lines_version as version
          from declaration d
          where d.year between 2019 and 2022 and d.validated_version is not null and d.status <> 'DELETED'
        ),
        spent as (
          select q.department_code, sum(l.actual) as expense, sum(l.valued) as valued
          from counted d join qpv q on q.code = d.qpv_code join expense_line l on l.declaration_id = d.id and l.version = d.version
          group by q.department_code
        ),
        cell as (
          select q.department_code, q.code as qpv_code, d.landlord_siren, h.dwellings, h.abatement,
                 d.id is not null as counts, h.year is not null as is_expected
          from (select * from holding where year between 2019 and 2022) h full join counted d using (landlord_siren, year, qpv_code)
            join qpv q on q.code = qpv_code
        )

        """;

    private const string FirstPage = "/v1/declarations?limit=50";
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(2);

    private readonly Random dice = new(2026);
    private List<string> sirens = [];
    private List<byte[]> everyone = [];
    private List<(string Department, int Year)> pages = [];
    private string deepPage = "";
    private int deepNumber;
    private Limits limits = null!;
    private Statement figures = null!;
    private Peers? peers;
    private int imported;

    /// <summary>The same work as statements of PostgreSQL alone.</summary>
    private sealed record Limits(
        List<PgBench.Script> Landlord, List<PgBench.Script> Page, List<PgBench.Script> FirstPage, List<PgBench.Script> DeepPage,
        List<PgBench.Script> Indicators, PgBench.Script LiveOfAll, PgBench.Script LiveOfFour, List<PgBench.Script> Put);

    /// <summary>What the API is compared with: its name, the goal, and one turn of it.</summary>
    private sealed record Rival(string Name, string Goal, Func<Task<double>> Turn);

    public static async Task RunAsync(string[] args, CancellationToken ct)
    {
        var scale = Scale.Of(args.FirstOrDefault(arg => char.IsUpper(arg[0])) ?? "M");
        var folder = Path.Combine(Path.GetTempPath(), "gusp-benchmark-" + Guid.NewGuid().ToString("n"));
        try
        {
            var binaries = await PostgresBinaries.FindAsync(await Account.FindAsync(ct), null, ct);
            string[] settings = ["max_wal_size=8GB", "shared_buffers=2GB", "log_line_prefix=%p:"];
            await using var server = await PostgresServer.StartAsync(folder, settings, ct);
            var connectionString = server.ConnectionString("postgres");
            await using var api = ApiProcess.Start(
                ("ConnectionStrings__Gusp", connectionString), ("Gusp__BootstrapKey", Key), ("Gusp__Demo", "false"),
                ("Gusp__RateLimit__PerKey", "1000000"));
            await api.ReadyAsync(ct);
            api.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
            await using var source = NpgsqlDataSource.Create(connectionString);
            var start = Stopwatch.GetTimestamp();
            await Generator.RunAsync(source, scale, ct);
            Console.WriteLine(
                $"{scale.Name}: {scale.Declarations} declarations made in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
            Console.WriteLine(FormattableString.Invariant(
                $"{Environment.ProcessorCount} processors, PostgreSQL {await ScalarAsync(source, "show server_version", ct)}, {RuntimeInformation.FrameworkDescription}, {DateTime.Now:d MMMM yyyy}"));
            Console.WriteLine("\n| Work | The API | Against | | Ratio | Goal |\n|---|---|---|---|---|---|");

            var (reads, writes) = (await KeyAsync(api, "read", ct), await KeyAsync(api, "admin", ct));
            var address = api.Client.BaseAddress!;
            var table = new Table(scale, api, source, new(connectionString, folder, binaries), new(address, reads), new(address, writes));
            await table.PrepareAsync(connectionString, ct);
            await using var peers = args.Contains("--peers") ? await Peers.StartAsync(folder, connectionString, table.figures, ct) : null;
            table.peers = peers;
            await table.RunAsync([.. args.Where(arg => char.IsLower(arg[0]))], ct);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="wanted">Names of rows; none for all.</param>
    /// <param name="ct">Ends it.</param>
    private async Task RunAsync(IReadOnlyCollection<string> wanted, CancellationToken ct)
    {
        var rows = new Dictionary<string, Func<Task>>
        {
            ["landlord"] = () => LandlordAsync(ct),
            ["pages"] = () => PagesAsync(ct),
            ["indicators"] = () => IndicatorsAsync(ct),
            ["questions"] = AnyQuestionAsync,
            ["put"] = () => WriteAsync(ct),
            ["import"] = () => ImportAsync(ct),
            ["export"] = () => ExportAsync(ct),
        };
        foreach (var (name, measure) in rows.Where(row => wanted.Count == 0 || wanted.Contains(row.Key)))
        {
            try
            {
                await measure();
            }
            catch (InvalidOperationException failed)
            {
                Print(name, null, "", "", "", Why(failed), "");
                Environment.ExitCode = 1;
            }
        }
        Console.WriteLine(FormattableString.Invariant(
            $"\nMemory of the API: {api.Memory() / 1_000_000} MB, at most {api.MostMemory() / 1_000_000} MB."));
    }

    /// <summary>Keys of declarations that are not there yet: writes take them from the first on, imports from the last.</summary>
    private async Task PrepareAsync(string connectionString, CancellationToken ct)
    {
        await ScalarAsync(source, $"""
            create schema bench;
            create sequence bench.next_no;
            create table bench.free_key as
            select row_number() over (order by hashtext(siren || code || year)) as no, siren, year::smallint, code as qpv_code
            from landlord cross join qpv cross join generate_series(2015, 2025) year
            where year not between {scale.From} and {scale.To} limit 300000;
            alter table bench.free_key add primary key (no);
            analyze bench.free_key
            """, ct);
        var all = (await RowsAsync("select siren from landlord order by hashtext(siren)", ct)).Select(row => (string)row[0]).ToList();
        everyone = [.. all.Select(siren => reader.Get("/v1/landlords/" + siren))];
        sirens = [.. all.Take(8)];
        pages = [.. from department in new[] { "59", "62" } from year in Enumerable.Range(scale.From, 4) select (department, year)];
        foreach (var (department, year) in pages)
            await CheckRowsAsync(PagePath(department, year), 50, ct);
        (deepPage, deepNumber) = await DeepPageAsync(ct);

        await using var observed = ApiProcess.Start(
            ("ConnectionStrings__Gusp", connectionString + ";Max Auto Prepare=1;Auto Prepare Min Usages=1000000"), ("Gusp__Demo", "false"));
        await observed.ReadyAsync(ct);
        var load = new HttpLoad(observed.Client.BaseAddress!, reader.Key);
        limits = new(
            await ReadsAsync(load, sirens.Select(siren => ("/v1/landlords/" + siren, siren)), ct),
            await ReadsAsync(load, pages.Select(page => (PagePath(page.Department, page.Year), page.Department)), ct),
            await ReadsAsync(load, [(FirstPage, "51")], ct),
            await ReadsAsync(load, [(deepPage, "51")], ct),
            await ReadsAsync(load, [(Computed + "101", "102")], ct),
            await pgbench.ScriptAsync(0, [new(LiveOfAll, [], new Dictionary<int, string>())], ct),
            await pgbench.ScriptAsync(1, [new(LiveOfFour, [], new Dictionary<int, string>())], ct),
            [await PutScriptAsync(new(observed.Client.BaseAddress!, admin.Key), ct)]);
    }

    private async Task<List<PgBench.Script>> ReadsAsync(
        HttpLoad load, IEnumerable<(string Path, string Mark)> requests, CancellationToken ct)
    {
        var scripts = new List<PgBench.Script>();
        foreach (var (path, mark) in requests)
        {
            var statements = PgBench.Reads(await pgbench.CaptureAsync(() => Once(load, load.Get(path), 200), mark, ct)).ToList();
            scripts.Add(await pgbench.ScriptAsync(scripts.Count, statements, ct));
            if (path.StartsWith(Computed, StringComparison.Ordinal))
                figures = statements.MaxBy(s => s.Sql.Length)!;
        }
        return scripts;
    }

    private async Task<PgBench.Script> PutScriptAsync(HttpLoad load, CancellationToken ct)
    {
        var (siren, year, qpv) = (await FreeKeysAsync(1, ct))[0];
        var statements = await pgbench.CaptureAsync(
            () => Once(load, load.Put($"/v1/declarations/{siren}/{year}/{qpv}", Body), 201), siren, ct);
        const string next = """
            select siren, year, qpv_code from bench.free_key where no = (select nextval('bench.next_no')) \gset k_
            """;
        return await pgbench.ScriptAsync(0, statements, ct, next, new Dictionary<string, string>
        {
            [siren] = "k_siren",
            [year.ToString(CultureInfo.InvariantCulture)] = "k_year",
            [qpv] = "k_qpv_code",
        });
    }

    private async Task LandlordAsync(CancellationToken ct)
    {
        await RowAsync("one landlord by SIREN", "/s", Landlord,
        [
            new("pgbench", "≥ 0.42", () => RateAsync(limits.Landlord, ct)),
            .. Against(peer => peer.LandlordGoal, peer => sirens.Select(peer.Landlord)),
        ]);
        // Each write has every landlord read anew.
        await RowAsync("the same, all of them, while ten writes a second come in", "/s", () => DuringWritesAsync(AllLandlords, ct),
            [new("pgbench", "", () => DuringWritesAsync(() => RateAsync(limits.Landlord, ct), ct))]);
    }

    private Task<double> AllLandlords() => Rate(everyone);

    private async Task<double> DuringWritesAsync(Func<Task<double>> reading, CancellationToken ct)
    {
        using var done = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await PutOneAsync(ct);
                await Task.Delay(100, CancellationToken.None);
            }
        }, ct);
        var rate = await Task.Run(reading, ct);
        await done.CancelAsync();
        await writing;
        return rate;
    }

    private Task<double> Landlord() => Rate([.. sirens.Select(siren => reader.Get("/v1/landlords/" + siren))]);

    private async Task PagesAsync(CancellationToken ct)
    {
        var qpvs = (await RowsAsync("select department_code, code from qpv", ct)).ToLookup(row => (string)row[0], row => (string)row[1]);
        var asked = pages.Select(p => new PageAsked(p.Department, p.Year, [.. qpvs[p.Department]])).ToList();
        List<Rival> rivals = [new("pgbench", "≥ 0.68", () => RateAsync(limits.Page, ct)),
            .. Against(peer => peer.PageGoal, peer => asked.Select(peer.Page))];
        string[] paths = [.. pages.Select(p => PagePath(p.Department, p.Year))];
        await RowAsync("50 declarations of a département and year", "/s", () => Rate([.. paths.Select(path => reader.Get(path))]), rivals);
        await RowAsync("the same, read anew each time", "/s", () => AnewAsync(paths, ct), rivals);
        await RowAsync("50 declarations of all, first page, read anew each time", "/s", () => AnewAsync([FirstPage], ct),
            [new("pgbench", "≥ 0.68", () => RateAsync(limits.FirstPage, ct))]);
        await RowAsync($"50 declarations of all, page {deepNumber}, read anew each time", "/s", () => AnewAsync([deepPage], ct),
        [
            new("pgbench", "≥ 0.68", () => RateAsync(limits.DeepPage, ct)),
            new("the first page", "alike", () => AnewAsync([FirstPage], ct)),
        ]);
    }

    /// <summary>Pages after a write, each request a question of its own: none is answered from memory.</summary>
    private async Task<double> AnewAsync(string[] paths, CancellationToken ct)
    {
        await PutOneAsync(ct);
        var requests = Enumerable.Range(0, 10_000).Select(number => reader.GetAnew(paths[number % paths.Length], number)).ToList();
        return reader.Run(requests, 200, Callers, Span, once: true).PerSecond;
    }

    private async Task IndicatorsAsync(CancellationToken ct)
    {
        // Each limit is a question of its own with the same answer, and each turn begins with a write: no answer is there beforehand.
        var questions = Enumerable.Range(102, 899).Select(limit => reader.Get(Computed + limit)).ToList();
        await RowAsync("indicators by département, 2019-2022, computed", "/s",
            async () =>
            {
                await PutOneAsync(ct);
                return reader.Run(questions, 200, Callers, Span, once: true).PerSecond;
            },
            [
                new("pgbench", "≥ 0.93", () => RateAsync(limits.Indicators, ct)),
                .. Against(peer => peer.IndicatorsGoal, peer => peer.Indicators is { } question ? [question] : []),
            ]);
        await RowAsync("the same, one caller, p50", " ms",
            async () =>
            {
                await PutOneAsync(ct);
                return reader.Run(questions, 200, 1, Span, once: true).P50;
            },
            [
                new("pgbench, mean", "under 5 ms at M", async () => (await pgbench.RunAsync(limits.Indicators, 1, Span, ct)).Milliseconds),
                Live(limits.LiveOfAll, ct),
            ]);
        var few = Enumerable.Range(102, 899).Select(limit => reader.Get(Computed + limit + FourMeasures)).ToList();
        await RowAsync("the same, with the leaflet's four measures", " ms",
            async () =>
            {
                await PutOneAsync(ct);
                return reader.Run(few, 200, 1, Span, once: true).P50;
            },
            [Live(limits.LiveOfFour, ct)]);

        var repeated = reader.Get(Computed + "101");
        await RowAsync("indicators repeated, nothing changed", "/s", () => Rate([repeated]),
            [new("one landlord by SIREN", "≥ 1.0", Landlord)]);
        var repeatedFew = reader.Get(Computed + "101" + FourMeasures);
        await RowAsync("the same, with the leaflet's four measures", "/s", () => Rate([repeatedFew]),
            [new("one landlord by SIREN", "≥ 1.0", Landlord)]);
        Rival landlord = new("one landlord, in gzip", "≥ 1.0",
            () => Rate([.. sirens.Select(siren => reader.GetCompressed("/v1/landlords/" + siren))]));
        await RowAsync("indicators repeated, in gzip", "/s", () => Rate([reader.GetCompressed(Computed + "101")]), [landlord]);
        await RowAsync("the same, with the leaflet's four measures, in gzip", "/s",
            () => Rate([reader.GetCompressed(Computed + "101" + FourMeasures)]), [landlord]);

        var known = reader.Get(Computed + "101", await TagAsync(Computed + "101", ct));
        await RowAsync("304 of a known ETag of indicators", "/s", () => Rate([known], 304),
            [new("/health/live", "≥ 0.8", () => Rate([reader.Get("/health/live")]))]);
    }

    private Rival Live(PgBench.Script script, CancellationToken ct) =>
        new("live SQL of the same over the lines", "≤ 0.033", async () => (await pgbench.RunAsync([script], 1, Span, ct)).Milliseconds);

    /// <summary>Any question of one to three dimensions, half of them narrowed, one caller.</summary>
    private Task AnyQuestionAsync()
    {
        string[] filters = ["department=59", "region=32", "axis=1,3", "theme=TRAVAUX", "family=OPH", "lineFamily=SPECIFIC"];
        var questions = Enumerable.Range(0, 50 * (Rounds + WarmUps)).Select(_ =>
        {
            var groups = dice.GetItems([.. Dimensions.All.Select(d => d.Name)], dice.Next(1, 4)).Distinct();
            var (from, to) = (dice.Next(scale.From, scale.To + 1), dice.Next(scale.From, scale.To + 1));
            var filter = dice.Next(2) == 0 ? "" : "&" + dice.GetItems(filters, 1)[0];
            return reader.Get(
                $"/v1/indicators?groupBy={string.Join(',', groups)}&from={Math.Min(from, to)}&to={Math.Max(from, to)}{filter}");
        }).Chunk(50).ToList();
        var results = questions.Select(some => reader.Run(some, 200, 1, TimeSpan.FromMinutes(2), once: true)).Skip(WarmUps).ToList();
        Print("any question of 1 to 3 dimensions, p50", Median([.. results.Select(r => r.P50)]), " ms", "", "", "", "");
        Print("the same, p95", Median([.. results.Select(r => r.P95)]), " ms", "", "", "", "under 50 ms at M, 400 at L");
        return Task.CompletedTask;
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        await RowAsync("PUT of a declaration with 8 lines", "/s",
            async () =>
            {
                var keys = await FreeKeysAsync(4000, ct);
                var requests = keys.Select(key => admin.Put($"/v1/declarations/{key.Siren}/{key.Year}/{key.Qpv}", Body)).ToList();
                return admin.Run(requests, 201, Callers, Span, once: true).PerSecond;
            },
            [new("pgbench", "≥ 0.6", async () =>
            {
                const string count = "select count(*) from expense_line";
                var before = (long)(await ScalarAsync(source, count, ct))!;
                var (rate, _, transactions) = await pgbench.RunAsync(limits.Put, Callers, Span, ct);
                if ((long)(await ScalarAsync(source, count, ct))! - before is var lines && lines != 8 * transactions)
                    throw new InvalidOperationException($"pgbench did not do the work: {lines} lines in {transactions} transactions");
                return rate;
            })]);
    }

    private async Task ImportAsync(CancellationToken ct)
    {
        var declarations = scale == Scale.S ? 2_500 : 10_000;
        var lines = declarations * ImportBenchmark.LinesPerDeclaration;
        var landlords = sirens.Select(siren => reader.Get("/v1/landlords/" + siren)).ToList();
        await RowAsync($"import of {lines:#,0} lines".Replace(',', ' '), " s", () => OneAsync(),
            [new("COPY of the same", "≤ 2.5", () => ImportBenchmark.FloorAsync(source, lines, ct, """
                select l.* from expense_line l join declaration_version v on v.declaration_id = l.declaration_id and v.version = l.version
                where v.change_set_id = (select max(id) from change_set where import_id is not null)
                """))]);
        await RowAsync("landlords read 200 times a second during an import, p99", " ms",
            async () =>
            {
                using var done = new CancellationTokenSource();
                var reading = Task.Run(() => Paced(TimeSpan.FromMinutes(5), done.Token), ct);
                await OneAsync();
                await done.CancelAsync();
                return await reading;
            },
            [new("at rest", "≤ 2", () => Task.FromResult(Paced(Span, ct)))]);

        double Paced(TimeSpan time, CancellationToken stop) =>
            reader.Run(landlords, 200, 4, time, every: TimeSpan.FromMilliseconds(20), stop: stop).P99;

        async Task<double> OneAsync()
        {
            var keys = await RowsAsync(
                $"select siren, year, qpv_code from bench.free_key order by no desc limit {declarations} offset "
                    + $"{imported++ * declarations}", ct);
            var file = ImportBenchmark.File(keys.Select(row => ((string)row[0], (int)(short)row[1], (string)row[2])));
            return await ImportBenchmark.ImportAsync(api, file, lines, ct);
        }
    }

    private async Task ExportAsync(CancellationToken ct)
    {
        const string path = "/v1/declarations?format=csv";
        const string copy = """
            copy (
              select d.landlord_siren, d.year, d.qpv_code, l.ref, l.axis, l.action, l.family, l.planned, l.actual,
                l.valued, l.landlord_funding,
                     l.other_funding, l.quantitative_review, l.qualitative_review
              from declaration d join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
              where d.status <> 'DELETED' order by d.landlord_siren, d.year, d.qpv_code, l.no) to stdout (format csv)
            """;
        using (var answer = await api.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct))
        {
            if (!answer.IsSuccessStatusCode)
            {
                Print("export of all lines, CSV", null, "", "COPY … TO STDOUT", "",
                    $"not measured: the API answers {(int)answer.StatusCode}", "≤ 2");
                return;
            }
        }
        var lines = (long)(await ScalarAsync(source, """
            select count(*) from declaration d join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
              where d.status <> 'DELETED'
            """, ct))!;
        var before = api.Memory();
        var most = before;
        await RowAsync("export of all lines, CSV", " s",
            async () =>
            {
                var seconds = await TimedAsync(async () =>
                {
                    using var answer = await api.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
                    return await RowsOfAsync(await answer.Content.ReadAsStreamAsync(ct), ct);
                }, lines + 1);
                most = Math.Max(most, api.Memory());
                return seconds;
            },
            [new("COPY … TO STDOUT", "≤ 2", () => TimedAsync(() => pgbench.CopyAsync(copy, RowsOfAsync, ct), lines))]);
        Print("memory of the API after it", most / 1e6, " MB", "before it",
            FormattableString.Invariant($"{before / 1e6:0} MB"), "", "flat");
    }

    private async Task RowAsync(string work, string unit, Func<Task<double>> ours, IReadOnlyList<Rival> rivals)
    {
        var own = new List<double>();
        var theirs = rivals.Select(_ => new List<double>()).ToList();
        var faults = new string?[rivals.Count];
        if (unit == "/s")
            await SettleAsync(ours);
        for (var round = -WarmUps; round < Rounds; round++)
        {
            var figure = await ours();
            var others = new double[rivals.Count];
            for (var i = 0; i < rivals.Count; i++)
            {
                try
                {
                    others[i] = faults[i] is null ? await rivals[i].Turn() : double.NaN;
                }
                catch (InvalidOperationException failed)
                {
                    faults[i] = Why(failed);
                    Environment.ExitCode = 1;
                }
            }
            if (round < 0)
                continue; // until all data is in memory
            own.Add(figure);
            for (var i = 0; i < rivals.Count; i++)
                theirs[i].Add(others[i]);
        }
        for (var i = 0; i < rivals.Count; i++)
        {
            var ratios = own.Zip(theirs[i], (a, b) => a / b).Order().ToList();
            Print(i == 0 ? work : "the same", Median(own), unit, rivals[i].Name, faults[i] is null ? Told(Median(theirs[i]), unit) : "",
                faults[i] ?? FormattableString.Invariant($"**{Median(ratios):0.00}** ({ratios[0]:0.00}-{ratios[^1]:0.00})"),
                rivals[i].Goal);
        }
    }

    /// <summary>
    /// .NET compiles what is called often anew, as it is called: at a hundred requests a second that takes half a minute. So many turns
    /// until several in a row are no better, by a twentieth, than the best before.
    /// </summary>
    private static async Task SettleAsync(Func<Task<double>> ours)
    {
        var (best, last) = (0d, 0);
        for (var turn = 0; turn - last < Settled && turn < MostToSettle; turn++)
        {
            var figure = await ours();
            if (figure > best * 1.05)
                (best, last) = (figure, turn);
        }
    }

    private static string Why(Exception failed) =>
        "not measured: " + (failed.Message.Length > 400 ? failed.Message[^400..] : failed.Message).ReplaceLineEndings(" ");

    private static void Print(string work, double? own, string unit, string against, string theirs, string ratio, string goal) =>
        Console.WriteLine($"| {work} | {(own is { } figure ? Told(figure, unit) : "")} | {against} | {theirs} | {ratio} | {goal} |");

    private static string Told(double figure, string unit) =>
        figure.ToString(figure >= 100 ? "#,0" : figure >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture).Replace(',', ' ') + unit;

    private static double Median(IReadOnlyCollection<double> figures) => figures.Order().ElementAt(figures.Count / 2);

    private Task<double> Rate(IReadOnlyList<byte[]> requests, int status = 200) =>
        Task.FromResult(reader.Run(requests, status, Callers, Span).PerSecond);

    private async Task<double> RateAsync(IReadOnlyList<PgBench.Script> scripts, CancellationToken ct) =>
        (await pgbench.RunAsync(scripts, Callers, Span, ct)).PerSecond;

    /// <summary>The peers that can be asked this at all.</summary>
    private IEnumerable<Rival> Against(Func<Peer, string> goal, Func<Peer, IEnumerable<Question>> questions) =>
        from peer in peers is null ? [] : Peer.All
        let asked = questions(peer).ToList()
        where asked.Count > 0
        select new Rival(peer.Name, goal(peer), () => Task.FromResult(peers!.Rate(peer, asked, Callers, Span)));

    /// <summary>Page 1 000 of all declarations, or the last whole one.</summary>
    private async Task<(string Path, int Number)> DeepPageAsync(CancellationToken ct)
    {
        var path = "/v1/declarations?limit=1000";
        for (var page = 21; ; page += 20)
        {
            var next = (string?)JsonNode.Parse(await api.Client.GetStringAsync(path, ct))!["links"]!["next"];
            if (next is null)
                return (path.Replace("limit=1000", "limit=50"), page - 20);
            path = next;
            if (page > 1000)
                return (path.Replace("limit=1000", "limit=50"), page);
        }
    }

    private static string PagePath(string department, int year) => $"/v1/declarations?department={department}&year={year}&limit=50";

    private async Task CheckRowsAsync(string path, int rows, CancellationToken ct)
    {
        if (JsonNode.Parse(await api.Client.GetStringAsync(path, ct))!["data"]!.AsArray().Count is var count && count != rows)
            throw new InvalidOperationException($"{path} gives {count} rows, not {rows}.");
    }

    private async Task<string> TagAsync(string path, CancellationToken ct)
    {
        using var asReader = new HttpClient { BaseAddress = api.Client.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.Authorization = new("Bearer", reader.Key);
        using var answer = await asReader.SendAsync(request, ct);
        return answer.Headers.ETag!.Tag;
    }

    private static readonly string Body = JsonSerializer.Serialize(new
    {
        lines = Enumerable.Range(1, 8).Select(axis => new
        {
            @ref = "L" + axis,
            axis,
            action = "Action " + axis,
            family = "SPECIFIC",
            planned = 1000.25m * axis,
            actual = 1100.50m * axis,
            valued = 900.75m * axis,
            landlordFunding = 1100.50m * axis - 0.50m,
            otherFunding = 0.50m,
            quantitativeReview = axis + " passages",
            qualitativeReview = "Passages quotidiens.",
        }),
    });

    private static void Once(HttpLoad load, byte[] request, int status) =>
        load.Run([request], status, 1, TimeSpan.FromSeconds(30), once: true);

    private async Task PutOneAsync(CancellationToken ct)
    {
        var (siren, year, qpv) = (await FreeKeysAsync(1, ct))[0];
        Once(admin, admin.Put($"/v1/declarations/{siren}/{year}/{qpv}", Body), 201);
    }

    private async Task<List<(string Siren, int Year, string Qpv)>> FreeKeysAsync(int count, CancellationToken ct)
    {
        var last = (long)(await ScalarAsync(source, $"select setval('bench.next_no', nextval('bench.next_no') + {count - 1})", ct))!;
        return [.. (await RowsAsync($"select siren, year, qpv_code from bench.free_key where no > {last - count} and no <= {last}", ct))
            .Select(row => ((string)row[0], (int)(short)row[1], (string)row[2]))];
    }

    private async Task<List<object[]>> RowsAsync(string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(ct);
        var rows = new List<object[]>();
        while (await row.ReadAsync(ct))
        {
            var values = new object[row.FieldCount];
            row.GetValues(values);
            rows.Add(values);
        }
        return rows;
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync(ct);
    }

    private static async Task<string> KeyAsync(ApiProcess api, string scope, CancellationToken ct)
    {
        using var answer = await api.Client.PostAsJsonAsync("/v1/keys", new { name = "Benchmark", scopes = new[] { scope } }, ct);
        return (string)JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(ct))!["key"]!;
    }

    private static async Task<double> TimedAsync(Func<Task<long>> work, long rows)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await work();
        return done == rows
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException($"{done} rows came, not {rows}.");
    }

    private static async Task<long> RowsOfAsync(Stream stream, CancellationToken ct)
    {
        var (buffer, rows) = (new byte[256 * 1024], 0L);
        while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
            rows += buffer.AsSpan(0, read).Count((byte)'\n');
        return rows;
    }
}
