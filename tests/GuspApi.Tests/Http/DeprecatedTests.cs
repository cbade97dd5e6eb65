using GuspApi.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GuspApi.Tests.Http;

/// <summary>No operation is deprecated yet: a route of the test's own shows what its callers would be told.</summary>
public sealed class DeprecatedTests
{
    [Fact]
    public async Task A_deprecated_route_tells_since_when_until_when_and_what_instead()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseRouting();
        app.Use(Deprecated.Tell);
        app.MapGet("/old", () => "old").WithMetadata(new Deprecated(new(2026, 10, 1), new(2027, 10, 1), "/new"));
        app.MapGet("/old/refused", () => Results.BadRequest()).WithMetadata(new Deprecated(new(2026, 10, 1), new(2027, 10, 1), "/new"));
        app.MapGet("/new", () => "new");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        foreach (var path in new[] { "/old", "/old/refused" })
        {
            using var old = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal("@1790812800", old.Headers.GetValues("Deprecation").Single());
            Assert.Equal("Fri, 01 Oct 2027 00:00:00 GMT", old.Headers.GetValues("Sunset").Single());
            Assert.Equal("</new>; rel=\"successor-version\"", old.Headers.GetValues("Link").Single());
        }
        using var present = await client.GetAsync("/new", TestContext.Current.CancellationToken);
        Assert.False(present.Headers.Contains("Deprecation") || present.Headers.Contains("Sunset"));
    }
}
