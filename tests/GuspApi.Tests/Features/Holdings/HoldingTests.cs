namespace GuspApi.Tests.Features.Holdings;

public sealed class HoldingTests(Api api) : IClassFixture<Api>
{
    private static readonly object Body = new { dwellings = 120, abatedDwellings = 118, abatement = 21480.5m };

    [Fact]
    public async Task Needs_a_condition_and_keeps_counting_versions_after_a_deletion()
    {
        var path = await Path("QP059801");

        Assert.Equal(428, (await api.Admin.Replace(path, Body)).Status);
        Assert.Equal(412, (await api.Admin.Replace(path, Body, ifNoneMatch: "nothing")).Status);
        Assert.Equal(201, (await api.Admin.Replace(path, Body, ifNoneMatch: "*")).Status);
        Assert.Equal(412, (await api.Admin.Replace(path, Body, ifMatch: "\"v2\"")).Status);
        Assert.Equal(1, (int)(await api.Admin.Replace(path, Body, ifMatch: "\"v1\"")).Body["version"]!);
        Assert.Equal(204, (await api.Admin.Remove(path)).Status);
        Assert.Equal(404, (await api.Admin.Read(path)).Status);
        Assert.Equal(3, (int)(await api.Admin.Replace(path, Body, ifNoneMatch: "*")).Body["version"]!);
    }

    [Fact]
    public async Task Is_locked_once_its_declaration_is_validated_but_for_admin_with_a_reason()
    {
        var path = await Path("QP059802", "VALIDATED");

        var (status, problem, _) = await api.Admin.Replace(path, Body, ifMatch: "\"v1\"");

        Assert.Equal(409, status);
        Assert.Equal("HOLDING_LOCKED", (string?)problem["code"]);
        Assert.Equal(409, (await api.Admin.Remove(path)).Status);
        Assert.Equal(200, (await api.Admin.Replace(path + "?reason=tax+notice+corrected", Body, ifMatch: "\"v1\"")).Status);
    }

    [Fact]
    public async Task The_reason_is_told_by_the_audit_and_nothing_is_where_nothing_was_written()
    {
        var path = await Path("QP059807", "VALIDATED");
        var key = path["/v1/holdings/".Length..];

        await api.Admin.Replace(path + "?reason=not+yet&dryRun=true", Body, ifMatch: "\"v1\"");
        var same = new { dwellings = 100, abatement = 20_000, abatementMethod = "NOTICE" };
        await api.Admin.Replace(path + "?reason=no+change", same, ifMatch: "\"v1\"");
        await api.Admin.Replace(path + "?reason=tax+notice+corrected", Body, ifMatch: "\"v1\"");

        var (_, audit, _) = await api.Admin.Read($"/v1/audit?objectType=holding&object={key}");
        Assert.Equal(
            ["holding.updated tax notice corrected", "holding.created "],
            audit["data"]!.AsArray().Select(write => $"{write!["event"]} {write["comment"]}"));
    }

    [Fact]
    public async Task All_errors_come_at_once()
    {
        var (status, problem, _) = await api.Admin.Replace(
            await Path("QP059803"), new { dwellings = 10, abatedDwellings = 11, abatement = 1.234m }, ifNoneMatch: "*");

        Assert.Equal(422, status);
        Assert.Equal(["/abatedDwellings", "/abatement"], problem["errors"]!.AsArray().Select(error => (string)error!["pointer"]!).Order());
    }

    [Fact]
    public async Task Landlord_qpv_and_year_are_known()
    {
        var (status, problem, _) = await api.Admin.Replace("/v1/holdings/552100554/2099/QP059899", Body, ifNoneMatch: "*");

        Assert.Equal(422, status);
        Assert.Equal(["LANDLORD_UNKNOWN", "QPV_UNKNOWN", "YEAR_INVALID"], problem["errors"]!.AsArray()
            .Select(error => (string)error!["code"]!).Order());
    }

    [Fact]
    public async Task Many_who_replace_the_same_version_lose_nothing()
    {
        var path = await Path("QP059804", "DRAFT");

        var answers = await Task.WhenAll(Enumerable.Range(1, 10).Select(i =>
            api.Admin.Replace(path, new { dwellings = i, abatement = 1 }, ifMatch: "\"v1\"")));

        Assert.Equal([200, .. Enumerable.Repeat(412, 9)], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task Pages_go_by_landlord_year_and_qpv()
    {
        var siren = await api.Given.Landlord();
        foreach (var code in new[] { "QP059805", "QP059806" })
        {
            await api.Given.Qpv(code);
            foreach (var year in new[] { 2019, 2020 })
                await api.Given.Holding(siren, year, code);
        }

        var keys = new List<string>();
        for (var path = $"/v1/holdings?landlord={siren}&department=59&limit=1"; path is not null;)
        {
            var (_, body, _) = await api.Admin.Read(path);
            keys.AddRange(body["data"]!.AsArray().Select(holding => $"{holding!["year"]}/{holding["qpv"]!["code"]}"));
            path = (string?)body["links"]!["next"];
        }

        Assert.Equal(["2019/QP059805", "2019/QP059806", "2020/QP059805", "2020/QP059806"], keys);
    }

    [Fact]
    public async Task Is_for_those_who_have_a_key() => Assert.Equal(401, (await api.Anonymous.Read("/v1/holdings")).Status);

    /// <summary>The path of a holding; there is one, at version 1, when a declaration is asked for.</summary>
    private async Task<string> Path(string qpv, string? declaration = null)
    {
        var siren = await api.Given.Landlord();
        await api.Given.Qpv(qpv);
        if (declaration is not null)
        {
            await api.Given.Holding(siren, 2021, qpv);
            await api.Given.Declaration(siren, 2021, qpv, declaration, 100m);
        }
        return $"/v1/holdings/{siren}/2021/{qpv}";
    }
}
