using System.Text.Json.Nodes;
using GuspApi.Model;
using GuspApi.Tests.Access;

namespace GuspApi.Tests.Features.Completeness;

/// <summary>Random holdings, declarations and campaigns over QPVs in one EPCI, in two, in none; every count made again by hand.</summary>
public sealed class CompletenessTests(CompletenessTests.RandomApi api) : IClassFixture<CompletenessTests.RandomApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    internal sealed record Cell(string Landlord, int Year, Place Place, string State, bool? Late)
    {
        public bool Received => State is "SUBMITTED" or "CHANGES_REQUESTED" or "VALIDATED" or "REOPENED";
        public bool Validated => State is "VALIDATED" or "REOPENED";
        public string Key => $"{Landlord}/{Year}/{Place.Qpv}";
    }

    internal sealed record Place(string Qpv, string Department, string[] Communes, string?[] Epcis);

    public sealed class RandomApi(TestServer server) : Api(server)
    {
        public const int FirstYear = 2018, LastYear = 2022;
        private static readonly string[] States =
            ["NONE", "NONE", "DRAFT", "WITHDRAWN", "SUBMITTED", "CHANGES_REQUESTED", "VALIDATED", "REOPENED", "DELETED"];

        internal string[] Epcis { get; } = [Siren.Complete("98100001"), Siren.Complete("98100002")];
        internal List<string> Landlords { get; } = [];
        internal List<Cell> Cells { get; } = [];

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            var random = new Random(5);
            foreach (var epci in Epcis)
                await Given.Sql("insert into epci values ($1, $1, '', '2026-01-01')", epci);
            foreach (var (code, department, epci) in new[]
                { ("59990", "59", Epcis[0]), ("59991", "59", Epcis[1]), ("62990", "62", Epcis[0]), ("62991", "62", null) })
                await Given.Sql("insert into commune (code, name, department_code, epci_code, source, source_date) values ($1, $1, "
                    + "$2, $3, '', '2026-01-01')", code, department, epci);
            Place[] places =
            [
                new("QP059901", "59", ["59990"], [Epcis[0]]), new("QP059902", "59", ["59990", "59991"], Epcis),
                new("QP062903", "62", ["62990", "62991"], [Epcis[0], null]),
                new("QP062904", "62", ["62991"], [null]),
            ];
            foreach (var place in places)
                await Given.Qpv(place.Qpv, "Quartier", place.Communes);
            for (var i = 0; i < 3; i++)
                Landlords.Add(await Given.Landlord());
            // Due on 31 March; one year has none.
            foreach (var year in new[] { 2018, 2019, 2021, 2022 })
                await Given.Sql("insert into campaign values ($1, make_date($1 + 1, 1, 1), make_date($1 + 1, 3, 31), "
                    + "case $1 when 2021 then make_date(2022, 4, 30) end, 1)", (short)year);

            foreach (var landlord in Landlords)
                foreach (var place in places)
                    for (var year = FirstYear; year <= LastYear; year++)
                        if (random.Next(5) > 0)
                            await AddAsync(random, landlord, place, year);
        }

        private async Task AddAsync(Random random, string landlord, Place place, int year)
        {
            var state = States[random.Next(States.Length)];
            await Given.Holding(landlord, year, place.Qpv);
            if (state == "NONE")
            {
                Cells.Add(new(landlord, year, place, state, null));
                return;
            }
            var first = state switch { "WITHDRAWN" => "SUBMITTED", "REOPENED" => "VALIDATED", "DELETED" => "DRAFT", _ => state };
            await Given.Declaration(landlord, year, place.Qpv, first, 100m);
            var late = random.Next(2) == 0;
            await Given.Sql("""
                update change_set set at = (make_date($2 + 1, 3, 31) + $4::text::time) at time zone 'Europe/Paris'
                where id = (select change_set_id from declaration where landlord_siren = $1 and year = $2 and qpv_code = $3)
                """, landlord, (short)year, place.Qpv, late ? "24:00" : "23:59:59");
            if (state is "WITHDRAWN" or "REOPENED" or "DELETED")
                await Given.Sql("""
                    update declaration set version = 2, change_set_id = default, action = case $4 when 'WITHDRAWN' then 'SAVED' else $4 end,
                      status = case $4 when 'WITHDRAWN' then 'DRAFT' when 'REOPENED' then 'CHANGES_REQUESTED' else $4 end
                    where landlord_siren = $1 and year = $2 and qpv_code = $3
                    """, landlord, (short)year, place.Qpv, state);
            var cell = new Cell(landlord, year, place, state, null);
            Cells.Add(cell with { Late = cell.Received && year != 2020 ? late : null });
        }
    }

    [Fact]
    public async Task Counts_are_those_made_by_hand()
    {
        var random = new Random(6);
        string[] dimensions = ["landlord", "department", "epci", "year"];
        for (var i = 0; i < 120; i++)
        {
            var groupBy = random.GetItems(dimensions, random.Next(4)).Distinct().ToArray();
            var (filter, passes, places) = Filter(random);
            var path = $"/v1/completeness?{filter}" + (groupBy.Length > 0 ? "&groupBy=" + string.Join(',', groupBy) : "");

            var (status, body, _) = await api.Anonymous.Read(path + "&limit=1000");

            Assert.Equal(200, status);
            var cells = api.Cells.Where(passes).ToList();
            var expected = cells
                .SelectMany(cell => places(cell.Place).Where(epci => groupBy.Contains("epci") || epci == places(cell.Place).First())
                    .Select(epci => (Group: string.Join('|', groupBy.Select(name => Code(name, cell, epci))), Cell: cell)))
                .GroupBy(pair => pair.Group, pair => pair.Cell).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"{group.Key}: {Figures([.. group])}").ToList();
            var data = body["data"]!.AsArray();
            Assert.Equal(expected, data.Select(
                row => $"{string.Join('|', groupBy.Select(name => (string?)row!["group"]![name]!["code"] ?? "~"))}: {Figures(row!)}"));
            Assert.Equal(Figures(cells), Figures(body["totals"]!));
            Assert.Equal(data.Count, (int)body["meta"]!["total"]!);

            var joined = new List<string>();
            for (var next = path + "&limit=2"; next is not null;)
            {
                var page = (await api.Anonymous.Read(next)).Body;
                joined.AddRange(page["data"]!.AsArray().Select(row => row!.ToJsonString()));
                next = (string?)page["links"]!["next"];
            }
            Assert.Equal(data.Select(row => row!.ToJsonString()), joined);
        }
    }

    [Fact]
    public async Task The_missing_are_listed_to_each_in_its_own_perimeter_and_drafts_to_who_may_see_them()
    {
        var own = api.Landlords[0];
        var callers = await Callers.MakeAsync(api, own, await api.Given.Landlord());
        var missing = api.Cells.Where(cell => !cell.Received)
            .OrderBy(cell => cell.Landlord, StringComparer.Ordinal).ThenBy(cell => cell.Year)
            .ThenBy(cell => cell.Place.Qpv, StringComparer.Ordinal).ToList();
        static string Told(Cell cell) => cell.State is "DRAFT" or "WITHDRAWN" ? "DRAFT" : "NONE";

        Assert.Contains(missing, cell => cell.Landlord == own && Told(cell) == "DRAFT");
        Assert.Equal(missing.Select(cell => $"{cell.Key} {Told(cell)}"), await Missing(Who.Admin));
        Assert.Equal(missing.Where(cell => cell.Landlord == own).Select(cell => $"{cell.Key} {Told(cell)}"), await Missing(Who.DeclareOwn));
        Assert.Equal(missing.Where(cell => cell.Place.Department == "59").Select(cell => $"{cell.Key} "), await Missing(Who.ReviewOwn));
        Assert.Equal(missing.Where(cell => cell.Place.Department == "62").Select(cell => $"{cell.Key} "), await Missing(Who.ReviewOther));
        Assert.Equal(
            missing.Where(cell => cell.Landlord == own || cell.Place.Department == "59")
                .Select(cell => $"{cell.Key} {(cell.Landlord == own ? Told(cell) : "")}"),
            await Missing(Who.DeclareAndReviewOwn));
        Assert.Empty(await Missing(Who.DeclareOther));

        async Task<List<string>> Missing(Who who)
        {
            var rows = new List<string>();
            for (var next = "/v1/completeness/missing?from=2018&to=2022&limit=3"; next is not null;)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, next);
                callers.Sign(request, who);
                using var answer = await api.Anonymous.SendAsync(request, Ct);
                var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
                rows.AddRange(body["data"]!.AsArray()
                    .Select(row => $"{row!["landlord"]!["siren"]}/{row["year"]}/{row["qpv"]!["code"]} {row["state"]}"));
                Assert.True((int)body["meta"]!["total"]! >= rows.Count);
                next = (string?)body["links"]!["next"];
                Assert.True(next is not null || (int)body["meta"]!["total"]! == rows.Count);
            }
            return rows;
        }
    }

    [Fact]
    public async Task The_missing_say_what_is_held_and_when_it_was_due()
    {
        var cell = api.Cells.First(cell => !cell.Received && cell.Year == 2021);

        var row = (await api.Admin.Read($"/v1/completeness/missing?year=2021&landlord={cell.Landlord}&qpv={cell.Place.Qpv}"))
            .Body["data"]!.AsArray().Single()!;

        Assert.Equal((100, 20_000m, "2022-03-31"), ((int)row["dwellings"]!, (decimal)row["abatement"]!, (string?)row["dueOn"]));
    }

    [Fact]
    public async Task Nothing_expected_is_no_row_and_no_share_and_unknown_codes_are_told()
    {
        var (status, body, _) = await api.Anonymous.Read("/v1/completeness?year=2022&landlord=732829320&groupBy=year");

        Assert.Equal((200, 0, 0), (status, body["data"]!.AsArray().Count, (int)body["totals"]!["expected"]!));
        Assert.Null(body["totals"]!["completeness"]);
        Assert.Contains("732829320", (string?)body["meta"]!["warnings"]!.AsArray().Single());
        Assert.Contains("campaign", (string?)(await api.Anonymous.Read("/v1/completeness?year=2020"))
            .Body["meta"]!["warnings"]!.AsArray().Single());
        Assert.Equal("PERIOD_REVERSED", (string?)(await api.Anonymous.Read("/v1/completeness?from=2022&to=2020"))
            .Body["errors"]![0]!["code"]);
        Assert.Equal(400, (await api.Anonymous.Read("/v1/completeness?groupBy=axis")).Status);
        Assert.Equal(400, (await api.Admin.Read("/v1/completeness/missing?group=year")).Status);
        Assert.Equal(401, (await api.Anonymous.Read("/v1/completeness/missing")).Status);
    }

    [Fact]
    public async Task A_write_and_only_a_write_changes_the_tag()
    {
        var tag = (await api.Anonymous.Read("/v1/completeness?year=2022")).Answer.Headers.ETag!.Tag;
        Assert.Equal(304, (await api.Anonymous.Read("/v1/completeness?year=2022", ifNoneMatch: tag)).Status);
        await api.Given.Landlord();
        Assert.Equal(200, (await api.Anonymous.Read("/v1/completeness?year=2022", ifNoneMatch: tag)).Status);
    }

    private (string Query, Func<Cell, bool> Passes, Func<Place, IEnumerable<string?>> Epcis) Filter(Random random)
    {
        var from = random.Next(RandomApi.FirstYear, RandomApi.LastYear + 1);
        var to = random.Next(from, RandomApi.LastYear + 1);
        var query = $"from={from}&to={to}";
        Func<Cell, bool> passes = cell => cell.Year >= from && cell.Year <= to;
        Func<Place, IEnumerable<string?>> epcis = place => place.Epcis;
        switch (random.Next(6))
        {
            case 0:
                query += "&department=62";
                return (query, cell => passes(cell) && cell.Place.Department == "62", epcis);
            case 1:
                query += $"&landlord={api.Landlords[0]},{api.Landlords[1]}";
                return (query, cell => passes(cell) && cell.Landlord != api.Landlords[2], epcis);
            case 2:
                query += $"&epci={api.Epcis[0]}";
                return (query, cell => passes(cell) && cell.Place.Epcis.Contains(api.Epcis[0]), _ => [api.Epcis[0]]);
            case 3:
                query += "&commune=59991,62991&qpv=QP059902";
                return (query, cell => passes(cell) && cell.Place.Qpv == "QP059902", _ => [api.Epcis[1]]);
            case 4:
                return ("year=2019,2021", cell => cell.Year is 2019 or 2021, epcis);
            default:
                return (query, passes, epcis);
        }
    }

    private static string Code(string name, Cell cell, string? epci) => name switch
    {
        "landlord" => cell.Landlord,
        "department" => cell.Place.Department,
        "year" => cell.Year.ToString(),
        _ => epci ?? "~",
    };

    private static string Figures(List<Cell> cells)
    {
        var (expected, received) = (cells.Count, cells.Count(cell => cell.Received));
        var late = cells.Exists(cell => cell.Year != 2020) ? cells.Count(cell => cell.Late == true).ToString() : "";
        var share = expected == 0 ? "" : Math.Round((decimal)received / expected, 4, MidpointRounding.AwayFromZero).ToString("0.0000");
        return $"{expected} {received} {late} {cells.Count(cell => cell.Validated)} {expected - received} {share}";
    }

    private static string Figures(JsonNode row) =>
        $"{row["expected"]} {row["received"]} {row["late"]} {row["validated"]} {row["missing"]} {row["completeness"]?.ToJsonString()}";
}
