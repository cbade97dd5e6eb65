using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Model;
using GuspApi.Tests.Access;
using GuspApi.Tests.Features.Imports;
using Npgsql;

namespace GuspApi.Tests.Features.Changes;

/// <summary>What the feed tells, in which order, and from where it goes on.</summary>
public sealed class ChangeFeedTests(Api api) : IClassFixture<Api>
{
    private static int s_qpv = 100;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_step_of_a_declaration_is_told_once_in_order_with_its_place_its_revision_and_its_path()
    {
        var key = await HeldAsync();
        var path = "/v1/declarations/" + key;
        await SaveAsync(path, 1, isNew: true);
        await SaveAsync(path, 2);
        await StepAsync(path, "submit");
        await SaveAsync(path, 3);
        await StepAsync(path, "submit");
        await StepAsync(path, "request-changes");
        await SaveAsync(path, 4);
        await StepAsync(path, "submit");
        await StepAsync(path, "validate");
        await StepAsync(path, "reopen");

        var events = await EventsAsync($"types=declaration&landlord={key[..9]}");

        Assert.Equal(
            ["saved", "saved", "submitted", "withdrawn", "submitted", "changes_requested", "corrected", "submitted",
                "validated", "reopened"],
            events.Select(change => ((string)change["type"]!).Replace("declaration.", "")));
        Assert.Equal(Enumerable.Range(1, 10), events.Select(change => (int)change["object"]!["version"]!));
        Assert.Equal(events.Select(Revision).Order().Distinct(), events.Select(Revision));
        Assert.Equal(10, events.Select(change => (string)change["cursor"]!).Distinct().Count());
        Assert.All(events, change => Assert.Equal(
            ("declaration", key, path), ((string)change["object"]!["type"]!, (string)change["object"]!["key"]!,
                (string)change["object"]!["href"]!)));
    }

    [Fact]
    public async Task What_is_deleted_is_told_and_a_write_that_changes_nothing_is_not()
    {
        var key = await HeldAsync();
        await SaveAsync("/v1/declarations/" + key, 1, isNew: true);
        await SaveAsync("/v1/declarations/" + key, 1);
        Assert.Equal(204, (await api.Admin.Remove("/v1/declarations/" + key)).Status);
        Assert.Equal(204, (await api.Admin.Remove("/v1/holdings/" + key)).Status);

        var events = await EventsAsync($"types=declaration,holding&landlord={key[..9]}&include=object");

        Assert.Equal(["holding.created", "declaration.saved", "declaration.deleted", "holding.deleted"],
            events.Select(change => (string)change["type"]!));
        Assert.All(events, change => Assert.Null(change["object"]!["content"]));
    }

    [Fact]
    public async Task Imports_and_steps_for_many_are_told_too_one_revision_each()
    {
        var siren = await api.Given.Landlord();
        var qpvs = new[] { await QpvAsync(), await QpvAsync(), await QpvAsync() };
        foreach (var qpv in qpvs)
            await api.Given.Holding(siren, 2024, qpv);
        var import = await ImportClient.ImportAsync(api.Admin, "dataset=declarations&submit=true",
            ImportClient.Header + "\n" + string.Concat(qpvs.Select(qpv => $"{siren};2024;{qpv};L1;3;Action;SPECIFIC;7\n")));
        Assert.Equal("DONE", (string)import["state"]!);
        using var validated = await api.Admin.PostAsync($"/v1/declarations/validate?landlord={siren}", null, Ct);
        Assert.Equal(200, (int)validated.StatusCode);

        var events = await EventsAsync($"types=declaration&landlord={siren}");

        Assert.Equal(qpvs.Concat(qpvs), events.Select(change => ((string)change["object"]!["key"]!)[^8..]));
        Assert.Equal([("declaration.submitted", 3), ("declaration.validated", 3)],
            events.GroupBy(change => ((string)change["type"]!, Revision(change))).Select(set => (set.Key.Item1, set.Count())));
    }

