using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using GuspApi.Http;

namespace GuspApi.Tests.Http;

/// <summary>Lists as files: every list in every format, the same rows as its pages, in one state of the database.</summary>
public sealed class FileTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Lists() =>
    [
        "/v1/regions", "/v1/departments?region=32", "/v1/epcis?department=59", "/v1/communes?department=59,60", "/v1/axes", "/v1/themes",
        "/v1/landlords?department=59", "/v1/qpvs?department=59", "/v1/holdings?department=60&year=2021",
        "/v1/declarations?department=02&year=2021",
        "/v1/projects", "/v1/campaigns", "/v1/rules", "/v1/completeness?from=2019&to=2022&groupBy=landlord,year",
        "/v1/completeness/missing?from=2019&to=2022", "/v1/indicators?from=2019&to=2022&groupBy=landlord,year",
        "/v1/indicators?from=2019&to=2022&department=59", "/v1/indicators/sources?from=2019&to=2022&department=60",
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_file_holds_every_row_of_every_page(string path)
    {
        var rows = new List<string>();
        for (var next = With(path, "limit=1000"); next is not null;)
        {
            var page = (await api.Admin.Read(next)).Body;
            rows.AddRange(page["data"]!.AsArray().Select(row => row!.ToJsonString()));
            next = (string?)page["links"]!["next"];
        }

        var ndjson = await api.Admin.GetStringAsync(With(path, "format=ndjson"), Ct);
        var csv = await api.Admin.GetByteArrayAsync(With(path, "format=csv"), Ct);
        using var book = SpreadsheetDocument.Open(
            new MemoryStream(await api.Admin.GetByteArrayAsync(With(path, "format=xlsx"), Ct)), isEditable: false);

        var objects = ndjson.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var lines = rows.Count;
        if (path.StartsWith("/v1/declarations", StringComparison.Ordinal))
        {
            lines = objects.Sum(declaration => declaration["lines"]!.AsArray().Count);
            objects.ForEach(declaration => declaration["lines"] = null);
        }
        Assert.Equal(rows, objects.Select(row => row.ToJsonString()));
        using var reader = new CsvHelper.CsvReader(
            new StreamReader(new MemoryStream(csv)), System.Globalization.CultureInfo.InvariantCulture);
        var table = new List<string[]>();
        while (await reader.ReadAsync())
            table.Add(reader.Parser.Record!);
        Assert.Equal(lines + 1, table.Count);
        Assert.All(table, row => Assert.Equal(table[0].Length, row.Length));
        Assert.Equal(lines + 1, Assert.Single(book.WorkbookPart!.WorksheetParts).Worksheet.Descendants<Row>().Count());
    }

    [Theory]
    [InlineData("/v1/landlords", "text/csv", "text/csv; charset=utf-8")]
    [InlineData("/v1/landlords", "application/x-ndjson;q=0.5, text/csv;q=0.4", "application/x-ndjson")]
    [InlineData("/v1/landlords", "text/html, application/xhtml+xml, */*;q=0.8", "application/json; charset=utf-8")]
    [InlineData("/v1/landlords", "application/json;q=0, */*", "text/csv; charset=utf-8")]
    [InlineData("/v1/landlords", "*/*, text/csv", "text/csv; charset=utf-8")]
    [InlineData("/v1/landlords", XlsxWriter.MediaType, XlsxWriter.MediaType)]
    [InlineData("/v1/landlords?format=ndjson", "text/html", "application/x-ndjson")]
    [InlineData("/v1/qpvs", "application/geo+json", "application/geo+json")]
    [InlineData("/v1/qpvs/QP059001", "application/geo+json", "application/geo+json")]
    public async Task The_parameter_decides_else_what_accept_prefers(string path, string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        var answer = await api.Admin.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("/v1/landlords", "text/html", 406, "NOT_ACCEPTABLE")]
    [InlineData("/v1/landlords", "application/geo+json", 406, "NOT_ACCEPTABLE")]
    [InlineData("/v1/landlords?format=geojson", "*/*", 400, "INVALID_PARAMETERS")]
    [InlineData("/v1/landlords?format=CSV", "*/*", 400, "INVALID_PARAMETERS")]
    [InlineData("/v1/landlords?format=csv&dialect=excel", "*/*", 400, "INVALID_PARAMETERS")]
    [InlineData("/v1/changes?format=csv", "*/*", 400, "INVALID_PARAMETERS")]
    [InlineData("/v1/indicators?format=geojson&from=2021&to=2021&groupBy=landlord", "*/*", 400, "INVALID_PARAMETERS")]
    public async Task What_cannot_be_had_is_refused(string path, string accept, int status, string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        var answer = await api.Admin.SendAsync(request, Ct);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["code"]);
    }

    [Fact]
    public async Task A_file_with_a_limit_has_pages_whose_link_is_in_the_header()
    {
        var first = await api.Anonymous.GetAsync("/v1/communes?format=csv&limit=2", Ct);
        var link = first.Headers.GetValues("Link").Single();
        var second = await api.Anonymous.GetStringAsync(link[1..link.IndexOf('>', StringComparison.Ordinal)], Ct);

        var communes = (await api.Anonymous.Read("/v1/communes?limit=4")).Body["data"]!.AsArray()
            .Select(commune => (string)commune!["code"]!);
        var rows = (await first.Content.ReadAsStringAsync(Ct)).Split("\r\n")[1..3].Concat(second.Split("\r\n")[1..3]);
        Assert.Equal(communes, rows.Select(row => row[..5]));
    }

    [Fact]
    public async Task A_file_has_the_tag_and_the_revision_of_its_state_and_the_past_too()
    {
        var (siren, qpv) = (await api.Given.Landlord(), "QP059001");
        var path = $"/v1/holdings?landlord={siren}&format=csv";
        await api.Admin.Replace($"/v1/holdings/{siren}/2022/{qpv}", new { dwellings = 10, abatement = 5 }, ifNoneMatch: "*");
        var before = await api.Admin.GetAsync(path, Ct);
        var revision = before.Headers.GetValues("Gusp-Revision").Single();
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.TryAddWithoutValidation("If-None-Match", before.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, (await api.Admin.SendAsync(again, Ct)).StatusCode);

        await api.Admin.Replace($"/v1/holdings/{siren}/2022/{qpv}", new { dwellings = 11, abatement = 5 }, ifMatch: "\"v1\"");

        Assert.Contains($"{siren},2022,{qpv},11,5.00,,NOTICE\r\n", await api.Admin.GetStringAsync(path, Ct));
        Assert.Contains($"{siren},2022,{qpv},10,5.00,,NOTICE\r\n", await api.Admin.GetStringAsync($"{path}&asOf={revision}", Ct));
    }

    [Fact]
    public async Task Others_see_in_a_file_what_they_see_in_the_list()
    {
        var siren = await api.Given.Landlord();
        await api.Given.Declaration(siren, 2022, "QP059001", "DRAFT", 10m);
        var reader = await api.Key(new { name = "Lecture", scopes = new[] { "read" } });

        foreach (var format in new[] { "csv", "ndjson" })
        {
            Assert.DoesNotContain(siren, await reader.GetStringAsync($"/v1/declarations?landlord={siren}&format={format}", Ct));
            Assert.Contains(siren, await api.Admin.GetStringAsync($"/v1/declarations?landlord={siren}&format={format}", Ct));
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Anonymous.GetAsync("/v1/declarations?format=csv", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("landlords.xlsx", "/v1/landlords?format=xlsx")]
    [InlineData("declarations.xlsx", "/v1/declarations?department=02&year=2021&format=xlsx&dialect=excel-fr")]
    public async Task LibreOffice_opens_the_workbook(string name, string path)
    {
        var rows = (await api.Admin.GetStringAsync(path.Replace("format=xlsx", "format=csv").Replace("&dialect=excel-fr", ""), Ct))
            .TrimEnd();
        var folder = Directory.CreateTempSubdirectory("gusp-office").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, name), await api.Admin.GetByteArrayAsync(path, Ct), Ct);

        await Tool.RunAsync("soffice", "libreoffice-calc",
            [
                $"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76",
                "--outdir", folder, Path.Combine(folder, name),
            ]);

        var converted = (await File.ReadAllTextAsync(Path.Combine(folder, Path.ChangeExtension(name, "csv")), Encoding.UTF8, Ct)).TrimEnd();
        Assert.Equal(rows.Split('\n').Length, converted.Split('\n').Length);
        Directory.Delete(folder, recursive: true);
    }

    private static string With(string path, string parameter) => path + (path.Contains('?') ? "&" : "?") + parameter;
}
