using System.Text;
using GuspApi.Features.Imports;
using GuspApi.Http;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Workbooks as people keep them, and as nobody should make them.</summary>
public sealed class XlsxReaderTests
{
    private const string Header = "landlord_siren;year;qpv_code;ref;axis;action;family;actual";
    private const string Row = "999590011;2024;QN05901M;a;1;Action;SPECIFIC;100";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Headers_stand_below_titles_and_merged_cells()
    {
        using var book = new RawWorkbook()
            .Sheet("Bilan", $"Bilan de l'abattement de TFPB\n\nOffice;;2024\n{Header}\n{Row}\n\n;;;;;;; \n{Row}",
            after: """<mergeCells count="1"><mergeCell ref="A1:H1"/></mergeCells>""").Build();

        var rows = Rows(book);

        Assert.Equal([5, 8], rows.Select(row => row.Line));
        Assert.Equal("999590011|2024|QN05901M|a|1|Action|SPECIFIC||100", string.Join('|', rows[0].Cells[..9]));
    }

    [Fact]
    public void Numbers_dates_booleans_formulas_and_shared_strings_are_read_as_they_show()
    {
        var cells = """
            <c r="A2"><v>999590011.0</v></c><c r="B2"><f>YEAR(Z1)</f><v>2024</v></c><c r="C2" t="s"><v>0</v></c><c r="D2" t="b"><v>1</v></c>
            <c r="E2"><v>1E0</v></c><c r="F2" s="1"><v>45292</v></c><c r="G2" t="str"><f>"SPE"&amp;"CIFIC"</f><v>SPECIFIC</v></c><c r="H2"><f>0.1+0.2</f><v>0.30000000000000004</v></c>
            """;
        using var book = new RawWorkbook().Strings("QN05901M")
            .Sheet("S", RawWorkbook.Inline(Header, 0) + $"""<row r="2">{cells}</row>""").Build();

        Assert.Equal("999590011|2024|QN05901M|true|1|2024-01-01|SPECIFIC||0.3", string.Join('|', Assert.Single(Rows(book)).Cells[..9]));
    }

    [Theory]
    [InlineData(1234567.89, "1234567.89")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(0.00001, "0.00001")]
    [InlineData(-5, "-5")]
    [InlineData(1e300, "1E+300")]
    [InlineData(71216.220000000001, "71216.22")]
    public void A_number_shows_fifteen_digits_and_no_exponent(double number, string text) => Assert.Equal(text, SheetCell.Text(number));

    [Theory]
    [InlineData("dd/mm/yyyy", "2024-01-01")]
    [InlineData("[$-40C]d mmmm yyyy;@", "2024-01-01")]
    [InlineData("[h]:mm", "45292.00:00:00")]
    [InlineData("#,##0.00\\ \"jours dus\"", "45292")]
    [InlineData("_-* #,##0.00\\ _€_-;[Red]-* #,##0.00", "45292")]
    [InlineData("General", "45292")]
    [InlineData("[Red]0", "45292")]
    public void The_format_tells_a_date_from_a_number(string format, string text) =>
        Assert.Equal(text, SheetCell.Text(XlsxCell.Number("45292", XlsxFormats.Judge(format), from1904: false)));

    [Fact]
    public void Codes_that_became_numbers_get_their_zeros_back()
    {
        using var stream = new MemoryStream();
        using (var writer = new XlsxWriter(stream, "Communes"))
        {
            writer.Row("code", "name", "department", "region", "epci");
            writer.Row(2691, "Saint-Quentin", 2, 1, 200_071_892);
            writer.Row("2A004", "Ajaccio", "2A", 94, null);
        }

        var rows = XlsxReader.Read(stream, ImportDataset.Communes, null, [], Ct).ToList();

        Assert.Equal((string?[])["02691", "Saint-Quentin", "02", null, "01", null, "200071892", null], rows[0].Cells.AsEnumerable());
        Assert.Equal((string?[])["2A004", "Ajaccio", "2A", null, "94", null, null, null], rows[1].Cells.AsEnumerable());
    }

