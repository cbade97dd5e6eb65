using GuspApi.Features.Indicators;

namespace GuspApi.Tests.Features.Indicators;

/// <summary>What indicators sum is kept at each commit: after any history it is what the lines give.</summary>
public sealed class CountedFigureTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Figures_that_are_kept_are_those_of_the_lines_whatever_was_written()
    {
        var landlords = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.Given.Landlord()));
        string[] qpvs = [await api.Given.Qpv("QP059981"), await api.Given.Qpv("QP059983"), await api.Given.Qpv("QP002981")];
        string[] keys = [.. from siren in landlords from year in Enumerable.Range(2021, 2) from qpv in qpvs select $"{siren}/{year}/{qpv}"];

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

        Assert.Equal(siren, await api.Given.Scalar<string>("select landlord_siren from wrong_figures() where landlord_siren <> ''"));
        Assert.Equal(1, await Command("verify"));
        Assert.Equal(0, await Command("rebuild"));
        Assert.Equal(0, await Command("verify"));
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));
        Assert.Equal(10_000, await api.Given.Scalar<long>("select expense1 from counted_figure where landlord_siren = $1", siren));
    }

    /// <summary>Sums by landlord are by département, which a QPV may have been given wrongly.</summary>
    [Fact]
    public async Task Figures_follow_a_QPV_to_another_departement()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059984"));
        await api.Given.Holding(siren, 2022, qpv, dwellings: 10);
        await api.Given.Declaration(siren, 2022, qpv, "VALIDATED", 100m);
        Assert.Equal(["59"], await Departments());

        await api.Given.Sql("update qpv set department_code = '80', version = version + 1 where code = $1", qpv);

        Assert.Equal(["80"], await Departments());
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));

        async Task<string[]> Departments()
        {
            var (_, body, _) = await api.Admin.Read(
                $"/v1/indicators?from=2022&to=2022&groupBy=department&measures=expense&landlord={siren}");
            return [.. body["data"]!.AsArray().Select(row => (string)row!["group"]!["department"]!["code"]!)];
        }
    }

    [Fact]
    public async Task What_is_made_a_draft_by_hand_counts_no_more()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059986"));
        await api.Given.Declaration(siren, 2022, qpv, "VALIDATED", 100m);

        await api.Given.Sql("""
            update declaration set status = 'DRAFT', action = 'SAVED', validated_version = null, validated_lines_version = null,
              version = version + 1
            where landlord_siren = $1
            """, siren);

        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));
    }

    [Fact]
    public async Task The_operator_finds_sums_that_are_wrong_and_makes_them_anew()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059985"));
        await api.Given.Holding(siren, 2022, qpv, dwellings: 10);
        await api.Given.Sql("update summed_figure set dwellings = 11 where landlord_siren = $1", siren);

        Assert.Equal($"{siren}/2022/59",
            await api.Given.Scalar<string>("select landlord_siren || '/' || year || '/' || place_code from wrong_figures()"));
        Assert.Equal(0, await Command("rebuild"));
        Assert.Equal(0, await Command("verify"));
    }

    [Fact]
    public async Task The_operator_finds_years_that_are_wrong_and_makes_them_anew()
    {
        var (siren, qpv) = (await api.Given.Landlord(), await api.Given.Qpv("QP059987"));
        await api.Given.Holding(siren, 2022, qpv, dwellings: 10);
        await api.Given.Sql("update figure_years set known = known | year_bit(2021::smallint) where landlord_siren = $1", siren);

        Assert.Equal($"{siren}/2021/59, {siren}/2021/{qpv}", await api.Given.Scalar<string>(
            "select string_agg(landlord_siren || '/' || year || '/' || place_code, ', ' order by place_code) from wrong_figures()"));
        Assert.Equal(1, await Command("verify"));
        Assert.Equal(0, await Command("rebuild"));
        Assert.Equal(0, await Command("verify"));
    }

    [Fact]
    public async Task A_year_without_its_last_holding_counts_no_more()
    {
        var (one, other, qpv) = (await api.Given.Landlord(), await api.Given.Landlord(), await api.Given.Qpv("QP059988"));
        foreach (var siren in new[] { one, other })
            await api.Given.Holding(siren, 2022, qpv, dwellings: 10);
        await api.Given.Holding(other, 2021, qpv, dwellings: 10);
        Assert.Equal("2021: 1, 2022: 2", await Landlords());

        Assert.Equal(204, (int)(await api.Admin.Remove($"/v1/holdings/{one}/2022/{qpv}")).Answer.StatusCode);
        Assert.Equal("2021: 1, 2022: 1", await Landlords());

        Assert.Equal(204, (int)(await api.Admin.Remove($"/v1/holdings/{other}/2022/{qpv}")).Answer.StatusCode);
        Assert.Equal("2021: 1", await Landlords());
        Assert.Equal(0, await api.Given.Scalar<long>("select count(*) from wrong_figures()"));

        async Task<string> Landlords()
        {
            var (_, body, _) = await api.Admin.Read(
                $"/v1/indicators?from=2021&to=2022&groupBy=year&measures=landlords&perimeter=all&qpv={qpv}");
            return string.Join(", ", body["data"]!.AsArray()
                .Select(row => $"{row!["group"]!["year"]!["code"]}: {row["landlords"]}"));
        }
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
                    $"/v1/declarations/{key}/reopen", System.Net.Http.Json.JsonContent.Create(new { comment = "Encore" }),
                    TestContext.Current.CancellationToken),
            };
            Assert.True((int)answer.StatusCode < 500);
        }
    }
}
