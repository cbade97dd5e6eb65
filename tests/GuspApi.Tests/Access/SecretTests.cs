using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GuspApi.Tests.Access;

/// <summary>Whatever happens, at the finest level of logging there is: no key, no token, no password is written.</summary>
public sealed class SecretTests(SecretTests.TalkativeApi api) : IClassFixture<SecretTests.TalkativeApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class TalkativeApi(TestServer server) : Api(server)
    {
        internal Listener Log { get; } = new();
        internal TestIssuer Issuer { get; private set; } = null!;

        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
            ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Trace"),
            ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Trace"),
            ("Logging:Console:LogLevel:Default", "None"),
            ("Authentication:Authority", Issuer.Address), ("Authentication:Audience", "gusp"),
        ];

        protected override void Configure(IWebHostBuilder host) =>
            host.ConfigureServices(services => services.AddSingleton<ILoggerProvider>(Log));

        public override async ValueTask InitializeAsync()
        {
            Issuer = await TestIssuer.StartAsync();
            await base.InitializeAsync();
        }
    }

    [Fact]
    public async Task No_secret_is_in_any_log()
    {
        var made = await api.Admin.PostAsJsonAsync("/v1/keys", new { name = "Bavarde", scopes = new[] { "read" } }, Ct);
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!;
        var rotated = JsonNode.Parse(await (await api.Admin.PostAsync($"/v1/keys/{key["id"]}/rotate", null, Ct))
            .Content.ReadAsStringAsync(Ct))!;
        var token = api.Issuer.Token(api.Issuer.Claims());
        string[] secrets =
        [
            Api.BootstrapKey, (string)key["key"]!, (string)rotated["key"]!, token,
            api.Issuer.Token(api.Issuer.Claims(("aud", "another"))), token[..^3] + "AAA",
            "a-guess-of-more-than-thirty-two-characters", ((string)key["key"]!)[..^1] + "~",
        ];

        foreach (var secret in secrets)
            foreach (var path in new[] { "/v1/me", "/v1/declarations?limit=x", "/v1/nothing", "/v1/keys" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path)
                {
                    Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret) },
                };
                await api.Anonymous.SendAsync(request, Ct);
            }
        using var broken = new HttpRequestMessage(HttpMethod.Put, "/v1/landlords/732829320")
        {
            Content = new StringContent("{", null, "application/json"),
        };
        broken.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Api.BootstrapKey);
        await api.Anonymous.SendAsync(broken, Ct);

        var log = string.Join('\n', api.Log.Lines);
        Assert.Contains("/v1/declarations", log); // It was listening.
        var password = new Npgsql.NpgsqlConnectionStringBuilder(api.ConnectionString).Password;
        Assert.All(secrets.Append(password!).Where(secret => secret is { Length: > 0 }), secret => Assert.DoesNotContain(secret, log));
        // Nor the part of a key or token that proves it.
        Assert.DoesNotContain(((string)rotated["key"]!)[18..], log);
        Assert.DoesNotContain(token.Split('.')[2], log);
    }

    internal sealed class Listener : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
