using GuspApi.Development;

namespace GuspApi.Tests.Development;

/// <summary>The figures of the leaflet, straight from the tables.</summary>
public sealed class DemoDataTests(DemoApi api) : IClassFixture<DemoApi>
{
    private const string Counted =
        """
        from declaration d
        join holding h using (landlord_siren, year, qpv_code)
        join qpv q on q.code = h.qpv_code
        cross join lateral (
          select sum(actual) as expense from expense_line l
            where l.declaration_id = d.id and l.version = d.validated_lines_version) as spent
        where d.year between 2019 and 2022 and d.status = 'VALIDATED'
        """;

    [Theory]
    [InlineData("59", 84_073, 13_353_200, 168_150)]
    [InlineData("62", 56_802, 8_309_550, 113_600)]
    [InlineData("60", 19_551, 5_477_614, 39_100)]
    [InlineData("80", 11_028, 5_030_087, 22_050)]
    [InlineData("02", 9_224, 2_663_891, 18_450)]
    public async Task Each_departement_has_its_printed_figures(string department, int dwellings, int expense, int inhabitants)
    {
        Assert.Equal(4L * dwellings, await api.Given.Scalar<long>(
            $"select sum(dwellings) {Counted} and q.department_code = $1", department));
        Assert.Equal(4m * expense, await api.Given.Scalar<decimal>(
            $"select sum(expense) {Counted} and q.department_code = $1", department));
        Assert.Equal((decimal)inhabitants, await api.Given.Scalar<decimal>(
            $"select round(2 * sum(dwellings) / 4.0 / 50) * 50 {Counted} and q.department_code = $1", department));
    }

    [Fact]
    public async Task All_of_it_is_told_in_the_change_feed()
    {
        var told = new Dictionary<string, HashSet<string>>();
        for (var next = "/v1/changes?limit=1000"; ;)
        {
            var (_, page, _) = await api.Admin.Read(next);
            foreach (var change in page["data"]!.AsArray().Select(change => change!["object"]!))
                (told.TryGetValue((string)change["type"]!, out var keys) ? keys : told[(string)change["type"]!] = [])
                    .Add((string)change["key"]!);
            if ((bool)page["meta"]!["complete"]!)
                break;
            next = (string)page["links"]!["next"]!;
        }
        foreach (var type in new[] { "declaration", "holding", "landlord", "qpv", "project" })
            Assert.Equal(await api.Given.Scalar<long>($"select count(*) from {type}"), told[type].Count);
    }

    [Fact]
    public async Task The_region_has_its_printed_figures()
    {
        Assert.Equal(4 * 34_834_342m, await api.Given.Scalar<decimal>($"select sum(expense) {Counted}"));
        Assert.Equal(361_350m, await api.Given.Scalar<decimal>($"select round(2 * sum(dwellings) / 4.0 / 50) * 50 {Counted}"));
        Assert.Equal(193m, await api.Given.Scalar<decimal>($"select round(sum(expense) / sum(dwellings)) {Counted}"));
        Assert.Equal(1.20m, await api.Given.Scalar<decimal>($"select round(sum(expense) / sum(abatement), 2) {Counted}"));
        Assert.Equal(0.83m, await api.Given.Scalar<decimal>($"select round(sum(abatement) / sum(expense), 2) {Counted}"));
        Assert.InRange(await api.Given.Scalar<decimal>($"select sum(abatement) / 4 {Counted}"), 28_908_168.01m, 29_086_675m);
        Assert.Equal(199L, await api.Given.Scalar<long>($"select count(distinct q.code) {Counted}"));
        Assert.Equal(141L, await api.Given.Scalar<long>("select count(distinct commune_code) from qpv_commune"));
        Assert.Equal(0L, await api.Given.Scalar<long>(
            "select count(*) from qpv_commune l join commune c on c.code = l.commune_code join qpv q on q.code = l.qpv_code where "
                + "c.department_code <> q.department_code"));
    }

    [Theory]
    [InlineData("ENVIRONNEMENT", 9.2)]
    [InlineData("PROXIMITE", 5.1)]
    [InlineData("VIE_SOCIALE", 7.5)]
    [InlineData("TRAVAUX", 13.0)]
    public async Task Each_theme_rounds_to_its_printed_figure(string theme, double millions) =>
        Assert.Equal((decimal)millions, await api.Given.Scalar<decimal>(
            "select round(sum(actual) / 4000000, 1) from expense_line l join axis a on a.number = l.axis where a.theme_code = $1", theme));

    [Fact]
    public async Task Lines_keep_the_rules_of_the_trade()
    {
        Assert.Equal(0L, await api.Given.Scalar<long>(
            "select count(*) from expense_line where valued > actual or landlord_funding + other_funding <> actual"));
        Assert.Equal(8L, await api.Given.Scalar<long>("select count(distinct axis) from expense_line"));
        Assert.Equal(0L, await api.Given.Scalar<long>($"select count(*) {Counted} and expense / dwellings not between 50 and 600"));
    }

    [Fact]
    public async Task Each_declaration_was_saved_submitted_and_validated_by_demo()
    {
        Assert.Equal("DRAFT,SUBMITTED,VALIDATED", await api.Given.Scalar<string>(
            "select string_agg(distinct status, ',') from declaration_version"));
        Assert.Equal(0L, await api.Given.Scalar<long>(
            "select count(*) from declaration d where (select count(*) from declaration_version v where v.declaration_id = d.id) <> 3"));
        Assert.Equal("1,2,3", await api.Given.Scalar<string>(
            "select string_agg(revision::text, ',' order by revision) from change_set where actor = 'demo'"));
    }

    [Fact]
    public async Task It_is_not_loaded_twice() =>
        Assert.False(await DemoData.LoadAsync(api.Database, TestContext.Current.CancellationToken));

    [Fact]
    public void It_is_the_same_each_time()
    {
        var (one, other) = (DemoGenerator.Run(), DemoGenerator.Run());
        Assert.Equal(one.Lines.Select(line => (line.Ref, line.Actual, line.Valued)),
            other.Lines.Select(line => (line.Ref, line.Actual, line.Valued)));
    }
}
