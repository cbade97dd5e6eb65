using System.Text;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Files as they come: dialects, encodings, damage.</summary>
public sealed class ReadingTests
{
    private const string Header = "landlord_siren;year;qpv_code;ref;axis;action;family;actual";

    [Theory]
    [InlineData(";", "\n", false)]
    [InlineData(",", "\r\n", false)]
    [InlineData("\t", "\r\n", true)]
    [InlineData(";", "\r\n", true)]
    public async Task Reads_every_dialect(string separator, string end, bool mark)
    {
        var text = string.Join(end, Header, "1;2024;QN05901M;a;1;\"Présence;du\n\"\"gardien\"\"\";SPECIFIC;\"1,5\"",
            "2;2024;QN05901M;b;1;x;SPECIFIC;2")
            .Replace(";du", "#du").Replace(";", separator).Replace("#du", separator + "du") + end;
        var bytes = (mark ? Encoding.UTF8.GetPreamble() : []).Concat(Encoding.UTF8.GetBytes(text)).ToArray();

        var rows = await Rows(bytes);

        Assert.Equal([2, 4], rows.Select(r => r.Line));
        Assert.Equal($"Présence{separator}du\n\"gardien\"", rows[0].Cells[5]);
        Assert.Equal("1,5", rows[0].Cells[8]);
        Assert.Equal("2", rows[1].Cells[0]);
    }

    [Fact]
    public async Task Reads_windows_1252_when_the_bytes_are_not_utf8()
    {
        var rows = await Rows(Latin.Windows1252.GetBytes(Header + "\n1;2024;Q;a;1;Présence à 5 €;SPECIFIC;2\n"));
        Assert.Equal("Présence à 5 €", rows[0].Cells[5]);
    }

    [Fact]
    public async Task French_headers_count_whatever_their_case_accents_and_marks()
    {
        var rows = await Rows(
            "Réalisé;AXE;Code-QPV;Année;siren bailleur;Référence;ACTION;Famille;inconnue\n5;1;Q;2024;1;a;x;RENFORCEMENT;?\n"u8.ToArray(),
            out var warnings);
        Assert.Equal("5", rows[0].Cells[8]);
        Assert.Equal("1", rows[0].Cells[0]);
        Assert.Equal("COLUMN_IGNORED", Assert.Single(warnings).Code);
    }

    [Fact]
    public async Task One_quote_before_a_formula_sign_is_removed()
    {
        var rows = await Rows(Encoding.UTF8.GetBytes(Header + "\n1;2;3;'=a;1;'apostrophe;5;6\n"));
        Assert.Equal("=a", rows[0].Cells[3]);
        Assert.Equal("'apostrophe", rows[0].Cells[5]);
    }

    [Fact]
    public async Task Blank_rows_are_passed_over_and_counted_in_lines()
    {
        var rows = await Rows(Encoding.UTF8.GetBytes(Header + "\n\n;;;;;;;\n1;2;3;a;1;x;5;6\n"));
        Assert.Equal(4, Assert.Single(rows).Line);
    }

