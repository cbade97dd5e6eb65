using GuspApi.Features.Imports;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Workbooks over HTTP.</summary>
public sealed class WorkbookImportTests(Api api) : IClassFixture<Api>
{
    private static int s_qpv = 10;

    private async Task<byte[]> BookAsync(string actual = "100,5")
    {
        var siren = await api.Given.Landlord();
        var qpv = await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M");
        using var book = new RawWorkbook().Sheet("Bilan", $"Bilan\nSIREN bailleur;Année;Code QPV;Référence;Axe;Action;Famille;Réalisé\n{siren};2024;{qpv};a;Sur-entretien;Halls;Renforcement;{actual}").Build();
        return book.ToArray();
    }

    [Theory]
    [InlineData(ImportFormats.Workbook)]
    [InlineData("application/octet-stream")]
    public async Task A_workbook_is_imported_and_its_rows_are_those_of_the_sheet(string type)
    {
        var book = await BookAsync();

        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, "dataset=declarations", book, type)));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, "dataset=declarations", book, type)));
        var refused = await ImportAsync(api.Admin, "dataset=declarations", await BookAsync("cent"), type);
        var error = (await ErrorsAsync(api.Admin, refused)).Single(e => (string?)e["severity"] == "ERROR");
        Assert.Equal((3, "actual", "AMOUNT_INVALID"), ((int)error["line"]!, (string?)error["column"], (string?)error["code"]));
    }

    [Fact]
    public async Task A_workbook_that_cannot_be_read_fails_and_says_why()
    {
        var failed = await ImportAsync(api.Admin, "dataset=declarations", (await BookAsync())[..^200], ImportFormats.Workbook);
        Assert.Equal("FAILED 0/0/0/0", Outcome(failed));
        Assert.Equal("WORKBOOK_UNREADABLE", (string?)Assert.Single(await ErrorsAsync(api.Admin, failed))["code"]);
    }

    [Fact]
    public async Task A_workbook_announced_as_text_is_refused()
    {
        var failed = await ImportAsync(api.Admin, "dataset=declarations", await BookAsync());
        Assert.Equal("FILE_IS_ZIP", (string?)Assert.Single(await ErrorsAsync(api.Admin, failed))["code"]);
    }
}
