using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GuspApi.Model;
using GuspApi.Tests.Features.Imports;
using Npgsql;

namespace GuspApi.Tests.Features.Declarations;

/// <summary>Anomalies are kept when written, by whatever path, and justified by the declarer.</summary>
public sealed class AnomalyTests(Api api) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static int lastQpv = 300;

    [Fact]
    public async Task A_warning_comes_and_goes_with_the_holding()
    {
        // The random history of this class leaves another threshold behind.
        await api.Admin.Replace("/v1/rules/DWELLINGS_CHANGE", new { maximum = 0.1m });
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        var path = await Declare(siren, 2022, qpv, Line(10_000m, valued: 10_000m));
        Assert.Equal(["HOLDING_MISSING"], await Codes(path));

        await Hold(siren, 2022, qpv, dwellings: 100, abatement: 20_000m, method: "ESTIMATE");
        Assert.Equal(["ABATEMENT_ESTIMATED", "VALUED_VERSUS_ABATEMENT"], await Codes(path));
        await Hold(siren, 2022, qpv, dwellings: 10, abatement: 10_000m);
        Assert.Equal(["EXPENSE_PER_DWELLING"], await Codes(path));
        await Hold(siren, 2021, qpv, dwellings: 12, abatement: 0);
        Assert.Equal(["DWELLINGS_CHANGE", "EXPENSE_PER_DWELLING"], await Codes(path));
        Assert.Equal(204, (await api.Admin.Remove($"/v1/holdings/{siren}/2021/{qpv}")).Status);
        Assert.Equal(["EXPENSE_PER_DWELLING"], await Codes(path));

        Assert.Equal(1, await Total($"landlord={siren}&anomaly=EXPENSE_PER_DWELLING,DWELLINGS_CHANGE"));
        Assert.Equal(0, await Total($"landlord={siren}&anomaly=DWELLINGS_CHANGE"));
    }

    [Fact]
    public async Task Last_year_counts_once_submitted_and_whenever_it_is_written()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        await Hold(siren, 2021, qpv);
        await Hold(siren, 2022, qpv);
        var path = await Declare(siren, 2022, qpv, Line(10_000m, valued: 20_000m));
        Assert.Equal(["VALUED_ABOVE_ACTUAL"], await Codes(path));

        var before = await Declare(siren, 2021, qpv, Line(30_000m, valued: 20_000m));
        Assert.DoesNotContain("EXPENSE_PER_DWELLING_CHANGE", await Codes(path));
        Assert.Equal("SUBMITTED", (string?)(await Step(before, "submit"))["status"]);
        Assert.Equal(["EXPENSE_PER_DWELLING_CHANGE", "VALUED_ABOVE_ACTUAL"], await Codes(path));
        await Declare(siren, 2021, qpv, Line(31_000m, valued: 20_000m));
        Assert.DoesNotContain("EXPENSE_PER_DWELLING_CHANGE", await Codes(path));
    }

    [Fact]
    public async Task The_years_of_a_landlord_are_judged_when_they_change()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        await Hold(siren, 2022, qpv);
        var path = await Declare(siren, 2022, qpv, Line(10_000m, valued: 20_000m) with { Actual = 20_000m });
        Assert.Empty(await Codes(path));

        await api.Given.Sql("update landlord set active_to = 2021, version = version + 1 where siren = $1", siren);
        Assert.Equal(["LANDLORD_INACTIVE"], await Codes(path));
        Assert.Equal(422, (int)(await api.Admin.PostAsync(path + "/submit", null, Ct)).StatusCode);
        await api.Given.Sql("update landlord set active_to = null, version = version + 1 where siren = $1", siren);
        Assert.Equal("SUBMITTED", (string?)(await Step(path, "submit"))["status"]);
    }

    [Fact]
    public async Task A_dry_run_foresees_what_the_write_keeps()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        await Hold(siren, 2022, qpv, dwellings: 2000);
        var path = $"/v1/declarations/{siren}/2022/{qpv}";
        Body[] lines =
        [
            Line(10_000m) with { Ref = "B" },
            Line(10_000m) with { Ref = "A", Valued = 11_000m, LandlordFunding = 1m, QualitativeReview = null },
        ];

        var forecast = (await api.Admin.Replace(path + "?dryRun=true", new { lines }, ifNoneMatch: "*")).Body["anomalies"]!.AsArray()
            .Select(Told).Order();
        var written = (await api.Admin.Replace(path, new { lines }, ifNoneMatch: "*")).Body["anomalies"]!.AsArray().Select(Told)
            .Order().ToList();

        Assert.Equal(written, forecast);
        Assert.Contains("DUPLICATE_ACTION /lines/1/action Action ", written);
        Assert.Equal(6, written.Count);
        static string Told(JsonNode? anomaly) => $"{anomaly!["code"]} {anomaly["pointer"]} {anomaly["value"]} {anomaly["expected"]}";
    }

    [Fact]
    public async Task An_import_keeps_what_it_warned_of_and_judges_next_year()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        foreach (var year in new[] { 2020, 2021, 2022 })
            await Hold(siren, year, qpv);
        var next = await Declare(siren, 2022, qpv, Line(20_000m, valued: 20_000m));
        Assert.Empty(await Codes(next));
        var file = $"{ImportClient.Header};valued\n{siren};2020;{qpv};L1;3;Une action;SPECIFIC;1000;20000\n{siren};2021;{qpv};L1;3;Une "
            + "action;SPECIFIC;5000;5000\n";

        var plan = await ImportClient.ImportAsync(api.Admin, "dataset=declarations&mode=validate", file);
        var warned = (await ImportClient.ErrorsAsync(api.Admin, plan)).Select(error => $"{error["key"]} {error["code"]}").Order().ToList();
        Assert.Equal("DONE 2/0/0/0", ImportClient.Outcome(await ImportClient.ImportAsync(api.Admin, "dataset=declarations", file)));

        var kept = new List<string>();
        foreach (var year in new[] { 2020, 2021 })
            kept.AddRange((await Codes($"/v1/declarations/{siren}/{year}/{qpv}")).Select(code => $"{siren}/{year}/{qpv} {code}"));
        Assert.Equal(warned, kept.Order());
        Assert.Contains($"{siren}/2020/{qpv} EXPENSE_PER_DWELLING", kept);
        Assert.Empty(await Codes(next));

        await ImportClient.ImportAsync(api.Admin, "dataset=declarations&submit=true", file.Replace("1000;20000", "9000;9000"));
        Assert.Equal(["EXPENSE_PER_DWELLING_CHANGE"], await Codes(next));
        Assert.Equal(0, await Differences());
    }

    [Fact]
    public async Task A_holding_written_while_an_import_runs_is_not_missed()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        var file = $"{ImportClient.Header}\n{siren};2022;{qpv};L1;3;Une action;SPECIFIC;10000\n";
        await using var other = await api.Database.OpenConnectionAsync(Ct);
        await using var holding = await other.BeginTransactionAsync(Ct);
        await Run(other, $"select lock_anomalies(array['{siren}'])");
        await Run(other, $"""
            insert into holding (landlord_siren, year, qpv_code, dwellings, abatement, abatement_method, version)
            values ('{siren}', 2022, '{qpv}', 100, 0, 'NOTICE', 1)
            """);

        var import = ImportClient.ImportAsync(api.Admin, "dataset=declarations", file);
        await Waiting();
        await holding.CommitAsync(Ct);

        Assert.Equal("DONE 1/0/0/0", ImportClient.Outcome(await import));
        Assert.Equal(["QUALITATIVE_REVIEW_MISSING"], await Codes($"/v1/declarations/{siren}/2022/{qpv}"));
    }

    [Fact]
    public async Task A_declarer_justifies_a_warning_and_the_reviewer_reads_it()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await Qpv());
        await Hold(siren, 2022, qpv, dwellings: 100);
        var path = await Declare(siren, 2022, qpv, Line(10_000m));
        var warning = path + "/anomalies/VALUED_VERSUS_ABATEMENT";
        using var declarer = await api.Key(new { name = "Déclarant", scopes = new[] { "declare" }, landlords = new[] { siren } });
        using var reviewer = await api.Key(new { name = "Instructeur", scopes = new[] { "review" }, departments = new[] { "59" } });

        Assert.Equal(422, (await declarer.Replace(warning, new { comment = " " })).Status);
        Assert.Equal(422, (await declarer.Replace(warning, new { comment = new string('x', 5001) })).Status);
        Assert.Equal(400, (await declarer.Replace(path + "/anomalies/NOT_A_RULE", new { comment = "x" })).Status);
        Assert.Equal(404, (await declarer.Replace(path + "/anomalies/DWELLINGS_CHANGE", new { comment = "x" })).Status);
        Assert.Equal(412, (await declarer.Replace(warning, new { comment = "x" }, ifMatch: "\"v7\"")).Status);
        Assert.Equal(404, (await reviewer.Replace(warning, new { comment = "x" })).Status);

        var justified = await declarer.Replace(warning, new { comment = "Avis reçu en retard." }, ifMatch: "\"v1\"");
        Assert.Equal((200, "\"v2\"", "DRAFT", "JUSTIFIED"),
            (justified.Status, justified.Answer.Headers.ETag!.Tag, (string?)justified.Body["status"],
                (string?)justified.Body["lastAction"]));
        Assert.Equal("\"v2\"", (await declarer.Replace(warning, new { comment = "Avis reçu en retard." })).Answer.Headers.ETag!.Tag);
        Assert.Equal(1, await api.Given.Scalar<long>(
            "select count(*) from change where event = 'declaration.justified' and object_key = $1", path[17..]));

        await Step(path, "submit");
        Assert.Equal(403, (await reviewer.Replace(warning, new { comment = "x" })).Status);
        Assert.Equal("SUBMITTED", (string?)(await declarer.Replace(warning, new { comment = "Deux avis reçus en retard." }))
            .Body["status"]);
        var seen = (await reviewer.Read(path)).Body["anomalies"]!.AsArray().Single()!;
        Assert.Equal("Deux avis reçus en retard.", (string?)seen["justification"]!["comment"]);
        Assert.StartsWith("key:", (string?)seen["justification"]!["by"]);
        Assert.NotNull((string?)seen["justification"]!["at"]);

        await Hold(siren, 2022, qpv, dwellings: 100, abatement: 30_000m);
        Assert.NotNull(await Justification());
        await Declare(siren, 2022, qpv, Line(10_000m, valued: 1m));
        Assert.Null(await Justification());
        await Step(path, "submit");
        await Step(path, "validate");
        Assert.Equal((409, "DECLARATION_VALIDATED"), await Refusal(declarer, warning));

        async Task<JsonNode?> Justification() => (await declarer.Read(path)).Body["anomalies"]!.AsArray().Single()!["justification"];
    }

    [Fact]
    public async Task An_error_is_corrected_not_justified()
    {
        var path = await Declare(await api.Given.Landlord(), 2022, await Qpv(), Line(10_000m));

        Assert.Equal((409, "ERROR_NOT_JUSTIFIABLE"), await Refusal(api.Admin, path + "/anomalies/HOLDING_MISSING"));
        Assert.DoesNotContain("justify", (await api.Admin.Read(path)).Body["allowedActions"]!.AsArray().Select(step => (string?)step));
    }

    /// <summary>The text that the database applies is the one that judges what is about to be written.</summary>
    [Fact]
    public async Task The_rules_of_the_database_are_those_of_the_code() =>
        Assert.Contains(DeclarationSql.Anomalies,
            await api.Given.Scalar<string>("select prosrc from pg_proc where proname = 'broken_rules'"));

    /// <summary>
    /// Four writers, every path: at the end what is kept is what would be found now, and whatever was closed was closed by a later write.
    /// </summary>
    [Fact]
    public async Task What_is_kept_is_what_would_be_found_after_any_history()
    {
        string[] sirens = [await api.Given.Landlord(), await api.Given.Landlord()];
        string[] qpvs = [await Qpv(), await Qpv()];
        var statuses = new List<int>();

        await Parallel.ForAsync(0, 4, Ct, async (writer, _) =>
        {
            var random = new Random(writer);
            for (var i = 0; i < 100; i++)
            {
                var status = await Write(random, sirens[random.Next(2)], random.Next(2020, 2024), qpvs[random.Next(2)]);
                lock (statuses)
                    statuses.Add(status);
            }
        });

        Assert.DoesNotContain(statuses, status => status >= 500);
        Assert.True(statuses.Count(status => status < 300) > 150,
            string.Join(' ', statuses.GroupBy(status => status).Select(group => $"{group.Key}: {group.Count()}")));
        Assert.Equal(0, await Differences());
        Assert.True(await api.Given.Scalar<long>("select count(*) from anomaly where until_change_set_id is not null") > 20);
        Assert.Equal(0, await api.Given.Scalar<long>(
            "select count(*) from anomaly a join change_set s on s.id = a.since_change_set_id join change_set u on u.id = "
                + "a.until_change_set_id where u.revision < s.revision"));
    }

    /// <summary>Any write that may be accepted or refused; its status.</summary>
    private async Task<int> Write(Random random, string siren, int year, string qpv)
    {
        var path = $"/v1/declarations/{siren}/{year}/{qpv}";
        var amount = 1000m * random.Next(1, 70);
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                var body = new
                {
                    lines = new[]
                    { Line(amount, valued: amount), Line(random.Next(2) == 0 ? amount : 0) with { Ref = "L2" } }
                };
                var exists = (await api.Admin.Read(path)).Status == 200;
                return (await api.Admin.Replace(path + (random.Next(2) == 0 ? "?submit=true" : ""), body, ifMatch: exists ? "*" : null,
                    ifNoneMatch: exists ? null : "*")).Status;
            case 3 or 4:
                var held = (await api.Admin.Read($"/v1/holdings/{siren}/{year}/{qpv}")).Status == 200;
                return (await api.Admin.Replace(
                    $"/v1/holdings/{siren}/{year}/{qpv}?reason=Essai", new { dwellings = random.Next(1, 5) * 50, abatement = amount },
                    ifMatch: held ? "*" : null, ifNoneMatch: held ? null : "*")).Status;
            case 5:
                return (await api.Admin.Remove((random.Next(2) == 0 ? "/v1/holdings/" : "/v1/declarations/") + $"{siren}/{year}/{qpv}"))
                    .Status;
            case 6 or 7:
                var step = new[] { "submit", "validate", "request-changes", "reopen" }[random.Next(4)];
                return (int)(await api.Admin.PostAsJsonAsync($"{path}/{step}", new { comment = "Essai" }, Ct)).StatusCode;
            case 8:
                return (await api.Admin.Replace(
                    $"/v1/landlords/{siren}", new { name = "Bailleur", family = "OPH", activeFrom = random.Next(2018, 2023) })).Status;
            case 9:
                return (await api.Admin.Replace($"{path}/anomalies/VALUED_VERSUS_ABATEMENT", new { comment = "Essai" })).Status;
            case 10:
                return (await api.Admin.Replace("/v1/rules/DWELLINGS_CHANGE", new { maximum = random.Next(1, 9) / 10m })).Status;
            default:
                var file = $"{ImportClient.Header}\n{siren};{year};{qpv};L1;3;Une "
                    + $"action;SPECIFIC;{amount}\n{siren};{year - 1};{qpv};L1;3;Une action;SPECIFIC;{amount / 2}\n";
                var import = await ImportClient.ImportAsync(
                    api.Admin, $"dataset=declarations&submit={(random.Next(2) == 0 ? "true" : "false")}", file);
                return (string?)import["state"] is "DONE" or "DONE_WITH_REJECTS" ? 200 : 500;
        }
    }

    /// <summary>What the rules find now and is not kept, and what is kept and is not found.</summary>
    private Task<long> Differences() => api.Given.Scalar<long>("""
        with found as (select b.* from broken_rules(array(select id from declaration)) b),
        kept as (select declaration_id, code, ref, field, value, expected from anomaly where until_change_set_id is null)
        select count(*) from ((select * from found except all select * from kept)
          union all (select * from kept except all select * from found)) differences
        """);

    private sealed record Body(
        string Ref, int Axis, string Action, string Family, decimal Actual, decimal? Valued, decimal? LandlordFunding,
        string? QualitativeReview);

    private static Body Line(decimal actual, decimal? valued = null) => new("L1", 3, "Action", "SPECIFIC", actual, valued, null, "Bien");

    private async Task<string> Declare(string siren, int year, string qpv, params Body[] lines)
    {
        var path = $"/v1/declarations/{siren}/{year}/{qpv}";
        var exists = (await api.Admin.Read(path)).Status == 200;
        var (status, body, _) = await api.Admin.Replace(
            path, new { lines }, ifMatch: exists ? "*" : null, ifNoneMatch: exists ? null : "*");
        Assert.True(status is 200 or 201, body.ToJsonString());
        return path;
    }

    private async Task Hold(string siren, int year, string qpv, int dwellings = 100, decimal abatement = 20_000m, string method = "NOTICE")
    {
        var path = $"/v1/holdings/{siren}/{year}/{qpv}";
        var exists = (await api.Admin.Read(path)).Status == 200;
        var (status, body, _) = await api.Admin.Replace(
            path, new { dwellings, abatement, abatementMethod = method }, ifMatch: exists ? "*" : null, ifNoneMatch: exists ? null : "*");
        Assert.True(status is 200 or 201, body.ToJsonString());
    }

    private async Task<List<string>> Codes(string path) =>
        [.. (await api.Admin.Read(path)).Body["anomalies"]!.AsArray().Select(anomaly => (string)anomaly!["code"]!)
            .Order(StringComparer.Ordinal)];

    private async Task<int> Total(string query) => (int)(await api.Admin.Read("/v1/declarations?" + query)).Body["meta"]!["total"]!;

    private async Task<JsonNode> Step(string path, string step) =>
        JsonNode.Parse(await (await api.Admin.PostAsync($"{path}/{step}", null, Ct)).Content.ReadAsStringAsync(Ct))!;

    private static async Task<(int, string?)> Refusal(HttpClient client, string path)
    {
        var (status, body, _) = await client.Replace(path, new { comment = "x" });
        return (status, (string?)body["code"]);
    }

    private Task<string> Qpv() => api.Given.Qpv(
        string.Create(CultureInfo.InvariantCulture, $"QP059{Interlocked.Increment(ref lastQpv):000}"));

    /// <summary>Until the import, done but for its commit, waits for the one who writes.</summary>
    private async Task Waiting()
    {
        for (var i = 0; i < 200; i++)
        {
            if (await api.Given.Scalar<bool>("""
                select exists (
                  select from pg_locks join pg_database d on d.oid = database
                  where locktype = 'advisory' and not granted and datname = current_database())
                """))
                return;
            await Task.Delay(50, Ct);
        }
        Assert.Fail("The import did not wait.");
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }
}

/// <summary>The demonstration data have theirs too.</summary>
public sealed class DemoAnomalyTests(DemoApi api) : IClassFixture<DemoApi>
{
    [Fact]
    public async Task The_demonstration_is_judged()
    {
        Assert.Equal(0, await api.Given.Scalar<long>("""
            with found as (select b.* from broken_rules(array(select id from declaration)) b),
            kept as (select declaration_id, code, ref, field, value, expected from anomaly where until_change_set_id is null)
            select count(*) from ((select * from found except all select * from kept)
              union all (select * from kept except all select * from found)) differences
            """));
        Assert.True(await api.Given.Scalar<long>("select count(*) from anomaly") > 0);
    }
}
