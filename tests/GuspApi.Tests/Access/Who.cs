using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Access;

/// <summary>Every kind of caller. "Own" is the landlord, or its département, that the objects of the matrix belong to.</summary>
public enum Who
{
    Anonymous,
    Bad,
    Expired,
    Revoked,
    Read,
    DeclareOwn,
    DeclareOther,
    ReviewOwn,
    ReviewOther,
    DeclareAndReviewOwn,
    Admin,
}

/// <summary>A key for each of them, made over HTTP as an administrator does.</summary>
internal sealed class Callers
{
    private readonly Dictionary<Who, string?> keys = new()
    { [Who.Anonymous] = null, [Who.Bad] = "gusp_000000000000_" + new string('0', 49) };

    public static async Task<Callers> MakeAsync(Api api, string own, string other)
    {
        var callers = new Callers();
        await Add(Who.Expired, new { name = "Expired", scopes = new[] { "admin" } }, "update api_key set expires_at = now() where id = $1");
        await Add(Who.Revoked, new { name = "Revoked", scopes = new[] { "admin" } }, "update api_key set revoked_at = now() where id = $1");
        await Add(Who.Read, new { name = "Read", scopes = new[] { "read" } });
        await Add(Who.DeclareOwn, new { name = "Declare own", scopes = new[] { "declare" }, landlords = new[] { own } });
        await Add(Who.DeclareOther, new { name = "Declare other", scopes = new[] { "declare" }, landlords = new[] { other } });
        await Add(Who.ReviewOwn, new { name = "Review own", scopes = new[] { "review" }, departments = new[] { "59" } });
        await Add(Who.ReviewOther, new { name = "Review other", scopes = new[] { "review" }, departments = new[] { "62" } });
        await Add(Who.DeclareAndReviewOwn,
            new { name = "Both", scopes = new[] { "declare", "review" }, landlords = new[] { own }, departments = new[] { "59" } });
        await Add(Who.Admin, new { name = "Admin", scopes = new[] { "admin" } });
        return callers;

        async Task Add(Who who, object wanted, string? then = null)
        {
            var answer = await api.Admin.PostAsJsonAsync("/v1/keys", wanted, TestContext.Current.CancellationToken);
            var key = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            callers.keys[who] = (string)key["key"]!;
            if (then is not null)
                await api.Given.Sql(then, (string)key["id"]!);
        }
    }

    public void Sign(HttpRequestMessage request, Who who)
    {
        if (keys[who] is { } key)
            request.Headers.Authorization = new("Bearer", key);
    }
}
