using GuspApi.Model;

namespace GuspApi.Tests.Features.Landlords;

public sealed class LandlordTests(Api api) : IClassFixture<Api>
{
    private static readonly object Body = new { name = "Habitat d'Étaples", family = "COOP" };

    [Fact]
    public async Task Is_created_once_replaced_and_left_alone_when_nothing_differs()
    {
        var path = "/v1/landlords/" + Siren.Complete("55500001");

        Assert.Equal(201, (await api.Admin.Replace(path, Body, ifNoneMatch: "*")).Status);
        Assert.Equal(412, (await api.Admin.Replace(path, Body, ifNoneMatch: "*")).Status);
        Assert.Equal(412, (await api.Admin.Replace(path, Body, ifNoneMatch: "v1")).Status);
        Assert.Equal(1, (int)(await api.Admin.Replace(path, Body, ifMatch: "\"v1\"")).Body["version"]!);
        Assert.Equal(2, (int)(await api.Admin.Replace(path, new { name = "Autre", family = "ESH", activeTo = 2020 }, ifMatch: "\"v1\""))
            .Body["version"]!);
        Assert.Equal(412, (await api.Admin.Replace(path, Body, ifMatch: "\"v1\"")).Status);
        Assert.Equal(304, (await api.Anonymous.Read(path, ifNoneMatch: "\"v2\"")).Status);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var path = "/v1/landlords/" + Siren.Complete("55500002");

        Assert.Equal(201, (await api.Admin.Replace(path + "?dryRun=true", Body)).Status);
        Assert.Equal(404, (await api.Anonymous.Read(path)).Status);
    }

    [Fact]
    public async Task All_errors_come_at_once()
    {
        var (status, problem, _) = await api.Admin.Replace(
            "/v1/landlords/" + Siren.Complete("55500003"), new { name = " ", activeFrom = 2020, activeTo = 2019, successorSiren = "123" });

        Assert.Equal(422, status);
        Assert.Equal(["/activeTo", "/family", "/name", "/successorSiren"], problem["errors"]!.AsArray()
            .Select(error => (string)error!["pointer"]!).Order());
    }

    [Fact]
    public async Task A_successor_must_exist()
    {
        var (status, problem, _) = await api.Admin.Replace(
            "/v1/landlords/" + Siren.Complete("55500004"), new { name = "A", family = "SEM", successorSiren = Siren.Complete("55599999") });

        Assert.Equal(422, status);
        Assert.Equal("SUCCESSOR_UNKNOWN", (string?)Assert.Single(problem["errors"]!.AsArray())!["code"]);
    }

    [Fact]
    public async Task A_succession_does_not_go_in_a_circle()
    {
        var (first, second, last) = (await api.Given.Landlord(), await api.Given.Landlord(), await api.Given.Landlord());
        Assert.Equal(200, (await Succeed(first, second)).Status);
        Assert.Equal(200, (await Succeed(second, last)).Status);

        var (status, problem, _) = await Succeed(last, first);

        Assert.Equal(422, status);
        var error = Assert.Single(problem["errors"]!.AsArray())!;
        Assert.Equal("SUCCESSOR_CIRCLE", (string?)error["code"]);
        Assert.Equal("/successorSiren", (string?)error["pointer"]);
        Assert.Equal(first, (string?)error["value"]);
    }

    [Fact]
    public async Task Two_who_close_a_circle_at_once_do_not_both_succeed()
    {
        for (var i = 0; i < 10; i++)
        {
            var (one, other) = (await api.Given.Landlord(), await api.Given.Landlord());

            var answers = await Task.WhenAll(Succeed(one, other), Succeed(other, one));

            Assert.Equal([200, 422], answers.Select(answer => answer.Status).Order());
        }
    }

    private Task<(int Status, System.Text.Json.Nodes.JsonNode Body, HttpResponseMessage Answer)> Succeed(string siren, string successor) =>
        api.Admin.Replace($"/v1/landlords/{siren}", new { name = "Habitat", family = "ESH", successorSiren = successor });

    [Fact]
    public async Task Many_who_create_the_same_make_one()
    {
        var path = "/v1/landlords/" + Siren.Complete("55500005");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => api.Admin.Replace(path, Body, ifNoneMatch: "*")));

        Assert.Equal([201, .. Enumerable.Repeat(412, 9)], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task Many_who_replace_the_same_version_lose_nothing()
    {
        var siren = await api.Given.Landlord();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            api.Admin.Replace($"/v1/landlords/{siren}", new { name = $"Nom {i}", family = "OPH" }, ifMatch: "\"v1\"")));

        Assert.Equal([200, .. Enumerable.Repeat(412, 9)], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task Is_found_by_name_without_accents_and_by_place()
    {
        var siren = await api.Given.Landlord("Société Hélène", "SEM");
        await api.Given.Holding(siren, 2020, await api.Given.Qpv("QP080777", "Quartier", "80021"));

        Assert.Equal(siren, (string?)Assert.Single(
            (await api.Anonymous.Read("/v1/landlords?q=societe+helene")).Body["data"]!.AsArray())!["siren"]);
        Assert.Equal(siren, (string?)Assert.Single(
            (await api.Anonymous.Read("/v1/landlords?department=80&family=SEM,OPH&commune=80021")).Body["data"]!.AsArray())!["siren"]);
        Assert.Empty((await api.Anonymous.Read("/v1/landlords?qpv=QP080777&department=59")).Body["data"]!.AsArray());
    }

    [Fact]
    public async Task Only_admin_writes() =>
        Assert.Equal(401, (await api.Anonymous.Replace("/v1/landlords/" + Siren.Complete("55500006"), Body)).Status);

    [Fact]
    public async Task A_wrong_siren_is_refused() => Assert.Equal(400, (await api.Anonymous.Read("/v1/landlords/123456789")).Status);
}