    [Theory]
    [InlineData("", "EMPTY_FILE")]
    [InlineData("a|b|c\n1|2|3\n", "HEADER_UNKNOWN")]
    [InlineData("landlord_siren;year;qpv_code\n1;2;3\n", "COLUMN_MISSING")]
    [InlineData("landlord_siren;siren_bailleur;year\n1;2;3\n", "COLUMN_DUPLICATE")]
    [InlineData("landlord_siren;year\n1;\0\n", "NUL_CHARACTER")]
    public async Task Refuses_a_file_it_cannot_trust(string text, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<ImportFileException>(() => Rows(Encoding.UTF8.GetBytes(text)))).Fault.Code);

    [Fact]
    public async Task Refuses_binary_junk()
    {
        var junk = new byte[5000];
        new Random(1).NextBytes(junk);
        Assert.Equal("FILE_BINARY", (await Assert.ThrowsAsync<ImportFileException>(() => Rows(junk))).Fault.Code);
    }

    [Fact]
    public async Task Truncated_utf8_is_refused_with_its_line()
    {
        var bytes = Encoding.UTF8.GetBytes(Header + "\n1;2024;Q;a;1;Présence;SPECIFIC;2\n1;2024;Q;b;1;Pré");
        var fault = (await Assert.ThrowsAsync<ImportFileException>(() => Rows(bytes[..^1]))).Fault;
        Assert.Equal(("UTF8_TRUNCATED", 3), (fault.Code, fault.Line));
    }

    [Fact]
    public async Task Damaged_utf8_is_refused_with_its_line_and_not_garbled()
    {
        var bytes = Encoding.UTF8.GetBytes(Header + "\n1;2024;Q;a;1;Présence énième;SPECIFIC;2\n1;2024;Q;b;1;X;SPECIFIC;2\n");
        bytes[Array.LastIndexOf(bytes, (byte)'X')] = 0xE9;
        var fault = (await Assert.ThrowsAsync<ImportFileException>(() => Rows(bytes))).Fault;
        Assert.Equal(("UTF8_INVALID", 3), (fault.Code, fault.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    public async Task A_row_without_end_does_not_fill_the_memory(string quote)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Header + "\n" + quote + new string('x', 50 << 20)));
        var ct = TestContext.Current.CancellationToken;

        var fault = (await Assert.ThrowsAsync<ImportFileException>(
            () => DelimitedReader.ReadAsync(stream, Encoding.UTF8, ImportDataset.Declarations, [], ct).ToListAsync(ct).AsTask())).Fault;

        Assert.Equal(("ROW_TOO_LONG", 2), (fault.Code, fault.Line));
        Assert.True(stream.Position < 4 << 20, $"{stream.Position} bytes were read");
    }

    [Fact]
    public async Task A_quote_never_closed_is_a_fault_of_its_row()
    {
        var rows = await Rows(Encoding.UTF8.GetBytes(Header + "\n1;2;3;a\"b\";1;x;5;6\n"));
        Assert.Contains("QUOTES_UNPAIRED", rows.SelectMany(r => r.Faults).Select(f => f.Code));
    }

    [Fact]
    public async Task Every_cut_of_the_bytes_gives_the_same_verdict()
    {
        var bytes = Encoding.UTF8.GetBytes("é€𝄞\nàé");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var scan = new ByteScan();
            scan.Add(bytes.AsSpan(0, cut));
            scan.Add(bytes.AsSpan(cut));
            Assert.Equal(Encoding.UTF8, scan.Decide(null));
            Assert.Equal(2, scan.Lines);
        }
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData(
        """[{"landlord":{"siren":"1","name":"x"},"year":2024,"qpv":{"code":"Q"},"status":"DRAFT","lines":[{"ref":"a","axis":1,"actual":1.5},{"ref":"b"}]}]""", true)]
    [InlineData("""{"landlordSiren":"1","year":2024,"qpvCode":"Q","lines":[{"ref":"a","axis":1,"actual":1.5},{"ref":"b"}]}""", true)]
    [InlineData(
        """{"meta":{"a":{}},"data":[{"landlordSiren":"1","year":2024,"qpvCode":"Q","lines":[{"ref":"a","axis":1,"actual":1.5},{"ref":"b"}]}]}""", true)]
    [InlineData(
        "{\"landlordSiren\":\"1\",\"year\":2024,\"qpvCode\":\"Q\",\"ref\":\"a\",\"axis\":1,\"actual\":1.5}\n{\"landlordSiren\":\"1\",\"year\":2024,\"qpvCode\":\"Q\",\"ref\":\"b\"}\n", false)]
    public async Task Reads_the_objects_of_the_api(string json, bool array)
    {
        var rows = await JsonRows(json, array);

        Assert.Equal(["a", "b"], rows.Select(r => r.Cells[3]));
        Assert.All(rows, r => Assert.Equal(("1", "2024", "Q"), (r.Cells[0], r.Cells[1], r.Cells[2])));
        Assert.Equal("1.5", rows[0].Cells[8]);
    }

    [Theory]
    [InlineData("[", "JSON_INVALID")]
    [InlineData("[1,2]", "JSON_INVALID")]
    [InlineData("nonsense", "JSON_INVALID")]
    [InlineData("[{\"a\":tru}]", "JSON_INVALID")]
    [InlineData("[[[[", "JSON_INVALID")]
    public async Task Refuses_what_is_no_json(string json, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<ImportFileException>(() => JsonRows(json, true))).Fault.Code);

    [Fact]
    public async Task Refuses_json_nested_ten_thousand_deep() => Assert.Equal("JSON_TOO_DEEP",
        (await Assert.ThrowsAsync<ImportFileException>(() => JsonRows("[{\"a\":" + new string('[', 10_000), true))).Fault.Code);

    private static Task<List<ImportRow>> Rows(byte[] bytes) => Rows(bytes, out _);

    private static Task<List<ImportRow>> Rows(byte[] bytes, out List<ImportFault> warnings)
    {
        var found = warnings = [];
        return Read();

        async Task<List<ImportRow>> Read()
        {
            var scan = new ByteScan();
            scan.Add(bytes);
            return await DelimitedReader.ReadAsync(new MemoryStream(bytes), scan.Decide(null), ImportDataset.Declarations, found, default)
                .ToListAsync();
        }
    }

    private static Task<List<ImportRow>> JsonRows(string json, bool array) =>
        new JsonRowReader(ImportDataset.Declarations, []).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), array, default)
            .ToListAsync().AsTask();
}
