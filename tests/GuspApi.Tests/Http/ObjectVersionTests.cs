using System.Text.Json.Nodes;

namespace GuspApi.Tests.Http;

public sealed class ObjectVersionTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Keeps_every_version_of_a_holding_its_deletion_included()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059931"));
        var path = $"/v1/holdings/{siren}/2023/{qpv}";
        await api.Admin.Replace(path, new { dwellings = 10, abatement = 100.5, abatementMethod = "ESTIMATE" }, ifNoneMatch: "*");
        await api.Admin.Replace(path, new { dwellings = 12, abatedDwellings = 11, abatement = 100 }, ifMatch: "*");
        await api.Admin.Remove(path);
        await api.Admin.Replace(path, new { dwellings = 13, abatement = 0 }, ifNoneMatch: "*");

        var (status, versions, _) = await api.Admin.Read(path + "/versions");

        Assert.Equal((200, 4), (status, (int)versions["meta"]!["total"]!));
        Assert.Equal(
            ["1 holding.created", "2 holding.updated", "3 holding.deleted", "4 holding.created"],
            versions["data"]!.AsArray().Select(version => $"{version!["version"]} {version["event"]}"));
        Assert.Equal("""{"dwellings":10,"abatement":100.50,"abatedDwellings":null,"abatementMethod":"ESTIMATE"}""", Content(versions, 0));
        Assert.Null(versions["data"]![2]!["content"]);
        Assert.Equal("bootstrap", (string?)versions["data"]![0]!["by"]);
        var (_, second, answer) = await api.Admin.Read((string)versions["data"]![1]!["href"]!);
        Assert.Equal((12, "\"v2\""), ((int)second["content"]!["dwellings"]!, answer.Headers.ETag!.Tag));
        Assert.Equal(404, (await api.Admin.Read(path + "/versions/9")).Status);
        Assert.Equal(404, (await api.Admin.Read($"/v1/holdings/{siren}/2020/{qpv}/versions")).Status);

        var (_, page, _) = await api.Admin.Read(path + "/versions?limit=3");
        var (_, next, _) = await api.Admin.Read((string)page["links"]!["next"]!);
        Assert.Equal(4, (int)Assert.Single(next["data"]!.AsArray())!["version"]!);
    }

    [Fact]
    public async Task Tells_what_a_landlord_and_a_qpv_were()
    {
        var siren = await api.Given.Landlord("Ancien nom");
        await api.Admin.Replace($"/v1/landlords/{siren}", new { name = "Nouveau nom", family = "OPH", activeFrom = 2001 });
        await api.Admin.Replace("/v1/qpvs/QP059941", new { name = "Un quartier", communes = new[] { "59350" } });
        await api.Admin.Replace("/v1/qpvs/QN05941M",
            new { name = "Son successeur", communes = new[] { "59350" }, predecessors = new[] { "QP059941" } });

        var (_, landlord, _) = await api.Admin.Read($"/v1/landlords/{siren}/versions");
        Assert.Equal("""{"name":"Ancien nom","family":"ESH","activeFrom":null,"activeTo":null,"successorSiren":null}""", Content(
            landlord, 0));
        Assert.Equal("""{"name":"Nouveau nom","family":"OPH","activeFrom":2001,"activeTo":null,"successorSiren":null}""", Content(
            landlord, 1));
        var (_, qpv, _) = await api.Admin.Read("/v1/qpvs/QN05941M/versions/1");
        Assert.Equal("""{"name":"Son successeur","communes":["59350"],"predecessors":["QP059941"],"geometry":null}""",
            qpv["content"]!.ToJsonString());
        Assert.Equal(401, (await api.Anonymous.Read($"/v1/landlords/{siren}/versions")).Status);
    }

    private static string Content(JsonNode versions, int index) => versions["data"]![index]!["content"]!.ToJsonString();
}
