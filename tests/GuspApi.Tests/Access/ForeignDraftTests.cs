using System.Text.Json.Nodes;

namespace GuspApi.Tests.Access;

/// <summary>What is not published leaves no trace: every answer is the same, to the byte, before and after it is written.</summary>
public sealed class ForeignDraftTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_tells_callers_of_a_declaration_they_may_not_see()
    {
        var world = await World.MakeAsync(api);
        var draft = await world.MakeAsync(State.Undeclared);
        var corrected = await world.MakeAsync(State.Validated);
        var questions = Questions(world, draft, corrected).ToList();
        (Who Who, string Path)[] asked =
        [
            .. from who in new[] { Who.Anonymous, Who.Read, Who.DeclareOther, Who.ReviewOther }
               from path in questions
               select (who, path),
            // Its own reviewer sees it from the submission on.
            .. questions.Select(path => (Who.ReviewOwn, path)),
        ];
        var before = await AnswersAsync(world, asked);

        await RewriteAsync(draft, "PUT", "",
            """{ "lines": [{ "ref": "X", "axis": 8, "action": "Secret", "family": "SPECIFIC", "actual": 7654321.09 }] }""");
        Compare(before, await AnswersAsync(world, asked), asked);

        await RewriteAsync(corrected, "POST", "/reopen", """{ "comment": "Secret" }""");
        await RewriteAsync(corrected, "PUT", "",
            """{ "lines": [{ "ref": "X", "axis": 8, "action": "Secret", "family": "SPECIFIC", "actual": 7654321.09 }] }""");
        var strangers = asked.Where(question => question.Who != Who.ReviewOwn).ToArray();
        Compare(before, await AnswersAsync(world, strangers), strangers);
    }

    /// <summary>Every way there is to ask about declarations, directly or by what is counted from them.</summary>
    private static IEnumerable<string> Questions(World world, string draft, string corrected)
    {
        foreach (var filter in new[]
                 {
                     "", "status=DRAFT", "status=CHANGES_REQUESTED,DRAFT,SUBMITTED", "status=VALIDATED&include=lines",
                         "anomaly=VALUED_VERSUS_ABATEMENT",
                     "updatedSince=2020-01-01T00:00:00Z", "department=59", $"landlord={world.Landlord}", "limit=1",
                     "late=true", "late=false",
                 })
            yield return "/v1/declarations?" + filter;
        foreach (var key in new[] { draft, corrected })
        {
            yield return $"/v1/declarations/{key}";
            yield return $"/v1/declarations/{key}/versions";
            for (var version = 1; version <= 6; version++)
                yield return $"/v1/declarations/{key}/versions/{version}";
            yield return $"/v1/holdings/{key}";
        }
        foreach (var status in new[] { "validated", "submitted" })
            foreach (var group in new[] { "", "landlord", "qpv,year", "axis", "department,theme" })
                foreach (var perimeter in new[] { "declared", "all" })
                    yield return $"/v1/indicators?from=2015&to=2024&totals=true&status={status}&groupBy={group}&perimeter={perimeter}".Replace("&groupBy=&", "&");
        yield return "/v1/indicators?from=2015&to=2024&groupBy=qpv&sort=-expense&limit=1";
        yield return "/v1/reports/department?code=59&from=2015&to=2024";
        yield return $"/v1/reports/landlord?code={world.Landlord}&from=2015&to=2024";
        foreach (var group in new[] { "landlord", "department", "epci,year" })
            yield return $"/v1/completeness?from=2015&to=2024&groupBy={group}";
        yield return "/v1/completeness/missing?from=2015&to=2024";
        yield return "/v1/campaigns";
        yield return "/v1/landlords?department=59";
        yield return $"/v1/qpvs?landlord={world.Landlord}";
        yield return "/v1/changes?types=declaration,holding&limit=1000&include=object";
        yield return $"/v1/changes?landlord={world.Landlord}&types=declaration.saved,declaration.reopened,declaration.corrected";
        yield return "/v1/imports";
        yield return "/v1/me";
    }

    private async Task<Dictionary<(Who, string), string>> AnswersAsync(World world, IEnumerable<(Who Who, string Path)> questions)
    {
        var answers = new Dictionary<(Who, string), string>();
        foreach (var (who, path) in questions)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-Request-Id", "same");
            world.Callers.Sign(request, who);
            using var answer = await api.Anonymous.SendAsync(request, Ct);
            // A single resource's ETag is its version; a collection's holds the revision, which tells only that something changed.
            var etag = answer.Headers.ETag?.Tag is { } tag && tag.StartsWith("\"v", StringComparison.Ordinal) ? tag : "";
            // So does the place where the feed goes on.
            var headers = string.Join('\n', answer.Headers.Where(
                header => header.Key is "Link" or "Location" && !path.StartsWith("/v1/changes", StringComparison.Ordinal)));
            answers[(who, path)] = $"{(int)answer.StatusCode} {etag} {headers} "
                + $"{WithoutRevision(await answer.Content.ReadAsStringAsync(Ct))}";
        }
        return answers;
    }

    private static string WithoutRevision(string text)
    {
        var body = JsonNode.Parse(text)!.AsObject();
        body.Remove("revision");
        (body["meta"] as JsonObject)?.Remove("revision");
        if ((string?)body["links"]?["next"] is { } next && next.StartsWith("/v1/changes", StringComparison.Ordinal))
            body.Remove("links");
        return body.ToJsonString();
    }

    private static void Compare(Dictionary<(Who, string), string> before, Dictionary<(Who, string), string> after,
        IEnumerable<(Who, string)> asked) =>
        Assert.Equal("", string.Join('\n', asked.Where(question => before[question] != after[question])
            .Select(question => $"{question}\n  before {before[question]}\n  after  {after[question]}")));

    private async Task RewriteAsync(string key, string method, string step, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/declarations/{key}{step}")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        var isThere = await api.Given.Scalar<bool>(
            "select exists (select from declaration where landlord_siren || '/' || year || '/' || qpv_code = $1)", key);
        if (method == "PUT")
            request.Headers.TryAddWithoutValidation(isThere ? "If-Match" : "If-None-Match", "*");
        using var answer = await api.Admin.SendAsync(request, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
