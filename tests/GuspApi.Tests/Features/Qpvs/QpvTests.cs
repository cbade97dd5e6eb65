namespace GuspApi.Tests.Features.Qpvs;

public sealed class QpvTests(Api api) : IClassFixture<Api>
{
    private static readonly double[][][] Square = [[[3.0, 50.0], [3.1, 50.0], [3.1, 50.1], [3.0, 50.0]]];

    [Fact]
    public async Task Is_created_with_communes_predecessor_and_geometry()
    {
        await api.Given.Qpv("QP059901");
        var body = new
        {
            name = "Centre",
            communes = new[] { "59599", "59350" },
            predecessors = new[]
            { "QP059901" },
            geometry = new { type = "Polygon", coordinates = Square }
        };

        var (status, qpv, answer) = await api.Admin.Replace("/v1/qpvs/QN05990M", body, ifNoneMatch: "*");
        var (_, again, _) = await api.Admin.Replace("/v1/qpvs/QN05990M", body, ifMatch: answer.Headers.ETag!.ToString());
        var (_, read, _) = await api.Anonymous.Read("/v1/qpvs/QN05990M");

        Assert.Equal(201, status);
        Assert.Equal(2024, (int)qpv["generation"]!);
        Assert.Equal("59", (string?)qpv["department"]!["code"]);
        Assert.Equal(["59350", "59599"], qpv["communes"]!.AsArray().Select(commune => (string)commune!["code"]!));
        Assert.Equal("200093201", (string?)Assert.Single(qpv["epcis"]!.AsArray())!["code"]);
        Assert.Equal(1, (int)again["version"]!);
        Assert.Equal("Polygon", (string?)read["geometry"]!["type"]);
        Assert.Equal("QN05990M", (string?)Assert.Single((await api.Anonymous.Read("/v1/qpvs/QP059901")).Body["successors"]!.AsArray()));
        Assert.Equal(1, (int)(await api.Anonymous.Read("/v1/qpvs?bbox=3.05,50.05,4,51")).Body["meta"]!["total"]!);
        Assert.Equal(0, (int)(await api.Anonymous.Read("/v1/qpvs?bbox=4,50.05,5,51")).Body["meta"]!["total"]!);
    }

    [Fact]
    public async Task Other_communes_make_a_new_version()
    {
        await api.Given.Qpv("QP059902");

        var (status, qpv, _) = await api.Admin.Replace(
            "/v1/qpvs/QP059902", new { name = "Quartier", communes = new[] { "59599" } }, ifMatch: "\"v1\"");

        Assert.Equal(200, status);
        Assert.Equal(2, (int)qpv["version"]!);
    }

    [Fact]
    public async Task A_change_of_lineage_alone_makes_a_new_version_of_both()
    {
        await api.Given.Qpv("QP059911");
        await api.Given.Qpv("QP059912");
        await api.Given.Qpv("QN05991M", "Centre");
        object With(params string[] predecessors) => new { name = "Centre", communes = new[] { "59350" }, predecessors };

        Assert.Equal(2, (int)(await api.Admin.Replace("/v1/qpvs/QN05991M", With("QP059911"), ifMatch: "\"v1\"")).Body["version"]!);
        Assert.Equal(3, (int)(await api.Admin.Replace("/v1/qpvs/QN05991M", With("QP059912"), ifMatch: "\"v2\"")).Body["version"]!);
        Assert.Equal(3, (int)(await api.Admin.Replace("/v1/qpvs/QN05991M", With("QP059912"), ifMatch: "\"v3\"")).Body["version"]!);

        Assert.Equal(3, (int)(await api.Anonymous.Read("/v1/qpvs/QP059911")).Body["version"]!);
        Assert.Equal(2, (int)(await api.Anonymous.Read("/v1/qpvs/QP059912", ifNoneMatch: "\"v1\"")).Body["version"]!);
        Assert.Equal("""["QP059912"]""", await api.Given.Scalar<string>(
            "select (content -> 'predecessors')::text from change where object_type = 'qpv' and object_key = 'QN05991M' and version = 3"));
        Assert.Equal("""["59350"]""", await api.Given.Scalar<string>(
            "select (content -> 'communes')::text from change where object_type = 'qpv' and object_key = 'QN05991M' and version = 3"));
    }

    [Theory]
    [InlineData("QN05992M", "QN05991M", "PREDECESSORS_INVALID")]
    [InlineData("QP059913", "QP059921", "PREDECESSORS_INVALID")]
    [InlineData("QN05992M", "QP059999", "QPV_UNKNOWN")]
    public async Task Predecessors_are_known_codes_of_2015_for_a_qpv_of_2024(string code, string predecessor, string error)
    {
        await api.Given.Sql("insert into qpv (code, name, generation, department_code, version) values ('QP059921', 'A', 2015, '59', "
            + "1) on conflict do nothing");

        var (status, problem, _) = await api.Admin.Replace(
            "/v1/qpvs/" + code, new { name = "Quartier", communes = new[] { "59350" }, predecessors = new[] { predecessor } });

        Assert.Equal(422, status);
        Assert.Equal(error, (string?)Assert.Single(problem["errors"]!.AsArray())!["code"]);
    }

    [Theory]
    [InlineData("59350", "60057", "SEVERAL_DEPARTMENTS")]
    [InlineData("59350", "59999", "COMMUNE_UNKNOWN")]
    [InlineData("59350", "Lille", "COMMUNES_INVALID")]
    public async Task Communes_are_known_and_of_one_departement(string one, string other, string code)
    {
        var (status, problem, _) = await api.Admin.Replace("/v1/qpvs/QP059903", new { name = "Quartier", communes = new[] { one, other } });

        Assert.Equal(422, status);
        Assert.Equal(code, (string?)Assert.Single(problem["errors"]!.AsArray())!["code"]);
    }

    [Fact]
    public async Task An_open_ring_is_refused() => Assert.Equal(422, (await api.Admin.Replace("/v1/qpvs/QP059904", new
    {
        name = "Quartier",
        communes = new[] { "59350" },
        geometry = new { type = "Polygon", coordinates = new[] { Square[0][..3] } },
    })).Status);

    [Fact]
    public async Task Filters_combine()
    {
        var siren = await api.Given.Landlord();
        await api.Given.Holding(siren, 2020, await api.Given.Qpv("QP002905", "Cité d'Été", "02691", "02722"));

        foreach (var filter in new[] { "q=cite+d%27ete", "department=02", "commune=02722", $"landlord={siren}",
            "epci=200071892&commune=02691" })
            Assert.Equal("QP002905", (string?)Assert.Single(
                (await api.Anonymous.Read($"/v1/qpvs?generation=2015&{filter}")).Body["data"]!.AsArray())!["code"]);
        Assert.Empty((await api.Anonymous.Read($"/v1/qpvs?generation=2024&landlord={siren}")).Body["data"]!.AsArray());
    }
}