    [Fact]
    public async Task Pages_of_any_size_give_the_same_events_and_the_last_leads_on()
    {
        var key = await HeldAsync();
        for (var amount = 1; amount <= 4; amount++)
            await SaveAsync("/v1/declarations/" + key, amount, isNew: amount == 1);
        await ImportClient.ImportAsync(api.Admin, "dataset=landlords",
            "siren;name;family\n" + string.Concat(
                Enumerable.Range(20_000_001, 7).Select(number => $"{Siren.Complete($"{number}")};Bailleur;ESH\n")));

        var all = await EventsAsync("limit=1000");
        foreach (var limit in new[] { 1, 2, 3, 7 })
            Assert.Equal(all.Select(Cursor), (await EventsAsync($"limit={limit}")).Select(Cursor));

        // Whatever page an event was on, its cursor goes on behind it, with any other limit, filter or wait.
        var place = Cursor(all[^3]);
        Assert.Equal(all[^2..].Select(Cursor), (await EventsAsync($"limit=1&after={place}")).Select(Cursor));
        Assert.Equal(all[^2..].Select(Cursor), (await EventsAsync($"types=landlord&after={place}")).Select(Cursor));

        var (_, end, answer) = await api.Admin.Read($"/v1/changes?limit=5&after={Cursor(all[^1])}");
        Assert.Empty(end["data"]!.AsArray());
        Assert.True((bool)end["meta"]!["complete"]!);
        Assert.Equal($"<{end["links"]!["next"]}>; rel=\"next\"", answer.Headers.GetValues("Link").Single());
        await api.Given.Landlord();
        var next = await ImportClient.ReadAsync(api.Admin, (string)end["links"]!["next"]!);
        Assert.Equal("landlord.created", (string)Assert.Single(next["data"]!.AsArray())!["type"]!);
    }

    [Fact]
    public async Task A_late_commit_comes_after_what_was_read_meanwhile()
    {
        var (early, late) = (await api.Given.Landlord(), await api.Given.Landlord());
        var start = await EndAsync();
        await using var connection = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var rename = new NpgsqlCommand($"update landlord set name = 'Tard', version = 2 where siren = '{late}'", connection))
            await rename.ExecuteNonQueryAsync(Ct);
        await api.Given.Sql("update landlord set name = 'Tôt', version = 2 where siren = $1", early);

        var first = await ImportClient.ReadAsync(api.Admin, start);
        Assert.Equal(early, (string)Assert.Single(first["data"]!.AsArray())!["object"]!["key"]!);
        await transaction.CommitAsync(Ct);

