using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Features.Imports;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

public sealed class ImportTests(Api api) : IClassFixture<Api>
{
    private const string Dry = "dataset=declarations&mode=validate";
    private const string Declarations = "dataset=declarations";
    private static int s_qpv = 10;

    private async Task<(string Siren, string Qpv)> PlaceAsync()
    {
        var siren = await api.Given.Landlord();
        return (siren, await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M"));
    }

    private static string Line(string siren, string qpv, string reference = "a", string axis = "1", string actual = "100",
        string family = "SPECIFIC", string year = "2024") =>
        $"{siren};{year};{qpv};{reference};{axis};Action;{family};{actual}\n";

    [Fact]
    public async Task Declarations_are_created_then_unchanged_then_replaced_as_a_whole()
    {
        var (siren, qpv) = await PlaceAsync();
        var file = Header + "\n" + Line(siren, qpv) + Line(siren, qpv, "b", "Sur-entretien", "1 234,56 €", "spécifique");

        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, Declarations, file)));
        var again = await ImportAsync(api.Admin, Declarations, file);
        Assert.Equal("DONE 0/0/1/0", Outcome(again));
        Assert.Null(again["revision"]);
        Assert.Equal("DONE 0/1/0/0", Outcome(await ImportAsync(api.Admin, Declarations, Header + "\n" + Line(siren, qpv, "b", "3", "7"))));

        Assert.Equal(7m, await api.Given.Scalar<decimal>("""
            select sum(actual) from declaration d join expense_line l on l.declaration_id = d.id and l.version = d.lines_version
              where landlord_siren = $1
            """, siren));
        Assert.Equal(2L, await api.Given.Scalar<long>(
            "select count(*) from declaration_version v join declaration d on d.id = v.declaration_id where landlord_siren = $1", siren));
    }

    [Theory]
    [InlineData(";", "\r\n", "utf-8", true)]
    [InlineData(",", "\n", "utf-8", false)]
    [InlineData("\t", "\r\n", "windows-1252", false)]
    public async Task Reads_every_dialect(string separator, string end, string encoding, bool mark)
    {
        var (siren, qpv) = await PlaceAsync();
        var text = ("Siren bailleur;Année;CODE QPV;Référence;Axe;Action;Famille;Réalisé\n"
            + $"{siren};2024;{qpv};a;1;\"Présence\nà l'été\";RENFORCEMENT;\"1 234,50 €\"\n")
            .Replace(";", separator).Replace("\n", end);
        var bytes = encoding == "utf-8" ? Encoding.UTF8.GetBytes(text) : Latin.Windows1252.GetBytes(text);

        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, Declarations, mark ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes)));
        Assert.Equal($"Présence{end}à l'été 1234.50", await api.Given.Scalar<string>(
            "select l.action || ' ' || actual from expense_line l join declaration d on d.id = declaration_id "
                + "where landlord_siren = $1", siren));
    }

    [Theory]
    [InlineData("axis", "9", "AXIS_UNKNOWN", null)]
    [InlineData("axis", "02", "AXIS_UNKNOWN", "2")]
    [InlineData("family", "1", "FAMILY_UNKNOWN", null)]
    [InlineData("family", "OTHER", "FAMILY_UNKNOWN", null)]
    [InlineData("actual", "-1", "AMOUNT_OUT_OF_RANGE", null)]
    [InlineData("actual", "1.005", "AMOUNT_DECIMALS", null)]
    [InlineData("actual", "1e400", "AMOUNT_INVALID", null)]
    [InlineData("actual", "1.234,50", "AMOUNT_INVALID", "1234.50")]
    [InlineData("actual", "", "REQUIRED", null)]
    [InlineData("year", "2014", "YEAR_OUT_OF_RANGE", null)]
    [InlineData("year", "2999", "YEAR_OUT_OF_RANGE", null)]
    [InlineData("landlord_siren", "123456789", "SIREN_INVALID", null)]
    [InlineData("landlord_siren", "LONG", "SIREN_INVALID", null)]
    [InlineData("landlord_siren", "552100554", "LANDLORD_UNKNOWN", null)]
    [InlineData("qpv_code", "QN99999Z", "QPV_CODE_INVALID", null)]
    [InlineData("qpv_code", "QN00299M", "QPV_UNKNOWN", null)]
    public async Task A_wrong_cell_is_told_with_its_line_column_and_what_was_expected(
        string column, string value, string code, string? suggestion)
    {
        var (siren, qpv) = await PlaceAsync();
        var good = new[] { siren, "2024", qpv, "b", "1", "Action", "SPECIFIC", "100" };
        good[Array.IndexOf(Header.Split(';'), column)] = value == "LONG" ? new string('1', 300) : value;

        var import = await ImportAsync(api.Admin, Declarations, Header + "\n" + Line(siren, qpv) + string.Join(';', good) + "\n");

        var error = (await ErrorsAsync(api.Admin, import)).Single(e => (string?)e["severity"] == "ERROR");
        Assert.Equal((3, column, code, suggestion),
            ((int)error["line"]!, (string?)error["column"], (string?)error["code"], (string?)error["suggestion"]));
        Assert.Equal("DONE_WITH_REJECTS", (string?)import["state"]);
        Assert.Equal(1, (int)import["outcome"]!["rejected"]!);
    }

    [Theory]
    [InlineData("declarations", "text/csv",
        Header + "\n{0};2024;{1};a;x;;OTHER;1.005\n{0};2024;{1};a;1;A;SPECIFIC;-1\n{0};2014;QP1;b;1;A;SPECIFIC;beaucoup;more")]
    [InlineData("declarations", "application/json", """{{ "data": [{{ "landlord": 5, "year": [], "qpv": true, "lines": [7] }}] }}""")]
    [InlineData("declarations", "application/json", "[5]")]
    [InlineData("declarations", "text/csv", "a;b\n1;2")]
    [InlineData("declarations", "text/csv", Header + ";ref\n")]
    [InlineData("holdings", "text/csv",
        "landlord_siren;year;qpv_code;dwellings;abatement;abated_dwellings\n{0};2024;{1};10;1;20\n{0};2024;{1};10;1;20")]
    [InlineData("landlords", "text/csv",
        "siren;name;family;active_from;active_to;successor_siren\n{0};A;OPH;2020;2019;{0}\n{0};A;OPH;;;552100554")]
    [InlineData("qpvs", "text/csv",
        "code_qp;lib_qp;insee_com;predecessors\nQN05999M;A;59350;QP999999\nQN05999M;A;59350;\nQP999998;A;5;QP999999")]
    public async Task What_was_expected_is_told_in_both_languages(string dataset, string type, string file)
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, $"dataset={dataset}&mode=validate", string.Format(null, file, siren, qpv), type);
        using var client = api.Instance();
        client.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");

        var (english, french) = (await ErrorsAsync(api.Admin, import), await ErrorsAsync(client, import));

        Assert.NotEmpty(english);
        foreach (var (en, fr) in english.Zip(french))
        {
            Assert.NotEqual((string?)en["message"], (string?)fr["message"]);
            var (expected, attendu) = ((string?)en["expected"], (string?)fr["expected"]);
            Assert.True(expected != attendu || expected is null || !Http.ProblemTests.Sentence().IsMatch(expected),
                $"{en["code"]}: {expected}");
        }
    }

    [Fact]
    public async Task A_declaration_is_rejected_as_a_whole_and_the_others_are_written()
    {
        var (siren, qpv) = await PlaceAsync();
        var (other, place) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, Declarations,
            Header + "\n" + Line(siren, qpv) + Line(siren, qpv, "b", "9") + Line(other, place) + Line(other, place, "b"));

        Assert.Equal("DONE_WITH_REJECTS 1/0/0/1", Outcome(import));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from declaration where landlord_siren = $1", siren));
        Assert.Equal($"{siren}/2024/{qpv}", (string?)(await ErrorsAsync(api.Admin, import))
            .First(e => (string?)e["severity"] == "ERROR")["key"]);
    }

    [Fact]
    public async Task The_same_line_twice_is_an_error_of_the_second()
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, Declarations, Header + "\n" + Line(siren, qpv) + Line(siren, qpv));

        var error = (await ErrorsAsync(api.Admin, import)).Single(e => (string?)e["severity"] == "ERROR");
        Assert.Equal((3, "DUPLICATE_REF"), ((int)error["line"]!, (string?)error["code"]));
        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(import));
    }

    [Theory]
    [InlineData("2024/a/1 2024/b/2 2023/a/1 2023/b/2", "")]
    [InlineData("2024/a/1 2024/b/1 2023/a/1", "3 DUPLICATE_ACTION")]
    [InlineData("2024/a/1 2023/a/1 2024/b/1 2023/b/2", "4 DUPLICATE_ACTION")]
    [InlineData("2024/a/1 2023/a/1 2024/a/2 2023/b/1", "4 DUPLICATE_REF, 5 DUPLICATE_ACTION")]
    public async Task Lines_alike_are_told_wherever_they_stand(string rows, string told)
    {
        var (siren, qpv) = await PlaceAsync();
        var lines = rows.Split(' ').Select(row => row.Split('/')).Select(row => Line(siren, qpv, row[1], actual: row[2], year: row[0]));

        var errors = await ErrorsAsync(api.Admin, await ImportAsync(api.Admin, Declarations, Header + "\n" + string.Concat(lines)));

        var alike = errors.Where(error => ((string?)error["code"])!.StartsWith("DUPLICATE", StringComparison.Ordinal));
        Assert.Equal(told, string.Join(", ", alike.Select(error => $"{error["line"]} {error["code"]}").Order()));
    }

    [Fact]
    public async Task A_dry_run_forecasts_and_writes_nothing()
    {
        var (siren, qpv) = await PlaceAsync();
        Assert.Equal("VALIDATED 1/0/0/0", Outcome(await ImportAsync(api.Admin, Dry, Header + "\n" + Line(siren, qpv))));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from declaration where landlord_siren = $1", siren));
    }

    [Fact]
    public async Task With_atomicity_all_one_error_refuses_everything()
    {
        var (siren, qpv) = await PlaceAsync();
        var (other, place) = await PlaceAsync();
        var import = await ImportAsync(
            api.Admin, Declarations + "&atomicity=all", Header + "\n" + Line(siren, qpv) + Line(other, place, axis: "9"));

        Assert.Equal("FAILED 0/0/0/1", Outcome(import));
        Assert.Equal(0L, await api.Given.Scalar<long>("select count(*) from declaration where landlord_siren = $1", siren));
    }

    [Fact]
    public async Task Submitting_applies_the_rules_of_the_submission()
    {
        var (siren, qpv) = await PlaceAsync();
        var file = Header + ";valued\n" + Line(siren, qpv).TrimEnd() + ";50\n";

        var refused = await ImportAsync(api.Admin, Declarations + "&submit=true", file);
        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(refused));
        Assert.Contains("HOLDING_MISSING", (await ErrorsAsync(api.Admin, refused)).Select(e => (string?)e["code"]));

        await api.Given.Holding(siren, 2024, qpv);
        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, Declarations + "&submit=true", file)));
        Assert.Equal("SUBMITTED", await api.Given.Scalar<string>("select status from declaration where landlord_siren = $1", siren));
    }

    [Theory]
    [InlineData("2024", "QP059901", "100;200", "VALUED_ABOVE_ACTUAL")]
    [InlineData("2025", "QP059902", "100;50", "QPV_GENERATION")]
    public async Task Submitting_refuses_what_the_trade_forbids(string year, string code, string amounts, string expected)
    {
        var siren = await api.Given.Landlord();
        var qpv = await api.Given.Qpv(code);
        await api.Given.Holding(siren, int.Parse(year), qpv);
        var import = await ImportAsync(api.Admin, Declarations + "&submit=true",
            Header + ";valued\n" + $"{siren};{year};{qpv};a;1;Action;SPECIFIC;{amounts}\n");

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(import));
        Assert.Contains(expected, (await ErrorsAsync(api.Admin, import)).Where(e => (string?)e["severity"] == "ERROR")
            .Select(e => (string?)e["code"]));
    }

    [Fact]
    public async Task A_validated_declaration_is_refused_unless_unchanged()
    {
        var (siren, qpv) = await PlaceAsync();
        await api.Given.Declaration(siren, 2024, qpv, "VALIDATED", 100m);

        var same = $"{Header}\n{siren};2024;{qpv};L1;1;Action;SPECIFIC;100\n";
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, Declarations, same)));
        var changed = await ImportAsync(api.Admin, Declarations, same.Replace(";100", ";101"));
        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(changed));
        Assert.Contains("DECLARATION_VALIDATED", (await ErrorsAsync(api.Admin, changed)).Select(e => (string?)e["code"]));
    }

    [Theory]
    [InlineData("a|b\n1|2\n", "HEADER_UNKNOWN", 1)]
    [InlineData("landlord_siren;year;qpv_code\n1;2;3\n", "COLUMN_MISSING", 1)]
    [InlineData("landlord_siren;year\n1;\0\n", "NUL_CHARACTER", 2)]
    [InlineData("landlord_siren;year;qpv_code;ref;axis;action;family;actual\n1;2;3;é\n4;\u00c3", "TRUNCATED", 3)]
    [InlineData("JUNK", "FILE_BINARY", 1)]
    [InlineData("LONG", "ROW_TOO_LONG", 2)]
    public async Task A_file_that_cannot_be_read_fails_with_the_line(string text, string code, int line)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (text == "JUNK")
            new Random(3).NextBytes(bytes = new byte[4000]);
        else if (text == "LONG")
            bytes = Encoding.UTF8.GetBytes(Header + "\n" + new string('x', 50_000_000));
        else if (code == "TRUNCATED")
            bytes = bytes[..^1];

        var import = await ImportAsync(api.Admin, Declarations, bytes);

        var error = Assert.Single(await ErrorsAsync(api.Admin, import));
        Assert.Equal("FAILED 0/0/0/0", Outcome(import));
        Assert.Equal((line, code == "TRUNCATED" ? "UTF8_TRUNCATED" : code), ((int)error["line"]!, (string?)error["code"]));
    }

    [Fact]
    public async Task The_objects_of_the_api_are_taken_as_json_and_ndjson()
    {
        var (siren, qpv) = await PlaceAsync();
        var declaration =
            $$"""{"landlord":{"siren":"{{siren}}"},"year":2024,"qpv":{"code":"{{qpv}}"},"lines":[{"ref":"a","axis":1,"action":"x","family":"SPECIFIC","actual":1.5}]}""";

        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, Declarations, $"[{declaration}]", "application/json")));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, Declarations, declaration + "\n", "application/x-ndjson")));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, Declarations, declaration, "application/json")));
        Assert.Equal("DONE 0/1/0/0", Outcome(
            await ImportAsync(api.Admin, Declarations, declaration[..^3].Split("\"lines\"")[0] + "\"lines\":[]}", "application/json")));
    }

    [Theory]
    [InlineData("[{\"a\":", "JSON_INVALID")]
    [InlineData("DEEP", "JSON_TOO_DEEP")]
    [InlineData("nonsense", "JSON_INVALID")]
    [InlineData("[] trailing", "JSON_INVALID")]
    public async Task Bad_json_fails(string text, string code)
    {
        var import = await ImportAsync(api.Admin, Declarations,
            text == "DEEP" ? "[{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}]" : text, "application/json");
        Assert.Equal(("FAILED", code), ((string?)import["state"], (string?)Assert.Single(await ErrorsAsync(api.Admin, import))["code"]));
    }

    [Theory]
    [InlineData("1e400", "AMOUNT_INVALID")]
    [InlineData("1.234", "AMOUNT_DECIMALS")]
    [InlineData("true", "VALUE_KIND")]
    [InlineData("\"\\u0000\"", "NUL_CHARACTER")]
    [InlineData("\"\\ud800\"", "VALUE_KIND")]
    public async Task A_wrong_json_value_is_an_error_of_its_row(string value, string code)
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, Declarations,
            $$"""[{"landlordSiren":"{{siren}}","year":2024,"qpvCode":"{{qpv}}","ref":"a","axis":1,"action":"x","family":"SPECIFIC","actual":{{value}}}]""", "application/json");

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(import));
        Assert.Contains(code, (await ErrorsAsync(api.Admin, import)).Select(e => (string?)e["code"]));
    }

    [Fact]
    public async Task A_key_gives_the_same_import_again_and_refuses_other_bytes()
    {
        var (siren, qpv) = await PlaceAsync();
        var body = Encoding.UTF8.GetBytes(Header + "\n" + Line(siren, qpv));
        var key = Guid.NewGuid().ToString();

        var first = await PostAsync(api.Admin, Declarations, body, key: key);
        var again = await PostAsync(api.Admin, Declarations, body, key: key, wait: 0);
        var other = await PostAsync(api.Admin, Declarations, [.. body, (byte)'\n'], key: key);
        var query = await PostAsync(api.Admin, Declarations + "&mode=validate", body, key: key);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(await IdAsync(first), await IdAsync(again));
        Assert.Equal((422, 422), ((int)other.StatusCode, (int)query.StatusCode));
    }

    [Fact]
    public async Task Without_wait_it_is_accepted_and_followed()
    {
        var (siren, qpv) = await PlaceAsync();
        var answer = await PostAsync(api.Admin, Declarations, Encoding.UTF8.GetBytes(Header + "\n" + Line(siren, qpv)), wait: 0);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var path = answer.Headers.Location!.ToString();
        JsonNode import;
        do
            import = await ReadAsync(api.Admin, path);
        while ((string?)import["state"] is "RECEIVED" or "VALIDATING" or "APPLYING");
        Assert.Equal("DONE 1/0/0/0", Outcome(import));
        Assert.Contains(await IdAsync(answer), (await ReadAsync(api.Admin, "/v1/imports"))["data"]!.AsArray()
            .Select(i => (string?)i!["id"]));
    }

    [Theory]
    [InlineData("", "text/csv", 400)]
    [InlineData("dataset=nothing", "text/csv", 400)]
    [InlineData("dataset=declarations&mode=try", "text/csv", 400)]
    [InlineData("dataset=declarations&colour=red", "text/csv", 400)]
    [InlineData("dataset=declarations", "application/geo+json", 415)]
    [InlineData("dataset=declarations", "text/csv; charset=ebcdic", 415)]
    [InlineData("dataset=declarations", "application/x-www-form-urlencoded", 415)]
    public async Task Refuses_what_is_not_asked_well(string query, string type, int status) =>
        Assert.Equal(status, (int)(await PostAsync(api.Admin, query, "a"u8.ToArray(), type)).StatusCode);

    [Fact]
    public async Task An_empty_body_is_refused_at_once() =>
        Assert.Equal(400, (int)(await PostAsync(api.Admin, Declarations, [])).StatusCode);

    [Fact]
    public async Task A_missing_key_is_refused_and_so_is_anonymous()
    {
        var body = new StringContent("a", Encoding.UTF8, "text/csv");
        Assert.Equal(400, (int)(await api.Admin.PostAsync("/v1/imports?dataset=declarations", body, TestContext.Current.CancellationToken))
            .StatusCode);
        Assert.Equal(401, (int)(await PostAsync(api.Anonymous, Declarations, "a"u8.ToArray())).StatusCode);
    }

    [Fact]
    public async Task Two_imports_of_the_same_declarations_at_once_both_end()
    {
        var siren = await api.Given.Landlord();
        var lines = new List<string>();
        for (var i = 0; i < 60; i++)
            lines.Add(Line(siren, await api.Given.Qpv($"QP062{i:000}", "Q", "62041")));
        var forward = Encoding.UTF8.GetBytes(Header + "\n" + string.Concat(lines));
        lines.Reverse();
        var backward = Encoding.UTF8.GetBytes(Header + "\n" + string.Concat(lines).Replace(";100", ";200"));

        var both = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => ImportAsync(api.Admin, Declarations, i % 2 == 0 ? forward : backward)));

        Assert.All(both, import => Assert.Equal("DONE", (string?)import["state"]));
        Assert.Equal(60, both.Sum(import => (int)import["outcome"]!["created"]!));
    }

    [Fact]
    public async Task Work_left_by_a_dead_process_is_done_again()
    {
        var (siren, qpv) = await PlaceAsync();
        var id = Guid.CreateVersion7();
        await api.Given.Sql("""
            insert into import (id, dataset, mode, submit, atomicity, state, actor, idempotency_key, content_type,
              base_revision, received_at,
                                rows_read, created, updated, unchanged, rejected, errors, warnings)
            values ($1, 'declarations', 'apply', false, 'declaration', 'APPLYING', 'bootstrap', $2, 'text/csv', 0, now(),
              7, 0, 0, 0, 0, 0, 0)
            """, id, id.ToString());
        await api.Given.Sql("insert into import_chunk values ($1, 0, $2)", id, Encoding.UTF8.GetBytes(Header + "\n" + Line(siren, qpv)));

        JsonNode import;
        do
            import = await ReadAsync(api.Admin, $"/v1/imports/{id}");
        while ((string?)import["state"] is not "DONE" && !TestContext.Current.CancellationToken.IsCancellationRequested);
        Assert.Equal("DONE 1/0/0/0", Outcome(import));
    }

    [Fact]
    public async Task Landlords_and_holdings_are_created_unchanged_and_updated()
    {
        var (siren, qpv) = await PlaceAsync();
        var fresh = GuspApi.Model.Siren.Complete("77000001");
        var landlords = $"siren;nom;famille;actif depuis;siren_successeur\n{fresh};Habitat du Nord;Coopérative;1998;{siren}\n";
        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, "dataset=landlords", landlords)));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, "dataset=landlords", landlords)));
        Assert.Equal("DONE 0/1/0/0", Outcome(await ImportAsync(api.Admin, "dataset=landlords", landlords.Replace("Nord", "Sud"))));

        var holdings = $"siren_bailleur,annee,code_qpv,logements,abattement,methode_abattement\n{fresh},2024,{qpv},1 200,\"12 000,50 "
            + $"€\",avis\n{fresh},2024,{qpv},3,4,\n999999999,2024,{qpv},3,4,\n";
        var import = await ImportAsync(api.Admin, "dataset=holdings", holdings);
        Assert.Equal("DONE_WITH_REJECTS 1/0/0/2", Outcome(import));
        Assert.Equal(["SIREN_INVALID", "DUPLICATE_KEY"], (await ErrorsAsync(api.Admin, import)).Select(e => (string?)e["code"]));
        Assert.Equal("DONE 0/1/0/0", Outcome(
            await ImportAsync(api.Admin, "dataset=holdings", string.Join('\n', holdings.Split('\n')[..2]).Replace("1 200", "1 201"))));
    }

    [Fact]
    public async Task A_holding_whose_figures_are_published_is_locked_while_its_declaration_is_reopened()
    {
        var (siren, qpv) = await PlaceAsync();
        await api.Given.Holding(siren, 2024, qpv, dwellings: 100);
        await api.Given.Declaration(siren, 2024, qpv, "VALIDATED", 100m);
        await api.Given.Sql("update declaration set status = 'CHANGES_REQUESTED', action = 'REOPENED', "
            + "version = 2 where landlord_siren = $1", siren);

        var import = await ImportAsync(
            api.Admin, "dataset=holdings", $"landlord_siren;year;qpv_code;dwellings;abatement\n{siren};2024;{qpv};101;20000\n");

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(import));
        Assert.Equal("HOLDING_LOCKED", (string?)Assert.Single(await ErrorsAsync(api.Admin, import))["code"]);
    }

    [Fact]
    public async Task A_list_of_QPVs_that_tells_an_EPCI_more_changes_what_is_answered()
    {
        const string row = "QP059691;Quartier;59997;Ville sans EPCI";
        Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, "dataset=qpvs", $"code_qp;lib_qp;insee_com;lib_com\n{row}\n")));
        var (_, _, answer) = await api.Admin.Read("/v1/epcis?department=59");

        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(
            api.Admin, "dataset=qpvs", $"code_qp;lib_qp;insee_com;lib_com;siren_epci;lib_epci\n{row};200000172;CC Nouvelle\n")));

        Assert.Equal("200000172", await api.Given.Scalar<string>("select epci_code from commune where code = '59997'"));
        Assert.Contains("200000172", (await api.Admin.Read("/v1/epcis?department=59")).Body.ToJsonString());
        Assert.Equal(200, (await api.Admin.Read("/v1/epcis?department=59", ifNoneMatch: answer.Headers.ETag!.ToString())).Status);
    }

    /// <summary>ENABLE TRIGGER ALL, as after a restore of the data alone, makes triggers like others.</summary>
    [Fact]
    public async Task Without_triggers_that_are_enabled_always_look_ups_are_not_left_out()
    {
        var (siren, qpv) = await PlaceAsync();
        await api.Given.Sql("alter table declaration enable trigger record_insert");
        try
        {
            Assert.Equal("DONE 1/0/0/0", Outcome(await ImportAsync(api.Admin, Declarations, Header + "\n" + Line(siren, qpv))));
        }
        finally
        {
            await api.Given.Sql("alter table declaration enable always trigger record_insert");
        }

        Assert.Equal(1L, await api.Given.Scalar<long>(
            "select count(*) from change where object_key like $1 || '/%' and object_type = 'declaration'", siren));
    }

    [Fact]
    public async Task Communes_with_lost_zeros_are_refused_with_the_whole_code()
    {
        var import = await ImportAsync(api.Admin, "dataset=communes",
            "code;nom;departement;region;nom_region\n1053;Bourg-en-Bresse;01;84;ARA\n97999;Nouvelle;976;06;Mayotte\n");
        var error = Assert.Single(await ErrorsAsync(api.Admin, import));
        Assert.Equal((2, "CODE_INVALID", "01053"), ((int)error["line"]!, (string?)error["code"], (string?)error["suggestion"]));
        Assert.Equal("DONE_WITH_REJECTS 1/0/0/1", Outcome(import));
    }

    private static async Task<string?> IdAsync(HttpResponseMessage answer) =>
        (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"];
}
