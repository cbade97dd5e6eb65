using System.Text.Json.Nodes;
using GuspApi.Features.Imports;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>What is exported can be imported again, and changes nothing.</summary>
public sealed class RoundTripTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Files()
    {
        var files = new TheoryData<string, string, string>();
        foreach (var dataset in new[] { "declarations", "holdings", "landlords", "qpvs", "communes" })
        {
            files.Add(dataset, "csv", "text/csv");
            files.Add(dataset, "csv&dialect=excel-fr", "text/csv");
            files.Add(dataset, "ndjson", "application/x-ndjson");
            files.Add(dataset, "xlsx", ImportFormats.Workbook);
        }
        files.Add("qpvs", "geojson", "application/geo+json");
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_export_imported_again_says_unchanged(string dataset, string format, string type)
    {
        var revision = await RevisionAsync();
        var file = await api.Admin.GetByteArrayAsync($"/v1/{dataset}?format={format}", Ct);

        var import = await ImportAsync(api.Admin, $"dataset={dataset}", file, type);

        var all = (int)(await ReadAsync(api.Admin, $"/v1/{dataset}?limit=1"))["meta"]!["total"]!;
        Assert.Equal($"DONE 0/0/{all}/0", Outcome(import));
        Assert.Empty(await ErrorsAsync(api.Admin, import));
        Assert.Equal(revision, await RevisionAsync());
    }

    [Theory]
    [InlineData("csv", "text/csv")]
    [InlineData("csv&dialect=excel-fr", "text/csv")]
    [InlineData("ndjson", "application/x-ndjson")]
    [InlineData("xlsx", ImportFormats.Workbook)]
    public async Task Texts_that_look_like_something_else_come_back_as_they_were(string format, string type)
    {
        string[] texts =
        [
            "=1+1", "-12", "+33 3 20", "@fred", "'=1", "''-x", "'entre guillemets'", "0012", "1e5", "02/03/2024", "a;b,c\"d\"",
            "deux\nlignes", "_x0041_", "<&>", "élève ’",
        ];
        var (siren, qpv) = (await api.Given.Landlord(), "QP059001");
        var path = $"/v1/declarations/{siren}/2022/{qpv}";
        var lines = texts.Select((text, i) =>
            new { @ref = text, axis = i % 8 + 1, action = text, family = "SPECIFIC", actual = 0.1m, qualitativeReview = text });
        Assert.Equal(201, (await api.Admin.Replace(path, new { lines }, ifNoneMatch: "*")).Status);

        var file = await api.Admin.GetByteArrayAsync($"/v1/declarations?landlord={siren}&format={format}", Ct);
        var import = await ImportAsync(api.Admin, "dataset=declarations", file, type);

        Assert.Empty(await ErrorsAsync(api.Admin, import));
        Assert.Equal("DONE 0/0/1/0", Outcome(import));
    }

    /// <summary>
    /// Nothing was spent: there is no line to show, and the file says nothing of it, so that importing it changes nothing either.
    /// </summary>
    [Fact]
    public async Task A_declaration_without_lines_is_in_no_table_and_in_ndjson()
    {
        var siren = await api.Given.Landlord();
        Assert.Equal(201, (await api.Admin.Replace(
            $"/v1/declarations/{siren}/2022/QP059001", new { lines = Array.Empty<object>() }, ifNoneMatch: "*")).Status);

        var table = await api.Admin.GetStringAsync($"/v1/declarations?landlord={siren}&format=csv", Ct);
        var objects = await api.Admin.GetByteArrayAsync($"/v1/declarations?landlord={siren}&format=ndjson", Ct);

        Assert.Single(table.TrimEnd().Split("\r\n"));
        Assert.Empty(JsonNode.Parse(objects)!["lines"]!.AsArray());
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, "dataset=declarations", objects, "application/x-ndjson")));
    }

    [Theory]
    [InlineData("declarations")]
    [InlineData("holdings")]
    [InlineData("landlords")]
    [InlineData("qpvs")]
    [InlineData("communes")]
    public async Task The_columns_are_those_of_the_import_in_both_languages(string dataset)
    {
        var known = ImportDataset.Of(dataset);

        var english = (await api.Admin.GetStringAsync($"/v1/{dataset}?format=csv&limit=1", Ct)).Split("\r\n")[0].Split(',');
        var french = (await api.Admin.GetStringAsync($"/v1/{dataset}?format=csv&limit=1&dialect=excel-fr", Ct)).TrimStart('\uFEFF')
            .Split("\r\n")[0].Split(';');

        Assert.Equal(known.Columns.Select(column => column.Name), english);
        Assert.Equal(english, french.Select(name => known.Columns[known.IndexOf(name)].Name));
    }

    private async Task<long> RevisionAsync() => (long)(await ReadAsync(api.Admin, "/v1/regions"))["meta"]!["revision"]!;
}
