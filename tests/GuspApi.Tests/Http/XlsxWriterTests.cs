using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using GuspApi.Features.Imports;
using GuspApi.Http;

namespace GuspApi.Tests.Http;

public sealed class XlsxWriterTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void What_is_written_is_valid_typed_and_read_back_as_it_was()
    {
        object?[] cells = ["999590011", 2024, "QN05901M", "=1+1", 1, " é <&>\n_x0041_ \u0001", "SPECIFIC", 1234.5m, null, true,
            new DateTime(2024, 1, 2), new DateTime(2024, 1, 2, 3, 4, 5)];
        using var stream = new MemoryStream();
        using (var writer = new XlsxWriter(stream, "Lignes à reprendre"))
        {
            writer.Row("landlord_siren", "year", "qpv_code", "ref", "axis", "action", "family", "actual", "planned", "valued",
                "landlord_funding", "other_funding");
            writer.Row(cells);
            writer.Sheet("Notice", 20, 60);
            writer.Row("Colonne", "Sens");
        }

        using (var document = SpreadsheetDocument.Open(stream, isEditable: false))
        {
            Assert.Empty(new OpenXmlValidator().Validate(document, Ct).Select(error => $"{error.Path?.XPath} {error.Description}"));
            Assert.All(document.WorkbookPart!.WorksheetParts, part => Assert.Empty(part.Worksheet.Descendants<CellFormula>()));
        }
        var row = XlsxReader.ReadCells(stream, ImportDataset.Declarations, null, Ct).Select(row => row.Cells.ToArray()).Last();
        Assert.Equal(["999590011", 2024.0, "QN05901M", "=1+1", 1.0, " é <&>\n_x0041_ ", "SPECIFIC", 1234.5, null, true,
            new DateTime(2024, 1, 2), new DateTime(2024, 1, 2, 3, 4, 5)], row);
    }
}
