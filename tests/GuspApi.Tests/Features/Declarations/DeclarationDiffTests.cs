using System.Text.Json.Nodes;

namespace GuspApi.Tests.Features.Declarations;

public sealed class DeclarationDiffTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Compares_two_versions_line_by_line()
    {
        var path = $"/v1/declarations/{await api.Given.Landlord()}/2023/{await api.Given.Qpv("QP059951")}";
        await api.Admin.Replace(path, Lines(("A", 100m), ("B", 200m), ("C", 300m), ("D", 400m)), ifNoneMatch: "*");
        await api.Admin.Replace(path, Lines(("E", 50m), ("B", 250m), ("D", 400m), ("C", 300m)), ifMatch: "*");

        var (status, diff, _) = await api.Admin.Read(path + "/diff");

        Assert.Equal((200, 1, 2), (status, (int)diff["from"]!["version"]!, (int)diff["to"]!["version"]!));
        Assert.Equal(
            ["A removed ", "E added ", "B changed actual", "D changed position", "C changed position"],
            diff["lines"]!.AsArray().Select(line => $"{line!["ref"]} {line["change"]} {string.Join(',', line["fields"]!.AsArray())}"));
        Assert.Equal((200m, 250m), Actuals(diff["lines"]![2]!));
        Assert.Equal((1000m, 1000m, 0m, 0), ((decimal)diff["totals"]!["before"]!["actual"]!, (decimal)diff["totals"]!["after"]!["actual"]!,
            (decimal)diff["totals"]!["difference"]!["actual"]!, (int)diff["unchanged"]!));
        Assert.Equal(100m, (decimal)(await api.Admin.Read(path + "/diff?from=2&to=1")).Body["lines"]![1]!["after"]!["actual"]!);
        Assert.Empty((await api.Admin.Read(path + "/diff?from=1&to=1")).Body["lines"]!.AsArray());
        Assert.Equal(404, (await api.Admin.Read(path + "/diff?from=1&to=3")).Status);
    }

    [Fact]
    public async Task Compares_only_what_the_caller_may_see()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059952"));
        var path = $"/v1/declarations/{siren}/2023/{qpv}";
        await api.Given.Holding(siren, 2023, qpv);
        await api.Admin.Replace(path, Lines(("A", 100m)), ifNoneMatch: "*");
        await api.Admin.PostAsync(path + "/submit", null, TestContext.Current.CancellationToken);
        await api.Admin.PostAsync(path + "/validate", null, TestContext.Current.CancellationToken);
        var reader = await api.Key(new { name = "Lecture", scopes = new[] { "read" } });

        var (_, diff, _) = await reader.Read(path + "/diff");

        Assert.Equal((3, 3), ((int)diff["from"]!["version"]!, (int)diff["to"]!["version"]!));
        Assert.Equal(404, (await reader.Read(path + "/diff?from=1&to=3")).Status);
        Assert.Equal("VALIDATED", (string?)(await api.Admin.Read(path + "/diff?from=1&to=3")).Body["to"]!["status"]);
    }

    private static (decimal, decimal) Actuals(JsonNode line) => ((decimal)line["before"]!["actual"]!, (decimal)line["after"]!["actual"]!);

    private static object Lines(params (string Ref, decimal Actual)[] lines) => new
    {
        lines = lines.Select(
            line => new { @ref = line.Ref, axis = 3, action = "Action " + line.Ref, family = "SPECIFIC", actual = line.Actual }),
    };
}
