using System.Net;
using System.Text;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using GuspApi.Auth;
using GuspApi.Features.Imports;
using GuspApi.Http;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>A template is filled in and posted back.</summary>
public sealed class TemplateTests(Api api) : IClassFixture<Api>
{
    private static int s_qpv = 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<(string Siren, string First, string Second)> PlaceAsync(int year = 2024)
    {
        var siren = await api.Given.Landlord();
        var (first, second) = (await QpvAsync(), await QpvAsync());
        await api.Given.Holding(siren, year - 1, await api.Given.Qpv($"QP0590{Interlocked.Increment(ref s_qpv):00}"), 9);
        await api.Given.Holding(siren, year, first, 120);
        await api.Given.Holding(siren, year, second, 80);
        return (siren, first, second);
    }

    private Task<string> QpvAsync() => api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M");

    private Task<byte[]> TemplateAsync(string query) => api.Admin.GetByteArrayAsync("/v1/imports/template?" + query, Ct);

    [Theory]
    [InlineData("standard", ',', "landlord_siren,year,qpv_code,ref,axis,action,family,planned,actual")]
    [InlineData("excel-fr", ';', "siren_bailleur;annee;code_qpv;reference;axe;action;famille;prevu;realise")]
    public async Task A_filled_csv_is_accepted(string dialect, char separator, string header)
    {
        var (siren, first, second) = await PlaceAsync();

        var bytes = await TemplateAsync($"dataset=declarations&landlord={siren}&year=2024&dialect={dialect}");

        Assert.Equal(dialect == "excel-fr", bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        var lines = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').TrimEnd().Split("\r\n");
        Assert.StartsWith(header, lines[0]);
        Assert.Equal(17, lines.Length);
        Assert.StartsWith(string.Join(separator, siren, "2024", first, "A3", "3", "Sur-entretien", ""), lines[3]);
        Assert.Contains(second, lines[16]);
        var filled = string.Join("\r\n",
            lines.Select((line, i) => i == 0 ? line : line.Replace(
                new string(separator, 8), $"{separator}SPECIFIC{separator}{separator}{i}0{new string(separator, 5)}")));
        Assert.Equal("DONE 2/0/0/0", Outcome(await ImportAsync(api.Admin, "dataset=declarations", filled)));
    }

    [Fact]
    public async Task A_filled_workbook_is_accepted_notice_and_all()
    {
        var (siren, first, _) = await PlaceAsync();
        using var stream = new MemoryStream();
        stream.Write(await TemplateAsync($"dataset=declarations&landlord={siren}&year=2024&format=xlsx"));
        using (var document = SpreadsheetDocument.Open(stream, isEditable: true))
        {
            var sheets = document.WorkbookPart!.Workbook.Descendants<Sheet>().ToList();
            Assert.Equal(["declarations", "Notice"], sheets.Select(sheet => sheet.Name!.Value));
            var part = (WorksheetPart)document.WorkbookPart.GetPartById(sheets[0].Id!.Value!);
            foreach (var row in part.Worksheet.Descendants<Row>().Skip(1))
            {
                row.Append(new DocumentFormat.OpenXml.Spreadsheet.Cell(new InlineString(new Text("RENFORCEMENT")))
                {
                    CellReference = "G" + row.RowIndex,
                    DataType = CellValues.InlineString,
                });
                row.Append(new DocumentFormat.OpenXml.Spreadsheet.Cell(new CellFormula("100+0.5"), new CellValue("100.5"))
                {
                    CellReference = "I" + row.RowIndex,
                });
            }
        }

        Assert.Equal("DONE 2/0/0/0", Outcome(
            await ImportAsync(api.Admin, "dataset=declarations", stream.ToArray(), ImportFormats.Workbook)));
        Assert.Equal(804m, await api.Given.Scalar<decimal>(
            "select sum(l.actual) from expense_line l join declaration d on d.id = l.declaration_id where "
                + "d.landlord_siren = $1 and d.qpv_code = $2", siren, first));
    }

    [Fact]
    public async Task Holdings_come_with_the_dwellings_last_known()
    {
        var (siren, first, second) = await PlaceAsync();

        var lines = Encoding.UTF8.GetString(await TemplateAsync($"dataset=holdings&landlord={siren}&year=2025")).TrimEnd().Split("\r\n");

        Assert.Equal(["landlord_siren,year,qpv_code,dwellings,abatement,abated_dwellings,abatement_method",
            $"{siren},2025,{first},120,,,", $"{siren},2025,{second},80,,,"], lines);
        var filled = string.Join("\n", lines).Replace("120,,", "120,5000.50,").Replace("80,,", "80,0,");
        Assert.Equal("DONE 2/0/0/0", Outcome(await ImportAsync(api.Admin, "dataset=holdings", filled)));
    }

    [Fact]
    public async Task A_qpv_of_a_list_that_is_no_longer_legal_is_left_out()
    {
        var siren = await api.Given.Landlord();
        await api.Given.Holding(siren, 2024, await api.Given.Qpv($"QP0590{Interlocked.Increment(ref s_qpv):00}"));
        var kept = await QpvAsync();
        await api.Given.Holding(siren, 2024, kept);

        var lines = Encoding.UTF8.GetString(await TemplateAsync($"dataset=holdings&landlord={siren}&year=2025")).TrimEnd().Split("\r\n");

        Assert.Contains(kept, Assert.Single(lines.Skip(1)));
    }

    [Theory]
    [InlineData("landlords", "siren,name,family,active_from,active_to,successor_siren\r\n")]
    [InlineData("communes", "code,name,department,department_name,region,region_name,epci,epci_name\r\n")]
    public async Task Other_datasets_are_headers_alone(string dataset, string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(await TemplateAsync("dataset=" + dataset)));

    [Theory]
    [InlineData("", "dataset")]
    [InlineData("dataset=declarations", "landlord, year")]
    [InlineData("dataset=holdings&landlord=999590011", "year")]
    public async Task Says_what_is_missing(string query, string names)
    {
        var answer = await api.Admin.GetAsync("/v1/imports/template?" + query, Ct);

        var problem = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(names, string.Join(", ", problem["errors"]!.AsArray().Select(error => (string)error!["parameter"]!)));
    }

    [Fact]
    public async Task A_landlord_that_does_not_exist_is_not_found() =>
        Assert.Equal(HttpStatusCode.NotFound,
            (await api.Admin.GetAsync("/v1/imports/template?dataset=holdings&landlord=552100554&year=2024", Ct)).StatusCode);

    [Fact]
    public async Task Who_does_not_declare_for_the_landlord_is_refused()
    {
        var other = new Caller("etl", Read: true, Declare: true, Review: false, IsAdmin: false, ["552100554"], []);
        var asked = new TemplateParameters(new("declarations"), new("999590011"), new(2024), null, null);

        var problem = Assert.IsType<Problem>(await ImportTemplate.Get(asked, null!, other, Ct));
        Assert.Equal(403, problem.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Anonymous.GetAsync("/v1/imports/template?dataset=landlords", Ct)).StatusCode);
    }
}
