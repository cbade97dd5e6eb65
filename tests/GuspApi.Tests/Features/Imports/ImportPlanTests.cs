using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>A dry run, what it shows, and its application.</summary>
public sealed class ImportPlanTests(Api api) : IClassFixture<Api>
{
    private const string Dry = "dataset=declarations&mode=validate";
    private static int s_qpv;

    private async Task<(string Siren, string Qpv)> PlaceAsync()
    {
        var siren = await api.Given.Landlord();
        return (siren, await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M"));
    }

    private static string File(string siren, string qpv, params string[] lines) =>
        Header + "\n" + string.Concat(lines.Select(line => $"{siren};2024;{qpv};{line}\n"));

    private async Task<JsonNode> ChangesAsync(JsonNode import) => await ReadAsync(api.Admin, (string)import["links"]!["changes"]!);

    private async Task<(int Status, JsonNode Body)> ApplyAsync(JsonNode import, int wait = 30)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/imports/{import["id"]}/apply");
        request.Headers.Add("Prefer", $"wait={wait}");
        var answer = await api.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    [Fact]
    public async Task Shows_before_and_after_of_each_declaration_and_line()
    {
        var (siren, qpv) = await PlaceAsync();
        await ImportAsync(api.Admin, "dataset=declarations",
            File(siren, qpv, "a;1;Un;SPECIFIC;10", "b;2;Deux;SPECIFIC;20", "c;3;Trois;SPECIFIC;30"));

        var plan = await ImportAsync(api.Admin, Dry,
            File(siren, qpv, "a;1;Un;SPECIFIC;10", "b;2;Deux;SPECIFIC;25,50", "d;4;Quatre;SPECIFIC;40"));

        var change = Assert.Single((await ChangesAsync(plan))["data"]!.AsArray())!;
        Assert.Equal(($"{siren}/2024/{qpv}", "updated", "DRAFT", "DRAFT"),
            ((string?)change["key"], (string?)change["outcome"], (string?)change["before"]!["status"],
                (string?)change["after"]!["status"]));
        Assert.Equal(["b changed 20.00 25.50", "d added  40.00", "c removed 30.00 "],
            change["lines"]!.AsArray().Select(
                line => $"{line!["ref"]} {line["change"]} {line["before"]?["actual"]} {line["after"]?["actual"]}"));

        var csv = await api.Admin.GetStringAsync(
            (string)plan["links"]!["changes"]! + "?format=csv&dialect=excel-fr", TestContext.Current.CancellationToken);
        Assert.StartsWith("key;outcome;ref;change;status_before;status_after;axis_before;axis_after;", csv.TrimStart('\uFEFF'));
        Assert.Contains($"{siren}/2024/{qpv};updated;b;changed;DRAFT;DRAFT;2;2;Deux;Deux;SPECIFIC;SPECIFIC;;;20,00;25,50;", csv);
    }

    [Fact]
    public async Task Is_applied_as_it_was_shown_and_only_once()
    {
        var (siren, qpv) = await PlaceAsync();
        var plan = await ImportAsync(api.Admin, Dry, File(siren, qpv, "a;1;Un;SPECIFIC;10"));
        Assert.Equal("VALIDATED 1/0/0/0", Outcome(plan));

        var applied = await ApplyAsync(plan);
        var again = await ApplyAsync(plan);

        Assert.Equal((200, "DONE 1/0/0/0"), (applied.Status, Outcome(applied.Body)));
        Assert.Equal((200, "DONE 1/0/0/0"), (again.Status, Outcome(again.Body)));
        Assert.Equal(1L, await api.Given.Scalar<long>("select count(*) from change where object_key = $1", $"{siren}/2024/{qpv}"));
    }

    [Fact]
    public async Task Is_stale_when_a_declaration_it_touches_has_changed_since()
    {
        var (siren, qpv) = await PlaceAsync();
        var plan = await ImportAsync(api.Admin, Dry, File(siren, qpv, "a;1;Un;SPECIFIC;10"));
        await ImportAsync(api.Admin, "dataset=declarations", File(siren, qpv, "a;1;Un;SPECIFIC;11"));

        var (status, problem) = await ApplyAsync(plan);

        Assert.Equal((409, "STALE"), (status, (string?)problem["code"]));
        Assert.Equal("STALE", (string?)(await ReadAsync(api.Admin, $"/v1/imports/{plan["id"]}"))["state"]);
        Assert.Equal(11m, await api.Given.Scalar<decimal>(
            "select actual from expense_line l join declaration d on d.id = l.declaration_id where landlord_siren = $1", siren));
    }

    /// <summary>Nothing it writes has another version, but it would no longer do what it showed.</summary>
    [Fact]
    public async Task Is_stale_when_a_rule_it_depends_on_says_otherwise()
    {
        var (siren, qpv) = await PlaceAsync();
        await api.Given.Holding(siren, 2024, qpv);
        var plan = await ImportAsync(api.Admin, Dry + "&submit=true", File(siren, qpv, "a;1;Un;SPECIFIC;10"));
        Assert.Equal("VALIDATED 1/0/0/0", Outcome(plan));
        await api.Given.Sql("delete from holding where landlord_siren = $1", siren);

        var (status, problem) = await ApplyAsync(plan);

        Assert.Equal((409, "STALE"), (status, (string?)problem["code"]));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from declaration where landlord_siren = $1", siren));
    }

    [Fact]
    public async Task Other_datasets_have_plans_too()
    {
        var (siren, qpv) = await PlaceAsync();
        await api.Given.Holding(siren, 2024, qpv, dwellings: 100);
        var plan = await ImportAsync(api.Admin, "dataset=holdings&mode=validate",
            $"landlord_siren;year;qpv_code;dwellings;abatement\n{siren};2024;{qpv};120;20000\n{siren};2023;{qpv};90;1\n");

        var changes = (await ChangesAsync(plan))["data"]!.AsArray();
        Assert.Equal([$"{siren}/2023/{qpv} created  90", $"{siren}/2024/{qpv} updated 100 120"],
            changes.Select(
                change => $"{change!["key"]} {change["outcome"]} {change["before"]?["dwellings"]} {change["after"]!["dwellings"]}"));
        Assert.Equal("DONE 1/1/0/0", Outcome((await ApplyAsync(plan)).Body));
    }

    [Fact]
    public async Task Only_a_dry_run_without_errors_that_matter_can_be_applied()
    {
        var (siren, qpv) = await PlaceAsync();
        var applied = await ImportAsync(api.Admin, "dataset=declarations", File(siren, qpv, "a;1;Un;SPECIFIC;10"));
        var wrong = await ImportAsync(api.Admin, Dry + "&atomicity=all", File(siren, qpv, "a;9;Un;SPECIFIC;10"));

        Assert.Equal((409, "NO_PLAN"), ((await ApplyAsync(applied)).Status, (string?)(await ApplyAsync(applied)).Body["code"]));
        Assert.Equal((409, "PLAN_HAS_ERRORS"), ((await ApplyAsync(wrong)).Status, (string?)(await ApplyAsync(wrong)).Body["code"]));
        Assert.Null(wrong["links"]!["apply"]);
    }

    [Fact]
    public async Task A_plan_can_be_given_up()
    {
        var (siren, qpv) = await PlaceAsync();
        var plan = await ImportAsync(api.Admin, Dry, File(siren, qpv, "a;1;Un;SPECIFIC;10"));

        var (status, cancelled, _) = await api.Admin.Remove($"/v1/imports/{plan["id"]}");
        Assert.Equal((200, "CANCELLED"), (status, (string?)cancelled["state"]));
        Assert.Equal((409, "NO_PLAN"), ((await ApplyAsync(plan)).Status, (string?)(await ApplyAsync(plan)).Body["code"]));
        Assert.Equal(200, (await api.Admin.Remove($"/v1/imports/{plan["id"]}")).Status);
    }

    [Fact]
    public async Task What_has_ended_cannot_be_cancelled()
    {
        var (siren, qpv) = await PlaceAsync();
        var done = await ImportAsync(api.Admin, "dataset=declarations", File(siren, qpv, "a;1;Un;SPECIFIC;10"));

        var (status, problem, _) = await api.Admin.Remove($"/v1/imports/{done["id"]}");

        Assert.Equal((409, "CANNOT_CANCEL"), (status, (string?)problem["code"]));
        Assert.Equal(404, (await api.Admin.Remove($"/v1/imports/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task A_running_import_that_is_cancelled_writes_nothing_and_its_progress_never_went_back()
    {
        var (siren, _) = await PlaceAsync();
        var lines = string.Concat(Enumerable.Range(0, 60_000)
            .Select(i => $"{siren};2024;QP0{60 + i / 1000:00}{i % 1000:000};a;1;Action;SPECIFIC;1\n"));
        var answer = await PostAsync(api.Admin, "dataset=declarations", Encoding.UTF8.GetBytes(Header + "\n" + lines), wait: 0);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var path = answer.Headers.Location!.ToString();

        var seen = new List<(int Rows, int Percent)>();
        JsonNode import;
        do
        {
            import = await ReadAsync(api.Admin, path);
            seen.Add(((int)import["progress"]!["rowsRead"]!, (int)import["progress"]!["percent"]!));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        while ((string?)import["state"] is "RECEIVED" or "VALIDATING" && (int)import["progress"]!["rowsRead"]! == 0);
        var (status, _, _) = await api.Admin.Remove(path);

        Assert.Equal(seen.Order(), seen);
        if (status == 409)
            return; // It was writing already, or over.
        await Task.Delay(700, TestContext.Current.CancellationToken);
        Assert.Equal("CANCELLED", (string?)(await ReadAsync(api.Admin, path))["state"]);
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from declaration where landlord_siren = $1", siren));
    }
}
