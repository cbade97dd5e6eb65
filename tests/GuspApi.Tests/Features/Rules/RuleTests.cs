using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Rules;

public sealed class RuleTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Says_what_each_rule_refuses_and_from_where_on()
    {
        var rules = (await api.Anonymous.Read("/v1/rules")).Body["data"]!.AsArray();
        Assert.Equal(GuspApi.Model.DeclarationFindings.Codes.Order(StringComparer.Ordinal), rules.Select(rule => (string)rule!["code"]!));

        var (_, rule, answer) = await api.Anonymous.Read("/v1/rules/EXPENSE_PER_DWELLING");
        Assert.Equal(
            """{"code":"EXPENSE_PER_DWELLING","severity":"WARNING","refuses":"NEVER","text":{"fr":"La dépense par logement est inhabituelle.","en":"The expense per dwelling is unusual."},"thresholds":{"minimum":50.0,"maximum":600.0,"unit":"EUR per dwelling per year"},"version":1}""",
            rule.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("\"v1\"", answer.Headers.ETag!.Tag);
        Assert.Null((await api.Anonymous.Read("/v1/rules/REQUIRED")).Body["thresholds"]);
        Assert.Equal("EVERY_WRITE", (string?)(await api.Anonymous.Read("/v1/rules/REQUIRED")).Body["refuses"]);
        Assert.Equal("SUBMISSION", (string?)(await api.Anonymous.Read("/v1/rules/HOLDING_MISSING")).Body["refuses"]);
        Assert.Equal(404, (await api.Anonymous.Read("/v1/rules/NO_SUCH_RULE")).Status);
    }

    [Fact]
    public async Task A_threshold_that_changes_judges_everything_anew()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059901"));
        await api.Given.Holding(siren, 2022, qpv, abatement: 0);
        await api.Given.Holding(siren, 2021, qpv, dwellings: 88, abatement: 0);
        await api.Given.Declaration(siren, 2022, qpv, "DRAFT", 20_000m);
        const string path = "/v1/rules/DWELLINGS_CHANGE";
        Assert.Equal("80…96", (string?)(await Warning())?["expected"]);

        Assert.Equal(200, (await api.Admin.Replace(path + "?dryRun=true", new { maximum = 0.2m })).Status);
        Assert.NotNull(await Warning());
        var changed = await api.Admin.Replace(path, new { maximum = 0.2m }, ifMatch: "\"v1\"");
        Assert.Equal((200, "\"v2\"", 0.2m),
            (changed.Status, changed.Answer.Headers.ETag!.Tag, (decimal)changed.Body["thresholds"]!["maximum"]!));
        Assert.Null(await Warning());
        Assert.Equal("\"v2\"", (await api.Admin.Replace(path, new { maximum = 0.20m })).Answer.Headers.ETag!.Tag);
        var audit = (await api.Admin.Read("/v1/audit?objectType=rule")).Body["data"]!.AsArray().Single()!;
        Assert.Equal(("rule.updated", path, 2),
            ((string?)audit["event"], (string?)audit["object"]!["href"], (int)audit["object"]!["version"]!));

        Assert.Equal(200, (await api.Admin.Replace(path, new { maximum = 0.1m }, ifMatch: "\"v2\"")).Status);
        Assert.NotNull(await Warning());

        async Task<JsonNode?> Warning() => (await api.Admin.Read($"/v1/declarations/{siren}/2022/{qpv}")).Body["anomalies"]!.AsArray()
            .SingleOrDefault(anomaly => (string?)anomaly!["code"] == "DWELLINGS_CHANGE");
    }

    [Fact]
    public async Task A_threshold_out_of_reason_is_refused()
    {
        Assert.Equal(["THRESHOLD_REQUIRED /maximum", "THRESHOLD_REQUIRED /minimum"], await Errors("EXPENSE_PER_DWELLING", new { }));
        Assert.Equal(["THRESHOLDS_REVERSED /minimum"], await Errors("EXPENSE_PER_DWELLING", new { minimum = 700, maximum = 600 }));
        Assert.Equal(["THRESHOLD_OUT_OF_RANGE /maximum"], await Errors("DWELLINGS_CHANGE", new { maximum = 0.12345 }));
        Assert.Equal(["THRESHOLD_OUT_OF_RANGE /maximum", "THRESHOLD_UNKNOWN /minimum"],
            await Errors("DWELLINGS_CHANGE", new { minimum = 0, maximum = 2_000_000 }));
        Assert.Equal("RULE_WITHOUT_THRESHOLD", (string?)(await api.Admin.Replace("/v1/rules/REQUIRED", new { maximum = 1 })).Body["code"]);
        Assert.Equal(412, (await api.Admin.Replace("/v1/rules/FUNDING_MISMATCH", new { maximum = 1 }, ifMatch: "\"v9\"")).Status);
        Assert.Equal(404, (await api.Admin.Replace("/v1/rules/NO_SUCH_RULE", new { maximum = 1 })).Status);
    }

    private async Task<IEnumerable<string>> Errors(string code, object body)
    {
        var (status, problem, _) = await api.Admin.Replace("/v1/rules/" + code, body);
        Assert.Equal(422, status);
        return problem["errors"]!.AsArray().Select(error => $"{error!["code"]} {error["pointer"]}").Order(StringComparer.Ordinal);
    }
}
