using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Database;
using GuspApi.Model;
using GuspApi.Tests;
using GuspApi.Tests.Contract;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestServer))]

namespace GuspApi.Tests;

/// <summary>One PostgreSQL for the run, with a migrated template that every test class copies.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private const string Template = "gusp_template";
    private ThrowAwayPostgres postgres = null!;

    /// <summary>Judges every exchange of the clients, where it was asked for.</summary>
    internal Prism? Prism { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Prism = await Prism.StartAsync(CancellationToken.None);
        postgres = await ThrowAwayPostgres.StartAsync(CancellationToken.None);
        await ExecuteAsync($"create database {Template}");
        await using var source = DatabaseSetup.DataSource(Unpooled(Template));
        var options = new DbContextOptionsBuilder<GuspDb>();
        DatabaseSetup.Configure(options, source);
        await using var db = new GuspDb(options.Options);
        await db.Database.MigrateAsync();
    }

    /// <summary>A fresh database, migrated, with the reference data and nothing else.</summary>
    internal async Task<string> CopyAsync()
    {
        var name = "t" + Guid.NewGuid().ToString("n");
        await ExecuteAsync($"create database {name} template {Template}");
        return new NpgsqlConnectionStringBuilder(postgres.ConnectionString(name)) { MaxPoolSize = 30 }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await postgres.DisposeAsync();
        if (Prism is not null)
            await Prism.DisposeAsync();
    }

    private string Unpooled(string database) => new NpgsqlConnectionStringBuilder(postgres.ConnectionString(database))
    {
        Pooling = false,
    }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>
/// The real application on a real port over a database of its own; a fixture of the class that uses it.
/// <see cref="Anonymous"/> and <see cref="Admin"/> call it, <see cref="Given"/> puts rows in place.
/// </summary>
public class Api(TestServer server) : IAsyncLifetime
{
    public const string BootstrapKey = "bootstrap-key-of-the-tests-0123456789";

    private readonly List<WebApplicationFactory<Program>> others = [];
    private WebApplicationFactory<Program> application = null!;

    internal string ConnectionString { get; private set; } = null!;

    public HttpClient Anonymous { get; private set; } = null!;
    public HttpClient Admin { get; private set; } = null!;
    internal NpgsqlDataSource Database { get; private set; } = null!;
    internal Given Given { get; private set; } = null!;

    /// <summary>Whether the demonstration data are loaded.</summary>
    protected virtual bool Demo => false;

    /// <summary>More settings of the application, such as limits, which tests have none of.</summary>
    protected virtual IEnumerable<(string Name, string Value)> Settings => [];

    protected virtual void Configure(IWebHostBuilder host)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        ConnectionString = await server.CopyAsync();
        Database = NpgsqlDataSource.Create(ConnectionString);
        Given = new Given(Database);
        application = Start();
        Anonymous = Client();
        Admin = Client(BootstrapKey);
    }

    /// <summary>A client that calls with a key, or without.</summary>
    internal HttpClient Client(string? key = null) => Client(application, key);

    private HttpClient Client(WebApplicationFactory<Program> of, string? key = null)
    {
        var client = of.CreateDefaultClient(of.ClientOptions.BaseAddress, server.Prism is { } prism ? [prism.Judge()] : []);
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A client of another instance over the same database.</summary>
    internal HttpClient Instance()
    {
        others.Add(Start());
        return Client(others[^1]);
    }

    /// <summary>A client that calls with a new key of these rights.</summary>
    internal async Task<HttpClient> Key(object wanted)
    {
        var answer = await Admin.PostAsJsonAsync("/v1/keys", wanted, TestContext.Current.CancellationToken);
        var key = await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        return Client((string?)key!["key"]);
    }

    private WebApplicationFactory<Program> Start()
    {
        var started = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseSetting("ConnectionStrings:Gusp", ConnectionString)
                .UseSetting("Gusp:BootstrapKey", BootstrapKey)
                .UseSetting("Gusp:Demo", Demo ? "true" : "false")
                .UseSetting("Gusp:RateLimit:PerKey", "0")
                .UseSetting("Gusp:RateLimit:PerAddress", "0")
                .UseSetting("Gusp:RateLimit:WrongKeys", "0")
                .UseSetting("Logging:LogLevel:Default", "Warning")
                .UseEnvironment("Production");
            foreach (var (name, value) in Settings)
                host.UseSetting(name, value);
            Configure(host);
        });
        started.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        started.StartServer();
        return started;
    }

    internal IServiceProvider Services => application.Services;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var other in others)
            await other.DisposeAsync();
        await application.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>The same with the demonstration data, whose totals are the leaflet's.</summary>
public sealed class DemoApi(TestServer server) : Api(server)
{
    protected override bool Demo => true;
}
