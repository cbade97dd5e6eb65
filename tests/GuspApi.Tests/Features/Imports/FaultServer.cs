using System.Net.Http.Headers;
using GuspApi.Database;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Tests.Features.Imports;

/// <summary>
/// A PostgreSQL of its own, to be stopped and started at will, with a template that holds what <see cref="Samples"/> need, and the state
/// that they lead to when nothing disturbs them.
/// </summary>
public sealed class FaultServer : IAsyncLifetime
{
    private const string Template = "gusp_faults";
    private const int Landlords = 20;

    private readonly SemaphoreSlim _one = new(1);
    private ThrowAwayPostgres _postgres = null!;
    private string[] _sirens = [];
    private Dictionary<string, string>? _calm;
    private int _copies;

    /// <summary>
    /// A file for each landlord: of 60 declarations ten are there with other lines, ten are unchanged, the others are new, and one more is
    /// rejected.
    /// </summary>
    internal IReadOnlyList<ImportSample> Samples { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        _postgres = await ThrowAwayPostgres.StartAsync(ct, "synchronous_commit=on", "full_page_writes=on", "max_wal_size=1GB");
        await MakeTemplateAsync(ct);
        Samples =
            [.. _sirens.Select((siren, i) => ImportSample.Of($"sample {i}", siren, Enumerable.Range(0, 60), lines: 40, withReject: true))];
    }

    /// <summary>A fresh database; in a tablespace, if one is named.</summary>
    internal async Task<string> CopyAsync(string? tablespace = null)
    {
        var name = $"faults{Interlocked.Increment(ref _copies)}";
        await ExecuteAsync($"create database {name} template {Template}" + (tablespace is null ? "" : $" tablespace {tablespace}"));
        return _postgres.ConnectionString(name);
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Unpooled("postgres"));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As if every process of the server were killed at once.</summary>
    internal Task CrashAsync(CancellationToken ct) => _postgres.CrashAsync(ct);

    internal Task RecoverAsync(CancellationToken ct) => _postgres.RecoverAsync(ct);

    /// <summary>The folder that the server's account can reach.</summary>
    internal string Folder => _postgres.Folder;

    internal static ApiProcess Api(string connectionString)
    {
        var api = ApiProcess.Start(
            ("ConnectionStrings__Gusp", connectionString), ("Gusp__BootstrapKey", Tests.Api.BootstrapKey), ("Gusp__Demo", "false"),
            ("Logging__LogLevel__Default", "Warning"));
        api.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tests.Api.BootstrapKey);
        return api;
    }

    /// <summary>What each landlord's file leads to when nothing disturbs it.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> CalmAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_calm is not null)
                return _calm;
            var connectionString = await CopyAsync();
            await using var state = new ImportState(connectionString);
            await using var api = Api(connectionString);
            await api.ReadyAsync(ct);
            foreach (var sample in Samples)
                await sample.SendUntilTakenAsync(api.Client, ct);
            await state.EndAsync(Samples, TimeSpan.FromSeconds(60), ct);
            return _calm = await state.ReadAsync(Samples, ct);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        _one.Dispose();
    }

    private async Task MakeTemplateAsync(CancellationToken ct)
    {
        await ExecuteAsync($"create database {Template}");
        await using var source = DatabaseSetup.DataSource(Unpooled(Template));
        var options = new DbContextOptionsBuilder<GuspDb>();
        DatabaseSetup.Configure(options, source);
        await using var db = new GuspDb(options.Options);
        await db.Database.MigrateAsync(ct);

        var given = new Given(source);
        var sirens = new List<string>();
        for (var i = 0; i < Landlords; i++)
            sirens.Add(await given.Landlord());
        _sirens = [.. sirens];
        for (var i = 0; i < 100; i++)
            await given.Qpv(ImportSample.QpvOf(i));
        await given.Sql("""
            with place as (select siren, code, substr(code, 6, 2)::int as no from landlord, qpv
              where siren = any($1) and code like 'QN059__M'),
            made as (
                insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version, ever_submitted)
                select siren, 2024, code, 'DRAFT', 'SAVED', 1, 1, false from place where no < 20 returning id, qpv_code)
            insert into expense_line (declaration_id, version, ref, no, axis, action, family, actual)
            select id, 1, 'L' || no, no, (no - 1) % 8 + 1, 'Action', 'SPECIFIC', case when qpv_code < 'QN05910M' then 7 else 100 end
            from made, generate_series(1, 40) as no
            """, (object)_sirens);
    }

    private string Unpooled(string database) => new NpgsqlConnectionStringBuilder(_postgres.ConnectionString(database))
    {
        Pooling = false,
    }.ConnectionString;
}
