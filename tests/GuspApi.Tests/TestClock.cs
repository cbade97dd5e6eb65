using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests;

/// <summary>The application's clock, stopped where a test says; without a word it goes on.</summary>
internal sealed class TestClock : TimeProvider
{
    private DateTimeOffset? stopped;

    public override DateTimeOffset GetUtcNow() => stopped ?? base.GetUtcNow();

    public void StopAt(string instant) => stopped = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    public void GoOn() => stopped = null;
}

/// <summary>The application with a clock of the test's. The database keeps its own, which is that of versions.</summary>
public sealed class ClockedApi(TestServer server) : Api(server)
{
    internal TestClock Clock { get; } = new();

    protected override void Configure(IWebHostBuilder host) =>
        host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock));
}
