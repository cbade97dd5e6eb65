using GuspApi.Features.Imports;
using GuspApi.Http;
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
        using var book = new RawWorkbook()
            .Sheet("Bilan", "Bilan\nSIREN bailleur;Année;Code "
                + $"QPV;Référence;Axe;Action;Famille;Réalisé\n{siren};2024;{qpv};a;Sur-entretien;Halls;Renforcement;{actual}").Build();
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

    [Fact]
    public async Task Rejects_come_back_as_a_workbook_that_can_be_mended_and_posted()
    {
        var import = await ImportAsync(api.Admin, "dataset=declarations", await BookAsync("cent"), ImportFormats.Workbook);
        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(import));

        var rejects = await api.Admin.GetByteArrayAsync((string)import["links"]!["rejects"]!, TestContext.Current.CancellationToken);

        var rows = XlsxReader.ReadCells(
            new MemoryStream(rejects), ImportDataset.Declarations, null, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(["Réalisé", "reject_codes", "reject_reasons"], rows[0].Cells[^3..]);
        Assert.Equal(["cent", "AMOUNT_INVALID"], rows[1].Cells[^3..^1]);
        using var mended = new MemoryStream();
        using (var book = new XlsxWriter(mended, "Corrigé"))
            foreach (var row in rows)
                book.Row([.. row.Cells.Select(cell => cell is "cent" ? 100.5 : cell)]);
        var again = await ImportAsync(api.Admin, "dataset=declarations", mended.ToArray(), ImportFormats.Workbook);
        Assert.Equal("DONE 1/0/0/0", Outcome(again));
        Assert.DoesNotContain("COLUMN_IGNORED", (await ErrorsAsync(api.Admin, again)).Select(error => (string?)error["code"]));
    }

    [Fact]
    public async Task One_of_several_sheets_is_named_in_the_query()
    {
        var siren = await api.Given.Landlord();
        var qpv = await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M");
        string Sheet(int year) => "SIREN bailleur;Année;Code "
            + $"QPV;Référence;Axe;Action;Famille;Réalisé\n{siren};{year};{qpv};a;3;Halls;Renforcement;1";
        var book = new RawWorkbook().Sheet("2023", Sheet(2023)).Sheet("2024", Sheet(2024)).Build().ToArray();

        var ambiguous = await ImportAsync(api.Admin, "dataset=declarations", book, ImportFormats.Workbook);
        Assert.Equal("SHEET_AMBIGUOUS", (string?)Assert.Single(await ErrorsAsync(api.Admin, ambiguous))["code"]);
        var named = await ImportAsync(api.Admin, "dataset=declarations&sheet=2024", book, ImportFormats.Workbook);
        Assert.Equal(("DONE 1/0/0/0", "2024"), (Outcome(named), (string?)named["sheet"]));
        Assert.Equal((short)2024, await api.Given.Scalar<short>("select year from declaration where landlord_siren = $1", siren));
    }
}
