using System.Text.Json.Nodes;
using GuspApi.Tests.Access;

namespace GuspApi.Tests.Features.Campaigns;

public sealed class CampaignTests(ClockedApi api) : IClassFixture<ClockedApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_created_once_replaced_versioned_and_left_alone_when_nothing_differs()
    {
        const string path = "/v1/campaigns/2031";
        var body = new { opensOn = "2032-01-15", dueOn = "2032-03-31" };

        var (status, created, answer) = await api.Admin.Replace(path, body, ifNoneMatch: "*");
        Assert.Equal((201, "\"v1\"", path), (status, answer.Headers.ETag!.Tag, answer.Headers.Location!.OriginalString));
        Assert.Equal(("2032-01-15", "2032-03-31", null),
            ((string?)created["opensOn"], (string?)created["dueOn"], (string?)created["closesOn"]));
        Assert.Equal(412, (await api.Admin.Replace(path, body, ifNoneMatch: "*")).Status);
        Assert.Equal(1, (int)(await api.Admin.Replace(path, body)).Body["version"]!);
        Assert.Equal(200, (await api.Admin.Replace(path + "?dryRun=true", new { opensOn = "2032-02-01", dueOn = "2032-03-31" })).Status);
        Assert.Equal("2032-01-15", (string?)(await api.Anonymous.Read(path)).Body["opensOn"]);
        Assert.Equal(2, (int)(await api.Admin.Replace(
            path, new { opensOn = "2032-01-15", dueOn = "2032-03-31", closesOn = "2032-04-30" }, ifMatch: "\"v1\"")).Body["version"]!);
        Assert.Equal(412, (await api.Admin.Replace(path, body, ifMatch: "\"v1\"")).Status);

        var writes = (await api.Admin.Read("/v1/audit?objectType=campaign&object=2031")).Body["data"]!.AsArray();
        Assert.Equal(
            ["campaign.updated /v1/campaigns/2031 2", "campaign.created /v1/campaigns/2031 1"],
            writes.Select(write => $"{write!["event"]} {write["object"]!["href"]} {write["object"]!["version"]}"));
        Assert.Equal(2031, (int)(await api.Anonymous.Read("/v1/campaigns?year=2031")).Body["data"]!.AsArray().Single()!["year"]!);
        Assert.Equal(404, (await api.Anonymous.Read("/v1/campaigns/2032")).Status);
    }

    [Fact]
    public async Task Days_that_are_missing_reversed_or_out_of_range_are_refused_all_at_once()
    {
        var (status, problem, _) = await api.Admin.Replace("/v1/campaigns/2033", new { dueOn = "2033-05-01", closesOn = "2033-04-01" });
        Assert.Equal(422, status);
        Assert.Equal(["DAY_INVALID /opensOn", "DAYS_REVERSED /closesOn"], problem["errors"]!.AsArray()
            .Select(error => $"{error!["code"]} {error["pointer"]}"));
        Assert.Equal(422, (await api.Admin.Replace("/v1/campaigns/2033", new { opensOn = "2033-05-02", dueOn = "2033-05-01" })).Status);
        Assert.Equal(422, (await api.Admin.Replace("/v1/campaigns/2033", new { opensOn = "0001-01-01", dueOn = "9999-12-31" })).Status);
        Assert.Equal(400, (await api.Admin.Replace("/v1/campaigns/2033", new { opensOn = "2033-02-30", dueOn = "2033-05-01" })).Status);
        Assert.Equal(400, (await api.Admin.Replace("/v1/campaigns/1999", new { opensOn = "2033-02-20", dueOn = "2033-05-01" })).Status);
    }

    [Fact]
    public async Task Its_state_goes_by_the_day_in_Paris_and_no_cache_outlives_the_day()
    {
        await Campaign(2034, "2024-03-31", "2024-10-27", "2024-12-31");

        // Winter time up to the night of 31 March, summer time up to that of 27 October: days end at 23:00, then 22:00, then 23:00 UTC.
        foreach (var (instant, state) in new[]
                 {
                     ("2024-03-30T22:59:59Z", "UPCOMING"), ("2024-03-30T23:00:00Z", "OPEN"), ("2024-10-27T22:59:59Z", "OPEN"),
                     ("2024-10-27T23:00:00Z", "LATE"), ("2024-12-31T22:59:59Z", "LATE"), ("2024-12-31T23:00:00Z", "CLOSED"),
                 })
        {
            api.Clock.StopAt(instant);
            Assert.Equal((instant, state),
                (instant, (string?)(await api.Anonymous.Read("/v1/campaigns/2034", ifNoneMatch: "\"v1\"")).Body["state"]));
        }

        var tag = (await api.Anonymous.Read("/v1/campaigns?year=2034")).Answer.Headers.ETag!.Tag;
        Assert.Equal(304, (await api.Anonymous.Read("/v1/campaigns?year=2034", ifNoneMatch: tag)).Status);
        api.Clock.StopAt("2025-01-01T23:00:00Z");
        Assert.Equal(200, (await api.Anonymous.Read("/v1/campaigns?year=2034", ifNoneMatch: tag)).Status);
        api.Clock.GoOn();
    }

    [Fact]
    public async Task Whatever_is_first_submitted_after_the_due_day_is_late_and_moving_the_day_moves_the_mark()
    {
        api.Clock.GoOn();
        var today = DateTime.UtcNow.Date;
        string Day(int days) => today.AddDays(days).ToString("yyyy-MM-dd");
        await Campaign(2017, Day(-90), Day(-2), null);
        var landlord = await api.Given.Landlord();
        var keys = new List<string>();
        for (var i = 0; i < 4; i++)
            keys.Add(await Holding(landlord, 2017, $"QP05910{i}"));
        var elsewhere = await Holding(landlord, 2016, "QP059109");

        await api.Admin.Replace($"/v1/declarations/{keys[0]}?submit=true", Lines("A"), ifNoneMatch: "*");
        await Import("submit=true", landlord, 2017, keys[1].Split('/')[2]);
        await api.Admin.Replace($"/v1/declarations/{keys[2]}", Lines("A"), ifNoneMatch: "*");
        await Step(keys[2], "submit");
        await api.Admin.Replace($"/v1/declarations/{keys[3]}", Lines("A"), ifNoneMatch: "*");
        await api.Admin.Replace($"/v1/declarations/{elsewhere}?submit=true", Lines("A"), ifNoneMatch: "*");

        Assert.Equal([true, true, true, null, null], await Late([.. keys, elsewhere]));
        Assert.Equal(3, (int)(await api.Admin.Read($"/v1/declarations?landlord={landlord}&late=true")).Body["meta"]!["total"]!);
        await Campaign(2017, Day(-90), Day(2), null);
        Assert.Equal([false, false, false, null, null], await Late([.. keys, elsewhere]));
        Assert.Equal(3, (int)(await api.Admin.Read($"/v1/declarations?landlord={landlord}&late=false")).Body["meta"]!["total"]!);
        Assert.Equal(0, (int)(await api.Admin.Read($"/v1/declarations?landlord={landlord}&late=true")).Body["meta"]!["total"]!);
    }

    [Theory]
    [InlineData("2024-10-27T22:59:59.999999Z", false)]
    [InlineData("2024-10-27T23:00:00Z", true)]
    public async Task The_due_day_ends_at_midnight_in_Paris_and_the_first_submission_counts(string submitted, bool late)
    {
        api.Clock.GoOn();
        await Campaign(2018, "2024-01-01", "2024-10-27", null);
        var key = await Holding(await api.Given.Landlord(), 2018, late ? "QP059111" : "QP059112");
        await api.Admin.Replace($"/v1/declarations/{key}?submit=true", Lines("A"), ifNoneMatch: "*");
        await api.Given.Sql("""
            update change_set set at = $2::text::timestamptz
            where id = (select change_set_id from declaration where landlord_siren || '/' || year || '/' || qpv_code = $1)
            """, key, submitted);

        await Step(key, "request-changes");
        await Step(key, "submit");

        Assert.Equal([late], await Late(key));
    }

    [Theory]
    [InlineData(2019, "2024-01-14T22:59:59Z", "CAMPAIGN_NOT_OPEN")]
    [InlineData(2021, "2024-04-30T22:00:00Z", "CAMPAIGN_CLOSED")]
    public async Task Before_it_opens_and_once_it_is_closed_a_landlord_writes_nothing(int year, string instant, string code)
    {
        var landlord = await api.Given.Landlord();
        var callers = await Callers.MakeAsync(api, landlord, await api.Given.Landlord());
        var place = year == 2019 ? "QP0591" : "QP0592";
        var absent = await Holding(landlord, year, place + "21");
        var draft = await Holding(landlord, year, place + "22");
        var submitted = await Holding(landlord, year, place + "23");
        await api.Admin.Replace($"/v1/declarations/{draft}", Lines("A"), ifNoneMatch: "*");
        await api.Admin.Replace($"/v1/declarations/{submitted}?submit=true", Lines("A"), ifNoneMatch: "*");
        await Campaign(year, "2024-01-15", "2024-03-31", "2024-04-30");
        Task<(int Status, JsonNode Body)> Own(string method, string path, object? body = null, string? condition = null) =>
            SendAs(callers, Who.DeclareOwn, method, path, body, condition);

        api.Clock.StopAt(instant);
        foreach (var (method, path, body, condition) in new (string, string, object?, string?)[]
                 {
                     ("PUT", $"/v1/declarations/{absent}", Lines("B"), "If-None-Match"),
                     ("PUT", $"/v1/declarations/{absent}?dryRun=true", Lines("B"), "If-None-Match"),
                     ("PUT", $"/v1/declarations/{draft}", Lines("B"), "If-Match"),
                     ("PUT", $"/v1/declarations/{draft}?submit=true", Lines("A"), "If-Match"),
                     ("PUT", $"/v1/declarations/{submitted}?submit=true", Lines("B"), "If-Match"),
                     ("POST", $"/v1/declarations/{draft}/submit", null, null),
                     ("DELETE", $"/v1/declarations/{draft}", null, null),
                 })
        {
            var (status, problem) = await Own(method, path, body, condition);
            Assert.Equal((path, 409, code), (path, status, (string?)problem["code"]));
            Assert.Contains("2024-01-15…2024-04-30", (string?)problem["detail"]);
        }
        var many = await Own("POST", $"/v1/declarations/submit?landlord={landlord}&status=DRAFT");
        Assert.Equal(code, (string?)many.Body["data"]!.AsArray().Single()!["problem"]!["code"]);
        foreach (var mode in new[] { "apply", "validate" })
        {
            var import = await Own("IMPORT", $"/v1/imports?dataset=declarations&mode={mode}",
                File(landlord, year, draft.Split('/')[2], "B"));
            Assert.Equal((mode, 1), (mode, (int)import.Body["outcome"]!["rejected"]!));
            var error = (await Own("GET", (string)import.Body["links"]!["errors"]!)).Body["data"]!.AsArray()
                .Single(error => (string?)error!["severity"] == "ERROR")!;
            Assert.Equal((code, "year", "2024-01-15…2024-04-30"),
                ((string?)error["code"], (string?)error["column"], (string?)error["expected"]));
        }

        // What changes nothing is no write; what it may do is told (a warning may be explained at any time); an administrator is not bound.
        Assert.Equal(200, (await Own("PUT", $"/v1/declarations/{draft}", Lines("A"), "If-Match")).Status);
        Assert.Equal(["justify"], (await Own("GET", $"/v1/declarations/{draft}")).Body["allowedActions"]!.AsArray()
            .Select(step => (string?)step));
        Assert.Equal(200, (await api.Admin.Replace($"/v1/declarations/{draft}?submit=true", Lines("C"), ifMatch: "*")).Status);
        api.Clock.GoOn();
    }

    [Fact]
    public async Task Once_it_is_closed_a_reviewer_goes_on_and_what_it_sends_back_may_be_mended()
    {
        const int year = 2020;
        var landlord = await api.Given.Landlord();
        var callers = await Callers.MakeAsync(api, landlord, await api.Given.Landlord());
        var key = await Holding(landlord, year, "QP059131");
        var path = $"/v1/declarations/{key}";
        await Campaign(year, "2024-01-15", "2024-03-31", "2024-04-30");
        api.Clock.StopAt("2024-04-30T21:59:59Z");
        Assert.Equal(201, (await SendAs(callers, Who.DeclareOwn, "PUT", path + "?submit=true", Lines("A"), "If-None-Match")).Status);
        api.Clock.StopAt("2024-05-02T10:00:00Z");

        async Task Takes(Who who, string method, string of, object? body = null, string? condition = null) =>
            Assert.Equal((of, 200), (of, (await SendAs(callers, who, method, path + of, body, condition)).Status));
        await Takes(Who.ReviewOwn, "POST", "/request-changes", new { comment = "Précisez." });
        Assert.Equal(["save", "submit", "justify"], (await SendAs(callers, Who.DeclareOwn, "GET", path)).Body["allowedActions"]!.AsArray()
            .Select(step => (string?)step));
        await Takes(Who.DeclareOwn, "PUT", "", Lines("B"), "If-Match");
        await Takes(Who.DeclareOwn, "POST", "/submit");
        Assert.Equal(409, (await SendAs(callers, Who.DeclareOwn, "PUT", path, Lines("C"), "If-Match")).Status);
        await Takes(Who.ReviewOwn, "POST", "/validate");
        await Takes(Who.ReviewOwn, "POST", "/reopen", new { comment = "Erreur." });
        var import = await SendAs(callers, Who.DeclareOwn, "IMPORT", "/v1/imports?dataset=declarations&submit=true",
            File(landlord, year, "QP059131", "D"));
        Assert.Equal(("DONE", 1), ((string?)import.Body["state"], (int)import.Body["outcome"]!["updated"]!));
        Assert.Equal("SUBMITTED", (string?)(await SendAs(callers, Who.DeclareOwn, "GET", path)).Body["status"]);
        api.Clock.GoOn();
    }

    private async Task Campaign(int year, string opensOn, string dueOn, string? closesOn)
    {
        var (status, body, _) = await api.Admin.Replace($"/v1/campaigns/{year}", new { opensOn, dueOn, closesOn });
        Assert.True(status is 200 or 201, body.ToJsonString());
    }

    private async Task<string> Holding(string landlord, int year, string qpv)
    {
        await api.Given.Qpv(qpv);
        await api.Given.Holding(landlord, year, qpv);
        return $"{landlord}/{year}/{qpv}";
    }

    private async Task<List<bool?>> Late(params string[] keys)
    {
        var marks = new List<bool?>();
        foreach (var key in keys)
            marks.Add((bool?)(await api.Admin.Read($"/v1/declarations/{key}")).Body["late"]);
        return marks;
    }

    private static object Lines(string action) =>
        new { lines = new[] { new { @ref = "L1", axis = 3, action, family = "SPECIFIC", actual = 10_000 } } };

    private static string File(string landlord, int year, string qpv, string action) =>
        $"landlord_siren;year;qpv_code;ref;axis;action;family;actual\n{landlord};{year};{qpv};L1;3;{action};SPECIFIC;10000\n";

    private async Task Import(string query, string landlord, int year, string qpv)
    {
        var import = await Imports.ImportClient.ImportAsync(api.Admin, "dataset=declarations&" + query, File(landlord, year, qpv, "A"));
        Assert.Equal("DONE", (string?)import["state"]);
    }

    private async Task Step(string key, string step) =>
        Assert.True((await api.Admin.PostAsync($"/v1/declarations/{key}/{step}", null, Ct)).IsSuccessStatusCode, step);

    private async Task<(int Status, JsonNode Body)> SendAs(
        Callers callers, Who who, string method, string path, object? body = null, string? condition = null)
    {
        using var request = new HttpRequestMessage(method == "IMPORT" ? HttpMethod.Post : new HttpMethod(method), path);
        callers.Sign(request, who);
        if (condition is not null)
            request.Headers.TryAddWithoutValidation(condition, "*");
        if (body is string file)
        {
            request.Content = new StringContent(file, System.Text.Encoding.UTF8, "text/csv");
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            request.Headers.Add("Prefer", "wait=30");
        }
        else if (body is not null)
            request.Content = System.Net.Http.Json.JsonContent.Create(body);
        using var answer = await api.Anonymous.SendAsync(request, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        return ((int)answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject());
    }
}