    [Fact]
    public void An_error_of_a_formula_is_a_fault_of_its_row()
    {
        var cells = """<c r="A2"><v>999590011</v></c><c r="H2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="J2" t="e"><v>#REF!</v></c>""";
        using var book = new RawWorkbook().Sheet("S", RawWorkbook.Inline(Header, 0) + $"""<row r="2">{cells}</row>""").Build();

        var fault = Assert.Single(Assert.Single(Rows(book)).Faults);

        Assert.Equal((2, "actual", "CELL_ERROR", "#DIV/0!"), (fault.Line, fault.Column, fault.Code, fault.Value));
    }

    [Fact]
    public void A_formula_without_its_result_is_a_fault_and_an_empty_result_is_an_empty_cell()
    {
        var cells = """<c r="A2"><v>999590011</v></c><c r="F2" t="str"><f>""</f><v></v></c><c r="H2"><f>1+1</f></c>""";
        using var book = new RawWorkbook().Sheet("S", RawWorkbook.Inline(Header, 0) + $"""<row r="2">{cells}</row>""").Build();

        var fault = Assert.Single(Assert.Single(Rows(book)).Faults);

        Assert.Equal((2, "actual", "CELL_NOT_CALCULATED"), (fault.Line, fault.Column, fault.Code));
    }

    [Fact]
    public void Unknown_and_nameless_columns_are_told_once()
    {
        var warnings = new List<ImportFault>();
        using var book = new RawWorkbook().Sheet("S", $"{Header};;remarque\n{Row};note;x\n{Row};note;y\n;;;;;;;;marge").Build();

        Assert.Equal(2, XlsxReader.Read(book, ImportDataset.Declarations, null, warnings, Ct).Count());
        Assert.Equal(["COLUMN_IGNORED remarque 1", "COLUMN_IGNORED I 2"], warnings.Select(w => $"{w.Code} {w.Column} {w.Line}"));
    }

