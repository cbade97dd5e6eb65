namespace GuspApi.Tests.Features.Territories;

public sealed class TerritoryTests(Api api) : IClassFixture<Api>
{
    [Theory]
    [InlineData("/v1/regions", 22)]
    [InlineData("/v1/departments", 105)]
    [InlineData("/v1/departments?region=32", 5)]
    [InlineData("/v1/epcis", 92)]
    [InlineData("/v1/communes", 3782)]
    [InlineData("/v1/communes?q=HENIN", 3)]
    [InlineData("/v1/axes", 8)]
    [InlineData("/v1/themes", 4)]
    public async Task Lists_what_is_known(string path, int total)
    {
        var (status, body, _) = await api.Anonymous.Read(path);

        Assert.Equal(200, status);
        Assert.Equal(total, (int)body["meta"]!["total"]!);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        var codes = new List<string>();
        for (var path = "/v1/communes?department=02&limit=300"; path is not null;)
        {
            var (_, body, _) = await api.Anonymous.Read(path);
            codes.AddRange(body["data"]!.AsArray().Select(commune => (string)commune!["code"]!));
            path = (string?)body["links"]!["next"];
        }

        Assert.Equal(await api.Given.Scalar<long>("select count(*) from commune where department_code = '02'"), codes.Count);
        Assert.Equal(codes.Distinct().Order(StringComparer.Ordinal), codes);
    }

    [Fact]
    public async Task A_code_keeps_its_leading_zero_and_tells_its_source()
    {
        var (_, aisne, _) = await api.Anonymous.Read("/v1/departments/02");

        Assert.Equal("Aisne", (string?)aisne["name"]);
        Assert.Equal("32", (string?)aisne["region"]!["code"]);
        Assert.Equal("2026-01-01", (string?)aisne["sourceDate"]);
    }

    [Fact]
    public async Task An_unknown_code_selects_nothing_and_is_told()
    {
        var (status, body, _) = await api.Anonymous.Read("/v1/communes?department=59,99&q=lille");

        Assert.Equal(200, status);
        Assert.Equal("department: 99 does not exist.", (string?)Assert.Single(body["meta"]!["warnings"]!.AsArray()));

        using var french = new HttpRequestMessage(HttpMethod.Get, "/v1/communes?department=99")
        {
            Headers = { { "Accept-Language", "fr" } },
        };
        var answer = await api.Anonymous.SendAsync(french, TestContext.Current.CancellationToken);
        Assert.Contains("department : 99 n'existe pas.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/v1/departments?region=x", "region")]
    [InlineData("/v1/communes?limit=0", "limit")]
    [InlineData("/v1/communes?departement=59", "departement")]
    [InlineData("/v1/communes?cursor=abc", "cursor")]
    [InlineData("/v1/communes/593500", "code")]
    [InlineData("/v1/axes/9", "number")]
    public async Task What_is_out_of_form_is_refused(string path, string parameter)
    {
        var (status, problem, _) = await api.Anonymous.Read(path);

        Assert.Equal(400, status);
        Assert.Equal(parameter, (string?)Assert.Single(problem["errors"]!.AsArray())!["parameter"]);
    }

    [Fact]
    public async Task A_list_the_caller_has_already_is_304()
    {
        var (_, _, first) = await api.Anonymous.Read("/v1/axes");

        var (status, _, _) = await api.Anonymous.Read("/v1/axes", ifNoneMatch: first.Headers.ETag!.ToString());

        Assert.Equal(304, status);
    }
}