        var second = await ImportClient.ReadAsync(api.Admin, (string)first["links"]!["next"]!);
        Assert.Equal(late, (string)Assert.Single(second["data"]!.AsArray())!["object"]!["key"]!);
    }

    [Fact]
    public async Task Filters_by_type_landlord_and_departement_combine()
    {
        var here = await HeldAsync();
        var siren = await api.Given.Landlord();
        var elsewhere = await api.Given.Qpv($"QP062{Interlocked.Increment(ref s_qpv):000}", "Ailleurs", "62041");
        await api.Given.Holding(siren, 2024, elsewhere);
        await api.Given.Declaration(siren, 2024, elsewhere, "VALIDATED", 5);

        Assert.Equal(
            ["landlord.created " + siren, $"holding.created {siren}/2024/{elsewhere}", $"declaration.validated {siren}/2024/{elsewhere}"],
            await TellAsync($"landlord={siren}"));
        Assert.Equal([$"holding.created {siren}/2024/{elsewhere}"],
            await TellAsync($"landlord={siren},{here[..9]}&department=62&types=holding.created"));
        Assert.Equal(["qpv.created " + elsewhere], await TellAsync("department=62&types=qpv"));
        Assert.Empty(await TellAsync($"landlord={siren}&department=59"));

        var (_, unknown, _) = await api.Admin.Read(
            "/v1/changes?landlord=999999998&department=2B&after=" + Cursor((await EventsAsync("limit=1000"))[^1]));
        Assert.Equal(["landlord: 999999998 does not exist."], unknown["meta"]!["warnings"]!.AsArray().Select(warning => (string)warning!));
    }

    [Fact]
    public async Task Objects_come_as_their_own_GET_gives_them()
    {
        var key = await HeldAsync();
        await SaveAsync("/v1/declarations/" + key, 1, isNew: true);
        await SaveAsync("/v1/declarations/" + key, 2);
        var qpv = key.Split('/')[2];
        await api.Given.Sql("""
            update qpv set version = 2, min_longitude = 3, max_longitude = 4, min_latitude = 50, max_latitude = 51,
              geometry = '{"type":"Polygon","coordinates":[[[3,50],[4,50],[4,51],[3,50]]]}' where code = $1
            """, qpv);
        await api.Given.Sql(
            "insert into project (title, description, objectives, partners, landlord_name, version, source) values ('Titre', 'Texte', "
                + "'{}', '{}', 'Bailleur', 1, 'Test')");

        var events = await EventsAsync("limit=1000&include=object");

        Assert.Equal(["declaration", "holding", "landlord", "project", "qpv"], events.Select(change => (string)change["object"]!["type"]!)
            .Distinct().Order());
        foreach (var change in events)
        {
            var (status, expected, _) = await api.Admin.Read((string)change["object"]!["href"]!);
            Assert.Equal(status == 404 ? null : expected.ToJsonString(), change["object"]!["content"]?.ToJsonString());
        }
        Assert.All(await EventsAsync("limit=10"), change => Assert.Null(change["object"]!["content"]));
    }

    [Fact]
    public async Task What_is_said_of_a_draft_is_not_told_to_its_reviewers()
    {
        var start = await EndAsync();
        var key = await HeldAsync();
        var reviewer = await api.Key(new { name = "Instruction", scopes = new[] { "review" }, departments = new[] { "59" } });
        var path = "/v1/declarations/" + key;
        await SaveAsync(path, 1, isNew: true);
        Assert.Equal(200, (await api.Admin.Replace(path + "/anomalies/QUALITATIVE_REVIEW_MISSING", new { comment = "En cours." })).Status);
        await StepAsync(path, "submit");
        Assert.Equal(200, (await api.Admin.Replace(path + "/anomalies/QUALITATIVE_REVIEW_MISSING", new { comment = "À venir." })).Status);

        var (_, page, _) = await reviewer.Read(start + "&types=declaration");

        Assert.Equal(
            ["declaration.submitted 3", "declaration.justified 4"],
            page["data"]!.AsArray().Select(change => $"{change!["type"]} {change["object"]!["version"]}"));
    }

    [Fact]
    public async Task Each_caller_is_told_what_changes_what_it_sees_and_nothing_else()
    {
        var start = await EndAsync();
        var (key, deleted) = (await HeldAsync(), await HeldAsync());
        var callers = await Callers.MakeAsync(api, key[..9], deleted[..9]);
        await SaveAsync("/v1/declarations/" + deleted, 1, isNew: true);
        Assert.Equal(204, (await api.Admin.Remove("/v1/declarations/" + deleted)).Status);
        var path = "/v1/declarations/" + key;
        await SaveAsync(path, 1, isNew: true);
        await StepAsync(path, "submit");
        await SaveAsync(path, 2);
        await SaveAsync(path, 3);

        // Taken back before anyone validated it: its reviewer sees it no more, and is told so.
        Assert.Equal(["submitted -", "withdrawn -"], await ToldAsync(Who.ReviewOwn));
        Assert.Equal(["saved 4", "submitted 4", "withdrawn 4", "saved 4"], await ToldAsync(Who.DeclareOwn));
        Assert.Empty(await ToldAsync(Who.Read));

        await StepAsync(path, "submit");
        await StepAsync(path, "validate");
        await StepAsync(path, "reopen");
        await SaveAsync(path, 4);
        await StepAsync(path, "submit");
        await SaveAsync(path, 5);
        // Taken back after it was validated once: its reviewer sees the validated version again.
        Assert.Equal(
            ["submitted 6", "withdrawn 6", "submitted 6", "validated 6", "reopened 6", "corrected 6", "submitted 6", "withdrawn 6"],
            await ToldAsync(Who.ReviewOwn));
        foreach (var who in new[] { Who.Read, Who.DeclareOther, Who.ReviewOther })
            Assert.Equal(["validated 6"], await ToldAsync(who));
        Assert.Equal(await ToldAsync(Who.Admin), await ToldAsync(Who.DeclareAndReviewOwn));
        Assert.Equal(["saved -", "deleted -"], await ToldAsync(Who.DeclareOther, deleted));
        foreach (var who in new[] { Who.Read, Who.DeclareOwn, Who.ReviewOwn })
            Assert.Empty(await ToldAsync(who, deleted));

        async Task<IEnumerable<string>> ToldAsync(Who who, string? of = null)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get, $"{start}&types=declaration&include=object&landlord={(of ?? key)[..9]}");
            callers.Sign(request, who);
            using var answer = await api.Anonymous.SendAsync(request, Ct);
            var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
            return page["data"]!.AsArray().Select(
                change => $"{((string)change!["type"]!)[12..]} {(string?)change["object"]!["content"]?["version"]?.ToString() ?? "-"}");
        }
    }

    [Fact]
    public async Task What_cannot_be_understood_is_refused_with_what_is_allowed()
    {
        await api.Given.Landlord();
        var cursor = Cursor((await EventsAsync("limit=1000"))[0]);
        var altered = cursor[..^1] + (cursor[^1] == 'A' ? 'B' : 'A');
        var (_, list, _) = await api.Admin.Read("/v1/landlords?limit=1");
        var foreign = ((string?)list["links"]!["next"])?.Split("cursor=")[1];

        var (status, problem, _) = await api.Admin.Read(
            $"/v1/changes?types=declaration.submitted,declaration.sent&after={altered}&wait=31&limit=0&include=lines");

        Assert.Equal(400, status);
        var errors = problem["errors"]!.AsArray().ToDictionary(error => (string)error!["parameter"]!, error => error!);
        Assert.Equal(["after", "include", "limit", "types", "wait"], errors.Keys.Order());
        Assert.Equal("declaration.sent", (string)errors["types"]["value"]!);
        Assert.Contains("declaration.submitted, declaration.withdrawn", (string)errors["types"]["expected"]!);
        foreach (var wrong in new[] { "", "x", foreign ?? "x", cursor + "A" })
            Assert.Equal((400, "INVALID_PARAMETER"), await CodeAsync($"/v1/changes?after={wrong}"));

        var ahead = new GuspApi.Http.Cursor(["9999999", "1"], "changes").ToString();
        Assert.Equal((400, "CURSOR_AHEAD"), await CodeAsync($"/v1/changes?after={ahead}"));
    }

    [Fact]
    public async Task Whoever_is_told_of_little_among_much_moves_on_by_empty_pages()
    {
        var far = await api.Given.Landlord();
        var start = await EndAsync();
        await api.Given.Sql("update landlord set version = 2 where siren = $1", far);
        // As many writes of others as two windows and a half hold, put in place without the wait that 50 000 commits take.
        await api.Given.Sql("""
            set session_replication_role = replica;
            insert into change_set (actor, revision, at)
            select 'test', r + n, t + n * interval '1 microsecond'
            from (select max(revision) as r, max(at) as t from change_set) last, generate_series(1, 50000) n;
            reset session_replication_role;
            """);
        await api.Given.Sql("update landlord set version = 3 where siren = $1", far);

        var (next, pages, versions) = (start + $"&landlord={far}", 0, new List<int>());
        while (true)
        {
            var page = await ImportClient.ReadAsync(api.Admin, next);
            pages++;
            versions.AddRange(page["data"]!.AsArray().Select(change => (int)change!["object"]!["version"]!));
            if ((bool)page["meta"]!["complete"]!)
                break;
            next = (string)page["links"]!["next"]!;
        }
        Assert.Equal([2, 3], versions);
        Assert.Equal(3, pages);
    }

    private static string Cursor(JsonNode change) => (string)change["cursor"]!;

    private static long Revision(JsonNode change) => (long)change["revision"]!;

    /// <summary>Where the feed ends now.</summary>
    private async Task<string> EndAsync()
    {
        await api.Given.Landlord();
        return "/v1/changes?after=" + Cursor((await EventsAsync("limit=1000"))[^1]);
    }

    private async Task<List<JsonNode>> EventsAsync(string query)
    {
        var events = new List<JsonNode>();
        for (var next = "/v1/changes?" + query; ;)
        {
            var page = await ImportClient.ReadAsync(api.Admin, next);
            events.AddRange(page["data"]!.AsArray().Select(change => change!));
            if ((bool)page["meta"]!["complete"]!)
                return events;
            next = (string)page["links"]!["next"]!;
        }
    }

    private async Task<IEnumerable<string>> TellAsync(string query) =>
        (await EventsAsync(query)).Select(change => $"{change["type"]} {change["object"]!["key"]}");

    private async Task<(int, string)> CodeAsync(string path)
    {
        var (status, problem, _) = await api.Admin.Read(path);
        return (status, (string)problem["errors"]![0]!["code"]!);
    }

    private async Task<string> QpvAsync() => await api.Given.Qpv($"QP059{Interlocked.Increment(ref s_qpv):000}");

    /// <summary>The key of a holding of a landlord of its own.</summary>
    private async Task<string> HeldAsync()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await QpvAsync());
        await api.Given.Holding(siren, 2024, qpv);
        return $"{siren}/2024/{qpv}";
    }

    private async Task SaveAsync(string path, decimal amount, bool isNew = false)
    {
        var lines = new[] { new { @ref = "L1", axis = 3, action = "Action", family = "SPECIFIC", actual = amount } };
        var (status, body, _) = await api.Admin.Replace(path, new { lines }, ifMatch: isNew ? null : "*", ifNoneMatch: isNew ? "*" : null);
        Assert.True(status is 200 or 201, body.ToJsonString());
    }

    private async Task StepAsync(string path, string step)
    {
        using var answer = await api.Admin.PostAsJsonAsync($"{path}/{step}", new { comment = "Vu." }, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
