using GuspApi.Features.Indicators;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>What indicators sum is kept at each commit: after any history it is what the lines give.</summary>
public sealed class CountedFigureTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Figures_that_are_kept_are_those_of_the_lines_whatever_was_written()
    {
        var landlords = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.Given.Landlord()));
        var qpv = await api.Given.Qpv("QP059981");
        string[] keys = [.. from siren in landlords from year in Enumerable.Range(2020, 3) select $"{siren}/{year}/{qpv}"];

        await Task.WhenAll(Enumerable.Range(0, 6).Select(seed => Write(keys, new Random(seed))));

        Assert.True(await api.Given.Scalar<long>("select count(*) from counted_figure where declaration_id is not null") > 0);
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));
    }

    [Fact]
    public async Task The_operator_finds_figures_that_are_wrong_and_makes_them_anew()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059982"));
        await api.Given.Holding(siren, 2022, qpv, dwellings: 10);
        await api.Given.Declaration(siren, 2022, qpv, "VALIDATED", 100m);
        await api.Given.Sql("update counted_figure set expense1 = 1 where landlord_siren = $1", siren);

        Assert.Equal(siren, await api.Given.Scalar<string>("select landlord_siren from wrong_figures()"));
        Assert.Equal(1, await Command("verify"));
        Assert.Equal(0, await Command("rebuild"));
        Assert.Equal(0, await Command("verify"));
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));
        Assert.Equal(10_000, await api.Given.Scalar<long>("select expense1 from counted_figure where landlord_siren = $1", siren));
    }

    private Task<int> Command(string word) =>
        FigureCommand.RunAsync(["figures", word], api.ConnectionString, TestContext.Current.CancellationToken);

    private async Task Write(string[] keys, Random random)
    {
        for (var i = 0; i < 80; i++)
        {
            var key = random.GetItems(keys, 1)[0];
            var lines = new
            {
                lines = Enumerable.Range(0, random.Next(4)).Select(no => new
                {
                    @ref = "L" + no,
                    axis = random.Next(1, 9),
                    action = "Action",
                    family = random.Next(2) == 0 ? "SPECIFIC" : "REINFORCEMENT",
                    actual = random.Next(100_000) / 100m,
                }),
            };
            var holding = new { dwellings = random.Next(100), abatement = random.Next(100_000) / 100m };
            using var answer = random.Next(8) switch
            {
                0 => (await api.Admin.Replace($"/v1/holdings/{key}?reason=Test", holding, ifMatch: "*")).Answer,
                1 => (await api.Admin.Replace($"/v1/holdings/{key}", holding, ifNoneMatch: "*")).Answer,
                2 => (await api.Admin.Replace($"/v1/declarations/{key}", lines, ifNoneMatch: "*")).Answer,
                3 => (await api.Admin.Replace($"/v1/declarations/{key}?submit=true", lines, ifMatch: "*")).Answer,
                4 or 5 => await api.Admin.PostAsync($"/v1/declarations/{key}/validate", null, TestContext.Current.CancellationToken),
                6 => (await api.Admin.Remove($"/v1/holdings/{key}")).Answer,
                _ => await api.Admin.PostAsync(
                    $"/v1/declarations/{key}/reopen", System.Net.Http.Json.JsonContent.Create(new { comment = "Encore" }), TestContext.Current.CancellationToken),
            };
            Assert.True((int)answer.StatusCode < 500);
        }
    }
}