    [Fact]
    public void One_quote_before_a_formula_sign_is_removed()
    {
        using var book = new RawWorkbook().Sheet("S", $"{Header}\n{Row.Replace("Action", "'=SUM(A1)")}").Build();
        Assert.Equal("=SUM(A1)", Rows(book)[0].Cells[5]);
    }

    [Fact]
    public void The_raw_cells_come_with_their_header_first()
    {
        using var book = new RawWorkbook().Sheet("S", "Titre\n" + Header + "\n" + Row).Build();

        var rows = XlsxReader.ReadCells(book, ImportDataset.Declarations, null, Ct)
            .Select(row => $"{row.Row} {string.Join(';', row.Cells)}").ToList();

        Assert.Equal([$"2 {Header}", $"3 {Row}"], rows);
    }

    [Fact]
    public void The_sheet_is_the_visible_one_that_has_the_headers_and_rows()
    {
        using var book = new RawWorkbook()
            .Sheet("Notice", "Colonne;Sens\nyear;année")
            .Sheet("Modèle", Header)
            .Sheet("2024", $"{Header}\n{Row}")
            .Sheet("Archive", $"{Header}\n{Row.Replace("2024", "2019")}", "hidden").Build();

        Assert.Equal("2024", Rows(book)[0].Cells[1]);
        Assert.Equal("2019", Rows(book, "archive")[0].Cells[1]);
    }

    [Fact]
    public void Two_sheets_that_would_both_do_are_refused_and_named()
    {
        using var book = new RawWorkbook().Sheet("2023", $"{Header}\n{Row}").Sheet("2024", $"Titre\n{Header}\n{Row}").Build();

        var fault = Refusal(book);
        Assert.Equal(("SHEET_AMBIGUOUS", "2023, 2024"), (fault.Code, fault.Value));
        Assert.Contains("sheet=<name>", fault.Message.En);
        Assert.Equal(3, Rows(book, "2024")[0].Line);
    }

    [Theory]
    [InlineData("Feuil1", "a;b;c\n1;2;3", null, "HEADER_UNKNOWN")]
    [InlineData("Feuil1", "landlord_siren;year\n1;2", null, "COLUMN_MISSING")]
    [InlineData("Feuil1", "landlord_siren;year;qpv_code;ref;axis;action;family;actual;annee\n1", null, "COLUMN_DUPLICATE")]
    [InlineData("Feuil1", "a", "Feuil2", "SHEET_NOT_FOUND")]
    [InlineData("Feuil1", "a", "Feuil1", "HEADER_UNKNOWN")]
    public void Refuses_a_workbook_without_the_rows(string name, string rows, string? asked, string code)
    {
        using var book = new RawWorkbook().Sheet(name, rows).Build();
        Assert.Equal(code, Refusal(book, asked).Code);
    }

    [Fact]
    public void A_sheet_of_headers_alone_has_no_rows()
    {
        using var book = new RawWorkbook().Sheet("S", Header).Build();
        Assert.Empty(Rows(book));
    }

    [Fact]
    public void Refuses_an_old_or_encrypted_workbook()
    {
        using var file = new MemoryStream([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[1000]]);
        var fault = Refusal(file);
        Assert.Equal("WORKBOOK_UNREADABLE", fault.Code);
        Assert.Contains("password", fault.Message.En);
    }

    [Fact]
    public void Refuses_an_archive_that_is_no_workbook_and_every_cut_of_one()
    {
        using var book = new RawWorkbook().Sheet("S", $"{Header}\n{Row}").Build();
        var bytes = book.ToArray();
        for (var cut = 0; cut < bytes.Length; cut += 97)
        {
            using var part = new MemoryStream(bytes[..cut]);
            Assert.Equal("WORKBOOK_UNREADABLE", Refusal(part).Code);
        }

        using var archive = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(archive, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry("readme.txt");
        Assert.Equal("WORKBOOK_UNREADABLE", Refusal(archive).Code);
    }

    [Fact]
    public void Damage_anywhere_is_a_refusal_or_other_rows_and_never_a_crash()
    {
        using var book = new RawWorkbook().Strings("QN05901M").Sheet("S", $"{Header}\n{Row}").Build();
        var bytes = book.ToArray();
        var random = new Random(7);
        for (var attempt = 0; attempt < 300; attempt++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var i = 0; i < 3; i++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Rows(new MemoryStream(damaged));
            }
            catch (ImportFileException)
            {
            }
        }
    }

    [Theory]
    [InlineData("<row r=\"2000000000\"><c r=\"A1\"><v>1</v></c></row>")]
    [InlineData("<row r=\"2\"><c r=\"ZZZZZ2\"><v>1</v></c></row>")]
    public void Refuses_rows_and_columns_that_no_sheet_has(string row)
    {
        using var book = new RawWorkbook().Sheet("S", RawWorkbook.Inline(Header, 0) + row).Build();
        Assert.Equal("WORKBOOK_UNREADABLE", Refusal(book).Code);
    }

    [Fact]
    public void Bytes_are_counted_as_they_are_inflated()
    {
        var workbook = new RawWorkbook().Sheet("S", $"{Header}\n{Row}");
        workbook.Others["xl/media/image1.png"] = new byte[3_000_000];
        using var book = workbook.Build();

        Assert.Equal("WORKBOOK_TOO_LARGE", Guarded(book, new(2_000_000, 10_000_000, 100)));
        Assert.Equal("WORKBOOK_TOO_LARGE", Guarded(book, new(10_000_000, 2_000_000, 100)));
        Assert.Equal("WORKBOOK_TOO_LARGE", Guarded(book, new(10_000_000, 10_000_000, 5)));
        Assert.Null(Guarded(book, new(10_000_000, 10_000_000, 100)));
    }

    [Fact]
    public void Lengths_that_lie_are_not_believed()
    {
        var workbook = new RawWorkbook().Sheet("S", $"{Header}\n{Row}");
        workbook.Others["xl/media/image1.png"] = new byte[3_000_000];
        using var book = workbook.Build();
        var bytes = book.ToArray();
        foreach (var length in new[] { 1, 0, int.MaxValue })
        {
            var lying = (byte[])bytes.Clone();
            var announced = BitConverter.GetBytes(3_000_000);
            for (int at; (at = lying.AsSpan().IndexOf(announced)) >= 0;)
                BitConverter.GetBytes(length).CopyTo(lying, at);

            // The library inflates no more than what is announced, and so does the guard: never more than what was counted.
            Assert.Contains(Guarded(new MemoryStream(lying), new(2_000_000, 10_000_000, 100)),
                (string?[])[null, "WORKBOOK_TOO_LARGE", "WORKBOOK_UNREADABLE"]);
        }
    }

    [Fact]
    public void Shared_strings_are_limited_whatever_their_part_is_called_and_sheets_stream()
    {
        var rows = string.Concat(Enumerable.Range(2, 4_000).Select(i => RawWorkbook.Inline(Row, i)));
        using var sheet = new RawWorkbook().Sheet("S", RawWorkbook.Inline(Header, 0) + rows).Build();
        Assert.Null(Guarded(sheet, new(100_000_000, 500_000, 100)));

        var workbook = new RawWorkbook().Sheet("S", Header);
        workbook.Others["xl/worksheets/sheet9.xml"] = Encoding.UTF8.GetBytes(
            "<x:sst>" + string.Concat(Enumerable.Repeat("<si><t>text</t></si>", 40_000)) + "<sheetData/></x:sst>");
        using var strings = workbook.Build();
        Assert.Equal("WORKBOOK_TOO_LARGE", Guarded(strings, new(100_000_000, 500_000, 100)));
    }

    [Fact]
    public void One_cell_may_not_fill_the_memory()
    {
        using var book = new RawWorkbook().Sheet("S", $"{Header}\n{Row.Replace("Action", new string('x', 2 << 20))}").Build();
        Assert.Equal("WORKBOOK_TOO_LARGE", Refusal(book).Code);
    }

    [Fact]
    public void Entities_are_not_expanded()
    {
        var workbook = new RawWorkbook().Sheet("S", $"{Header}\n{Row}");
        using var book = workbook.Sheet("T", "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&bomb;</t></is></c></row>").Build();
        Assert.Equal("WORKBOOK_UNREADABLE", Refusal(book).Code);
    }

    [Fact]
    public void Reading_many_rows_keeps_none_of_them()
    {
        using var stream = new MemoryStream();
        using (var writer = new XlsxWriter(stream, "S"))
        {
            writer.Row([.. Header.Split(';')]);
            for (var i = 0; i < 50_000; i++)
                writer.Row(999590011, 2024, "QN05901M", $"ligne {i}", 1, "Action", "SPECIFIC", i + 0.25m);
        }

        var (count, sum, kept) = (0, 0m, 0L);
        foreach (var row in XlsxReader.Read(stream, ImportDataset.Declarations, null, [], Ct))
        {
            if (count == 1_000)
                kept = GC.GetTotalMemory(forceFullCollection: true);
            count++;
            sum += decimal.Parse(row.Cells[8]!, System.Globalization.CultureInfo.InvariantCulture);
        }
        Assert.Equal((50_000, 1_249_987_500m), (count, sum));
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - kept < 20 << 20);
    }

    private static string? Guarded(Stream file, WorkbookLimits limits)
    {
        try
        {
            WorkbookGuard.Check(file, limits, Ct);
            return null;
        }
        catch (ImportFileException fault)
        {
            return fault.Fault.Code;
        }
    }

    private static ImportFault Refusal(Stream file, string? sheet = null) =>
        Assert.Throws<ImportFileException>(() => Rows(file, sheet)).Fault;

    private static List<ImportRow> Rows(Stream file, string? sheet = null) =>
        [.. XlsxReader.Read(file, ImportDataset.Declarations, sheet, [], Ct)];
}
