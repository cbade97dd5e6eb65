namespace GuspApi.Tests.Features.Projects;

public sealed class ProjectTests(DemoApi api) : IClassFixture<DemoApi>
{
    [Fact]
    public async Task The_three_projects_of_the_leaflet_are_there()
    {
        var (_, body, _) = await api.Anonymous.Read("/v1/projects");

        Assert.Equal([65_000m, 3_579m, 90_000m], body["data"]!.AsArray().Select(project => (decimal)project!["annualBudget"]!));
        Assert.Equal(["Beauvais", "Amiens", "Hénin-Beaumont"], body["data"]!.AsArray()
            .Select(project => (string)project!["commune"]!["name"]!));
    }

    [Theory]
    [InlineData("q=ETOUVIE", 1)]
    [InlineData("department=60,80", 2)]
    [InlineData("commune=62427&q=coeur+de+mineurs", 1)]
    [InlineData("axis=3", 0)]
    [InlineData("year=2020", 1)]
    public async Task Filters_combine(string filter, int total) =>
        Assert.Equal(total, (int)(await api.Anonymous.Read($"/v1/projects?{filter}")).Body["meta"]!["total"]!);

    [Fact]
    public async Task One_project_has_the_version_as_its_tag()
    {
        Assert.Equal(304, (await api.Anonymous.Read("/v1/projects/1", ifNoneMatch: "\"v1\"")).Status);
        Assert.Equal(404, (await api.Anonymous.Read("/v1/projects/999")).Status);
    }
}
