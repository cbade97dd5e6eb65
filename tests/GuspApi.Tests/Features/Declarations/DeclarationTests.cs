using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Auth;
using GuspApi.Features.Declarations;
using GuspApi.Model;

namespace GuspApi.Tests.Features.Declarations;

public sealed class DeclarationTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static int lastQpv;

    private const string Line =
        """{"ref":"L1","axis":3,"action":"Sur-entretien","family":"SPECIFIC","actual":10000.50,"qualitativeReview":"Bien"}""";

    [Fact]
    public async Task Creates_reads_replaces_and_notices_that_nothing_changed()
    {
        var path = await Holding();

        var created = await Put(path, Lines(Line), ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("\"v1\"", created.Headers.ETag!.Tag);
        Assert.Equal(path, created.Headers.Location!.OriginalString);

        var read = await Json(await api.Admin.GetAsync(path, Ct));
        Assert.Equal(10000.50m, (decimal)read["totals"]!["actual"]!);
        Assert.Equal("DRAFT", (string?)read["status"]);
        Assert.Equal("save, submit, delete, justify", string.Join(", ", read["allowedActions"]!.AsArray().Select(step => (string?)step)));
        Assert.Equal("VALUED_VERSUS_ABATEMENT", (string?)read["anomalies"]!.AsArray().Single()!["code"]);
        Assert.Equal(HttpStatusCode.NotModified, (await Send(HttpMethod.Get, path, null, ("If-None-Match", "\"v1\""))).StatusCode);

        var same = await Put(path, read.ToJsonString(), ("If-Match", "\"v1\""));
        Assert.Equal((HttpStatusCode.OK, "\"v1\""), (same.StatusCode, same.Headers.ETag!.Tag));
        var changed = await Put(path, Lines(Line, Line.Replace("L1", "L2").Replace("Sur-", "Autre ")), ("If-Match", "\"v1\""));
        Assert.Equal((HttpStatusCode.OK, "\"v2\""), (changed.StatusCode, changed.Headers.ETag!.Tag));
        await Refused(await Put(path, Lines(Line), ("If-Match", "\"v1\"")), 412, "PRECONDITION_FAILED");
        await Refused(await Put(path, Lines(Line), ("If-None-Match", "*")), 412, "PRECONDITION_FAILED");
        await Refused(await Put(path, Lines(Line)), 428, "PRECONDITION_REQUIRED");
    }

    [Fact]
    public async Task Goes_through_the_workflow_and_keeps_every_version()
    {
        var path = await Holding();
        await Put(path, Lines(Line), ("If-None-Match", "*"));

        Assert.Equal("SUBMITTED", await Step(path, "submit"));
        var refusal = await Refused(await Post(path + "/submit"), 409, "FORBIDDEN_TRANSITION");
        Assert.Equal(["save", "validate", "request-changes"], refusal["allowedActions"]!.AsArray().Select(step => (string?)step));
        Assert.Equal("CHANGES_REQUESTED", await Step(path, "request-changes", """{"comment":"Précisez"}"""));
        Assert.Equal("SUBMITTED", await Step(path, "submit"));
        Assert.Equal("VALIDATED", await Step(path, "validate"));
        await Refused(await Put(path, Lines(), ("If-Match", "\"v5\"")), 409, "DECLARATION_VALIDATED");
        Assert.Equal("\"v5\"", (await Put(path, Lines(Line), ("If-Match", "\"v5\""))).Headers.ETag!.Tag);
        await Refused(await Post(path + "/reopen"), 422, "RULES_BROKEN");
        await Refused(await Send(HttpMethod.Post, path + "/reopen", """{"comment":"x"}""", ("If-Match", "\"v1\"")),
            412, "PRECONDITION_FAILED");
        Assert.Equal("CHANGES_REQUESTED", await Step(path, "reopen", """{"comment":"Erreur de saisie"}"""));
        await Put(path, Lines(), ("If-Match", "\"v6\""));

        var current = await Json(await api.Admin.GetAsync(path, Ct));
        Assert.Equal((7, 5, 0m), ((int)current["version"]!, (int)current["validatedVersion"]!, (decimal)current["totals"]!["actual"]!));
        var versions = await Json(await api.Admin.GetAsync(path + "/versions", Ct));
        Assert.Equal(
            "SAVED SUBMITTED CHANGES_REQUESTED SUBMITTED VALIDATED REOPENED SAVED",
            string.Join(' ', versions["data"]!.AsArray().Select(version => (string?)version!["action"])));
        Assert.Single((await Json(await api.Admin.GetAsync(path + "/versions/5", Ct)))["lines"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Admin.GetAsync(path + "/versions/99", Ct)).StatusCode);
    }

    [Fact]
    public async Task Saving_a_submitted_one_makes_it_a_draft_unless_it_is_submitted_at_once()
    {
        var path = await Holding();
        var submitted = await Put(path + "?submit=true", Lines(Line), ("If-None-Match", "*"));
        Assert.Equal("SUBMITTED", (string?)(await Json(submitted))["status"]);

        Assert.Equal("DRAFT", (string?)(await Json(await Put(path, Lines(), ("If-Match", "\"v1\""))))["status"]);
        Assert.Equal("SUBMITTED", (string?)(await Json(await Put(path + "?submit=true", Lines(), ("If-Match", "\"v2\""))))["status"]);
        await Refused(await Send(HttpMethod.Delete, path, null), 409, "FORBIDDEN_TRANSITION");
    }

    [Fact]
    public async Task A_deleted_draft_is_gone_and_its_numbers_go_on()
    {
        var path = await Holding();
        await Put(path, Lines(Line), ("If-None-Match", "*"));

        Assert.Equal(HttpStatusCode.NoContent, (await Send(HttpMethod.Delete, path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Admin.GetAsync(path, Ct)).StatusCode);
        var revived = await Put(path, Lines(Line), ("If-None-Match", "*"));
        Assert.Equal((HttpStatusCode.Created, "\"v3\""), (revived.StatusCode, revived.Headers.ETag!.Tag));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var path = await Holding();

        var forecast = await Json(await Put(path + "?dryRun=true", Lines(Line), ("If-None-Match", "*")));

        Assert.Equal("created", (string?)forecast["outcome"]);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Admin.GetAsync(path, Ct)).StatusCode);
    }

    [Fact]
    public async Task Rules_are_told_all_at_once_with_pointers()
    {
        var path = await Holding();
        var problem = await Refused(
            await Put(
                path + "?submit=true",
                Lines(
                    Line, Line.Replace("\"axis\":3", "\"axis\":9"),
                    """{"ref":"L3","axis":1,"action":"a","family":"SPECIFIC","actual":1.005,"planned":-1}""",
                    """{"ref":"L4","axis":1,"action":"a","family":"SPECIFIC","actual":5,"valued":6,"landlordFunding":4}""", "{}"),
                ("If-None-Match", "*")),
            422, "RULES_BROKEN");

        Assert.Equal(
            [
                "AXIS_UNKNOWN /lines/1/axis", "DUPLICATE_REF /lines/1/ref", "AMOUNT_OUT_OF_RANGE /lines/2/planned",
                "AMOUNT_DECIMALS /lines/2/actual",
                "FUNDING_MISMATCH /lines/3/landlordFunding", "VALUED_ABOVE_ACTUAL /lines/3/valued", "REQUIRED /lines/4/ref",
                "REQUIRED /lines/4/axis",
                "REQUIRED /lines/4/action", "REQUIRED /lines/4/family", "REQUIRED /lines/4/actual",
            ],
            problem["errors"]!.AsArray().Select(error => $"{error!["code"]} {error["pointer"]}"));
    }

    [Fact]
    public async Task Unknown_landlord_qpv_future_year_and_missing_holding()
    {
        var problem = await Refused(await Put("/v1/declarations/732829320/2099/QP999999", Lines(), ("If-None-Match", "*")), 422,
            "RULES_BROKEN");
        Assert.Equal(
            ["LANDLORD_UNKNOWN", "QPV_UNKNOWN", "YEAR_OUT_OF_RANGE"], problem["errors"]!.AsArray()
                .Select(error => (string?)error!["code"]).Order());

        var landlord = await api.Given.Landlord(from: 2024);
        var qpv = await api.Given.Qpv("QN05988M");
        problem = await Refused(
            await Put($"/v1/declarations/{landlord}/2023/{qpv}?submit=true", Lines(), ("If-None-Match", "*")), 422, "RULES_BROKEN");
        Assert.Equal(
            ["HOLDING_MISSING", "LANDLORD_INACTIVE", "QPV_GENERATION"], problem["errors"]!.AsArray()
                .Select(error => (string?)error!["code"]).Order());
        var draft = await Put($"/v1/declarations/{landlord}/2023/{qpv}", Lines(), ("If-None-Match", "*"));
        Assert.Equal(3, (await Json(draft))["anomalies"]!.AsArray().Count(anomaly => (string?)anomaly!["severity"] == "ERROR"));
    }

    [Theory]
    [InlineData("""{"lines":[""", "")]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("""{"lines":{}}""", "/lines")]
    [InlineData("""{"lines":[1]}""", "/lines/0")]
    [InlineData("""{"lines":[{"actual":1e400}]}""", "/lines/0/actual")]
    [InlineData("""{"lines":[{"actual":"12"}]}""", "/lines/0/actual")]
    [InlineData("""{"lines":[{"axis":1.5}]}""", "/lines/0/axis")]
    [InlineData("""{"lines":[{"family":1}]}""", "/lines/0/family")]
    [InlineData("""{"lines":[{"family":"OTHER"}]}""", "/lines/0/family")]
    [InlineData("""{"lines":[{"ref":"a\u0000b"}]}""", "/lines/0/ref")]
    [InlineData("""{"lines":[{"ref":"\ud800"}]}""", "/lines/0/ref")]
    [InlineData("""{"lines":[{"montant":1}]}""", "/lines/0/montant")]
    public async Task A_body_out_of_form_is_400_with_its_pointer(string body, string pointer)
    {
        var problem = await Refused(await Put(await Holding(), body, ("If-None-Match", "*")), 400, "INVALID_BODY");
        Assert.Equal(pointer, (string?)problem["errors"]!.AsArray().Single()!["pointer"]);
    }

    [Fact]
    public async Task Deep_nesting_wrong_type_and_wrong_keys_are_refused()
    {
        var path = await Holding();
        await Refused(await Put(path, new string('[', 10_000), ("If-None-Match", "*")), 400, "INVALID_BODY");
        await Refused(await Put($"/v1/declarations/{new string('1', 300)}/2022/QP059001", Lines(), ("If-None-Match", "*")),
            400, "INVALID_PARAMETERS");
        await Refused(await Put("/v1/declarations/123456789/2022/QP059001", Lines(), ("If-None-Match", "*")), 400, "INVALID_PARAMETERS");
        await Refused(await api.Admin.GetAsync("/v1/declarations?status=DELETED&anomaly=x&limit=-1&yeer=2022", Ct),
            400, "INVALID_PARAMETERS");
        using var text = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        text.Headers.Add("If-None-Match", "*");
        await Refused(await api.Admin.SendAsync(text, Ct), 415, "UNSUPPORTED_MEDIA_TYPE");
        await Refused(await api.Anonymous.GetAsync(path, Ct), 401, "UNAUTHORIZED");
        await Refused(await Send(HttpMethod.Patch, path, "{}"), 405, "METHOD_NOT_ALLOWED");
    }

    [Fact]
    public async Task Lists_by_filters_in_pages()
    {
        var landlord = await api.Given.Landlord();
        foreach (var year in new[] { 2020, 2021, 2022 })
        {
            var qpv = await api.Given.Qpv(NextQpv());
            await api.Given.Holding(landlord, year, qpv, method: "ESTIMATE");
            await api.Given.Declaration(landlord, year, qpv, year == 2022 ? "VALIDATED" : "DRAFT", 10_000m, 5_000m);
        }

        var first = await Json(await api.Admin.GetAsync(
            $"/v1/declarations?landlord={landlord}&include=lines&limit=2&department=59&commune=59350", Ct));
        Assert.Equal((3, 2), ((int)first["meta"]!["total"]!, first["data"]!.AsArray().Count));
        Assert.Equal(2, first["data"]![0]!["lines"]!.AsArray().Count);
        var second = await Json(await api.Admin.GetAsync((string)first["links"]!["next"]!, Ct));
        Assert.Equal(2022, (int)second["data"]!.AsArray().Single()!["year"]!);

        Assert.Equal(1, await Total($"landlord={landlord}&status=VALIDATED"));
        Assert.Equal(2, await Total($"landlord={landlord}&year=2020,2021&anomaly=ABATEMENT_ESTIMATED"));
        Assert.Equal(0, await Total($"landlord={landlord}&anomaly=HOLDING_MISSING"));
        Assert.Equal(0, await Total($"landlord={landlord}&updatedSince=2090-01-01T00:00:00Z"));
        Assert.Equal(0, await Total($"landlord={landlord}&epci=732829320"));
    }

    [Fact]
    public async Task Takes_a_step_for_many_and_answers_for_each()
    {
        var landlord = await api.Given.Landlord();
        var qpvs = new[] { await api.Given.Qpv(NextQpv()), await api.Given.Qpv(NextQpv()), await api.Given.Qpv(NextQpv()) };
        await api.Given.Holding(landlord, 2022, qpvs[0]);
        await api.Given.Declaration(landlord, 2022, qpvs[0], "DRAFT", 100m);
        await api.Given.Declaration(landlord, 2022, qpvs[1], "DRAFT", 100m);
        await api.Given.Declaration(landlord, 2022, qpvs[2], "VALIDATED", 100m);

        var answer = await Json(await Post($"/v1/declarations/submit?landlord={landlord}"));

        Assert.Equal(
            ["done SUBMITTED ", "refused DRAFT RULES_BROKEN", "refused VALIDATED FORBIDDEN_TRANSITION"],
            answer["data"]!.AsArray().Select(step => $"{step!["outcome"]} {step["status"]} {step["problem"]?["code"]}"));
        Assert.Equal((1, 2), ((int)answer["meta"]!["done"]!, (int)answer["meta"]!["refused"]!));
    }

    /// <summary>Everybody sees what is published: a step for many must not wait for it, nor make its owners wait.</summary>
    [Fact]
    public async Task A_step_for_many_locks_what_the_caller_may_step_alone()
    {
        var (own, other, qpv) = (await api.Given.Landlord(), await api.Given.Landlord(), await api.Given.Qpv(NextQpv()));
        await api.Given.Holding(own, 2023, qpv);
        await api.Given.Declaration(own, 2023, qpv, "DRAFT", 100m);
        await api.Given.Declaration(other, 2023, qpv, "VALIDATED", 100m);
        var key = await Json(await Post("/v1/keys", $$"""{ "name": "ETL", "scopes": ["declare"], "landlords": ["{{own}}"] }"""));
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var transaction = await held.BeginTransactionAsync(Ct);
        await using var hold = held.CreateCommand();
        hold.CommandText = $"select from declaration where landlord_siren = '{other}' for update";
        await hold.ExecuteNonQueryAsync(Ct);

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/declarations/submit?qpv={qpv}")
        {
            Headers = { { "Authorization", $"Bearer {key["key"]}" } },
        };
        var answer = await Json(await api.Anonymous.SendAsync(request, Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct));

        Assert.Equal(
            [$"{own}/2023/{qpv} done ", $"{other}/2023/{qpv} refused FORBIDDEN"],
            answer["data"]!.AsArray().Select(step => $"{step!["key"]} {step["outcome"]} {step["problem"]?["code"]}"));
    }

    [Fact]
    public async Task A_step_for_too_many_is_refused_whole()
    {
        var landlord = await api.Given.Landlord();
        await api.Given.Sql("""
            insert into qpv (code, name, generation, department_code, version)
            select 'QP' || lpad((80000 + n)::text, 6, '0'), 'Quartier', 2015, '80', 1 from generate_series(1, 1001) n
            """);
        await api.Given.Sql("""
            insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version, ever_submitted)
            select $1, year, code, 'SUBMITTED', 'SUBMITTED', 1, 1, true
            from qpv, generate_series(2015, 2024) year where department_code = '80'
            """, landlord);

        var problem = await Refused(await Post("/v1/declarations/validate?department=80"), 400, "INVALID_PARAMETERS");

        Assert.Equal("FILTER_TOO_WIDE", (string?)problem["errors"]![0]!["code"]);
        Assert.Equal(10_010L, await api.Given.Scalar<long>(
            "select count(*) from declaration where landlord_siren = $1 and status = 'SUBMITTED'", landlord));
        Assert.Equal(1001, (int)(await Json(await Post($"/v1/declarations/validate?department=80&year=2024")))["meta"]!["done"]!);
    }

    /// <summary>Once submitted, what the landlord corrects is part of the review: its reviewer reads it as it stands.</summary>
    [Fact]
    public async Task A_reviewer_sees_what_is_saved_while_changes_are_requested()
    {
        var path = await Holding();
        await Put(path + "?submit=true", Lines(Line), ("If-None-Match", "*"));
        await Step(path, "request-changes", """{"comment":"Précisez"}""");
        await Put(path, Lines(Line.Replace("10000.50", "9000")), ("If-Match", "\"v2\""));
        var key = await Json(await Post("/v1/keys", """{ "name": "DDTM", "scopes": ["review"], "departments": ["59"] }"""));

        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {key["key"]}" } } };
        var seen = await Json(await api.Anonymous.SendAsync(request, Ct));

        Assert.Equal(
            (3, "CHANGES_REQUESTED", 9000m),
            ((int)seen["version"]!, (string?)seen["status"], (decimal)seen["totals"]!["actual"]!));
    }

    [Fact]
    public async Task A_reader_sees_the_validated_version_of_a_reopened_declaration()
    {
        var path = await Holding();
        await Put(path + "?submit=true", Lines(Line), ("If-None-Match", "*"));
        var key = new DeclarationKey(path.Split('/')[3], 2022, path.Split('/')[5]);
        Assert.Null(await Seen(new("reader", true, false, false, false, [], []), key));
        Assert.NotNull(await Seen(new("reviewer", false, false, true, false, [], ["59"]), key));
        Assert.Null(await Seen(new("reviewer elsewhere", false, false, true, false, [], ["62"]), key));
        await Step(path, "validate");
        await Step(path, "reopen", """{"comment":"Erreur"}""");
        await Put(path, Lines(), ("If-Match", "\"v3\""));

        var reader = await Seen(new("reader", true, false, false, false, [], []), key);
        var owner = await Seen(new("owner", false, true, false, false, [key.LandlordSiren], []), key);

        Assert.Equal((2, DeclarationStatus.Validated, 10000.50m), (reader!.Version, reader.Status, reader.Totals.Actual));
        Assert.Empty(reader.AllowedActions);
        Assert.Empty(reader.Anomalies);
        Assert.Equal((4, DeclarationStatus.ChangesRequested, 0m), (owner!.Version, owner.Status, owner.Totals.Actual));
        Assert.Equal(["save", "submit", "justify"], owner.AllowedActions);
    }

    private async Task<DeclarationResponse?> Seen(Caller caller, DeclarationKey key)
    {
        await using var connection = await api.Database.OpenConnectionAsync(Ct);
        return await new DeclarationReader(connection, caller, Language.English).OneAsync(key, Ct);
    }

    [Fact]
    public async Task Of_two_writers_with_one_etag_one_wins()
    {
        var path = await Holding();
        await Put(path, Lines(Line), ("If-None-Match", "*"));

        var answers = await Task.WhenAll(
            Enumerable.Range(1, 8).Select(i => Put(path, Lines(Line.Replace("10000", $"1000{i}")), ("If-Match", "\"v1\""))));

        Assert.Equal([200, 412, 412, 412, 412, 412, 412, 412], answers.Select(answer => (int)answer.StatusCode).Order());
    }

    [Fact]
    public async Task Of_twenty_creators_one_wins()
    {
        var path = await Holding();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Put(path, Lines(Line), ("If-None-Match", "*"))));

        Assert.Equal((1, 19), (answers.Count(a => a.StatusCode == HttpStatusCode.Created), answers.Count(a => (int)a.StatusCode == 412)));
        Assert.Single((await Json(await api.Admin.GetAsync(path + "/versions", Ct)))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_submission_waits_for_the_deletion_of_its_holding_and_sees_it()
    {
        var path = await Holding();
        await Put(path, Lines(), ("If-None-Match", "*"));
        await using var other = await api.Database.OpenConnectionAsync(Ct);
        await using var deletion = await other.BeginTransactionAsync(Ct);
        await using var command = other.CreateCommand();
        command.CommandText = "delete from holding where landlord_siren || '/' || year || '/' || qpv_code = $1";
        command.Parameters.Add(new() { Value = path["/v1/declarations/".Length..] });
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));

        var submission = Post(path + "/submit");
        await Task.Delay(200, Ct);
        Assert.False(submission.IsCompleted);
        await deletion.CommitAsync(Ct);

        var problem = await Refused(await submission, 422, "RULES_BROKEN");
        Assert.Equal("HOLDING_MISSING", (string?)problem["errors"]!.AsArray().Single()!["code"]);
    }

    private async Task<int> Total(string query) =>
        (int)(await Json(await api.Admin.GetAsync("/v1/declarations?" + query, Ct)))["meta"]!["total"]!;

    private async Task<string> Holding()
    {
        var (landlord, qpv) = (await api.Given.Landlord(), await api.Given.Qpv(NextQpv()));
        await api.Given.Holding(landlord, 2022, qpv);
        return $"/v1/declarations/{landlord}/2022/{qpv}";
    }

    private static string NextQpv() => $"QP059{Interlocked.Increment(ref lastQpv):000}";

    private static string Lines(params string[] lines) => $$"""{"lines":[{{string.Join(',', lines)}}]}""";

    private async Task<string?> Step(string path, string step, string? body = null) =>
        (string?)(await Json(await Post($"{path}/{step}", body)))["status"];

    private Task<HttpResponseMessage> Post(string path, string? body = null) => Send(HttpMethod.Post, path, body);

    private Task<HttpResponseMessage> Put(string path, string body, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Put, path, body, headers);

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await api.Admin.SendAsync(request, Ct);
    }

    private static async Task<JsonNode> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> Refused(HttpResponseMessage answer, int status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(code, (string?)problem["code"]);
        return problem;
    }
}
