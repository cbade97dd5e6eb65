using System.Text.Json;
using System.Text.Json.Nodes;
using GuspApi.Model;
using GuspApi.Tests.Features.Imports;

namespace GuspApi.Tests.Features.Qpvs;

/// <summary>Contours as RFC 7946 wants them.</summary>
public sealed class GeoJsonTests(Api api) : IClassFixture<Api>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Both rings turned the wrong way: the outer one clockwise, the hole counterclockwise.
    private const string Clockwise = """
        {"type":"Polygon","coordinates":[[[3.0,50.0],[3.0,50.4],[3.4,50.4],[3.4,50.0],[3.0,50.0]],[[3.1,50.1],[3.2,50.1],[3.2,50.2],[3.1,50.1]]]}
        """;

    private const string RightHanded =
        """{"type":"Polygon","coordinates":[[[3.0,50.0],[3.4,50.0],[3.4,50.4],[3.0,50.4],[3.0,50.0]],[[3.1,50.1],[3.2,50.2],[3.2,50.1],[3.1,50.1]]]}""";

    private async Task<(string With, string Without)> QpvsAsync(string department)
    {
        var with = await api.Given.Qpv($"QP0{department}801", "Avec contour", department + "001");
        var without = await api.Given.Qpv($"QP0{department}802", "Sans contour", department + "001");
        await api.Given.Sql("""
            update qpv set version = 2, geometry = $2::jsonb, min_longitude = 3, max_longitude = 3.4, min_latitude = 50,
              max_latitude = 50.4 where code = $1
            """, with, Clockwise);
        return (with, without);
    }

    [Fact]
    public void Rings_are_turned_and_nothing_else()
    {
        using var wrong = JsonDocument.Parse(Clockwise);
        using var right = JsonDocument.Parse(RightHanded);

        Assert.Equal(RightHanded, Contour.RightHanded(wrong.RootElement));
        Assert.Equal(RightHanded, Contour.RightHanded(right.RootElement));
    }

    [Fact]
    public async Task A_collection_has_the_box_of_all_and_null_where_no_contour_is_known()
    {
        var (with, without) = await QpvsAsync("59");

        var answer = await api.Anonymous.GetAsync("/v1/qpvs?department=59&q=contour&format=geojson", Ct);

        var collection = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal("FeatureCollection", (string?)collection["type"]);
        Assert.Equal("[3,50,3.4,50.4]", collection["bbox"]!.ToJsonString());
        var features = collection["features"]!.AsArray();
        Assert.Equal([with, without], features.Select(feature => (string)feature!["id"]!));
        Assert.Equal(RightHanded.Replace(".0", ""), features[0]!["geometry"]!.ToJsonString().Replace(".0", ""));
        Assert.Equal("[3,50,3.4,50.4]", features[0]!["bbox"]!.ToJsonString());
        Assert.Null(features[1]!["geometry"]);
        Assert.True(features[1]!.AsObject().ContainsKey("geometry"));
        Assert.Null(features[1]!["bbox"]);
        var listed = (await api.Anonymous.Read("/v1/qpvs?department=59&q=contour")).Body["data"]!.AsArray();
        Assert.Equal(listed.Select(qpv => qpv!.ToJsonString()), features.Select(feature => feature!["properties"]!.ToJsonString()));
    }

    [Fact]
    public async Task One_qpv_is_a_feature_with_the_tag_of_its_version()
    {
        var (with, _) = await QpvsAsync("60");

        var (_, json, plain) = await api.Anonymous.Read($"/v1/qpvs/{with}");
        var (_, feature, answer) = await api.Anonymous.Read($"/v1/qpvs/{with}?format=geojson");

        Assert.Equal("Feature", (string?)feature["type"]);
        Assert.Equal((string?)json["name"], (string?)feature["properties"]!["name"]);
        Assert.Equal(plain.Headers.ETag, answer.Headers.ETag);
        Assert.Equal(304, (await api.Anonymous.Read($"/v1/qpvs/{with}?format=geojson", plain.Headers.ETag!.ToString())).Status);
    }

    [Fact]
    public async Task Figures_are_properties_of_the_contours()
    {
        var (with, without) = await QpvsAsync("62");
        var siren = await api.Given.Landlord();
        foreach (var qpv in new[] { with, without })
        {
            await api.Given.Holding(siren, 2021, qpv, dwellings: 100, abatement: 400m);
            await api.Given.Declaration(siren, 2021, qpv, "VALIDATED", 800m);
        }

        var (_, collection, _) = await api.Anonymous.Read(
            "/v1/indicators?from=2021&to=2021&department=62&groupBy=year,qpv&measures=expense,coverageRate&format=geojson");

        var features = collection["features"]!.AsArray();
        Assert.Equal([$"2021/{with}", $"2021/{without}"], features.Select(feature => (string)feature!["id"]!));
        Assert.Equal(
            $$"""{"year":"2021","year_label":"2021","qpv":"{{with}}","qpv_label":"Avec contour","expense":800.00,"coverageRate":0.5000}""",
            features[0]!["properties"]!.ToJsonString());
        Assert.Equal("Polygon", (string?)features[0]!["geometry"]!["type"]);
        Assert.Null(features[1]!["geometry"]);
    }

    [Fact]
    public async Task A_contour_is_kept_right_handed_so_that_an_export_imported_again_says_unchanged()
    {
        var code = await api.Given.Qpv("QP080801", "Contour importé", "80001");
        var (status, _, _) = await api.Admin.Replace(
            "/v1/qpvs/" + code, new { name = "Contour importé", communes = new[] { "80001" }, geometry = JsonNode.Parse(Clockwise) },
            ifMatch: "\"v1\"");

        var file = await api.Admin.GetStringAsync("/v1/qpvs?department=80&format=geojson", Ct);

        Assert.Equal(200, status);
        Assert.Equal("DONE 0/0/1/0", ImportClient.Outcome(
            await ImportClient.ImportAsync(api.Admin, "dataset=qpvs", file, "application/geo+json")));
    }

    [Theory]
    [InlineData("/v1/qpvs?q=contour&format=geojson")]
    [InlineData("/v1/qpvs/QP002801?format=geojson")]
    [InlineData("/v1/indicators?from=2021&to=2021&groupBy=qpv&format=geojson")]
    public async Task Gdal_opens_it(string path)
    {
        if (await api.Given.Scalar<long>("select count(*) from qpv where code = $1", "QP002801") == 0)
            await QpvsAsync("02");
        var siren = await api.Given.Landlord();
        await api.Given.Holding(siren, 2021, "QP002801");
        await api.Given.Declaration(siren, 2021, "QP002801", "VALIDATED", 800m);
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n") + ".geojson");
        await File.WriteAllBytesAsync(file, await api.Anonymous.GetByteArrayAsync(path, Ct), Ct);

        var told = await Tool.RunAsync("ogrinfo", "gdal-bin", ["-al", "-so", file]);

        File.Delete(file);
        Assert.Contains("using driver `GeoJSON' successful", told);
        Assert.Contains("Geometry: Polygon", told);
        Assert.Contains("Extent: (3.000000, 50.000000) - (3.400000, 50.400000)", told);
        Assert.Contains("WGS 84", told);
    }
}
