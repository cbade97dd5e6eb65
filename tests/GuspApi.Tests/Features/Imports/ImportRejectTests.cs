using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Features.Imports;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Rejected rows come back as they were sent, and can be mended and posted again.</summary>
public sealed class ImportRejectTests(Api api) : IClassFixture<Api>
{
    private static int s_qpv;

    private async Task<(string Siren, string Qpv)> PlaceAsync()
    {
        var siren = await api.Given.Landlord();
        return (siren, await api.Given.Qpv($"QN059{Interlocked.Increment(ref s_qpv):00}M"));
    }

    private async Task<byte[]> RejectsAsync(JsonNode import) =>
        await api.Admin.GetByteArrayAsync((string)import["links"]!["rejects"]!, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(";", "\r\n", "utf-8", true)]
    [InlineData(",", "\n", "utf-8", false)]
    [InlineData("\t", "\n", "windows-1252", false)]
    [InlineData(";", "\r", "utf-8", false)]
    public async Task In_the_senders_dialect_with_every_row_of_the_declaration(string separator, string end, string encoding, bool mark)
    {
        var (siren, qpv) = await PlaceAsync();
        var (other, place) = await PlaceAsync();
        string[] rows =
        [
            "Siren bailleur;Code QPV;Année;Référence;Axe;Action;Famille;Réalisé;Notre colonne",
            $"{siren};{qpv};2024;a;1;\"Un été; à l'abri\";RENFORCEMENT;\"1 000,50 €\";x",
            $"{other};{place};2024;a;1;Autre;RENFORCEMENT;1;",
            $"{siren};{qpv};2024;\"b\";9;\"Deux \"\"lignes\"\"¤ici\";spécifique;20;",
            "",
            $"{siren};{qpv};2024;c;2;Trois;Spécifique;30;=1+1",
        ];
        var text = string.Join(end, rows.Select(row => row.Replace("¤", end))
            .Select(row => separator == ";" ? row : row.Replace("; à", "§").Replace(";", separator).Replace("§", separator + " à"))) + end;
        Encoding charset = encoding == "utf-8" ? new UTF8Encoding(mark) : Latin.Windows1252;
        byte[] sent = [.. charset.Preamble, .. charset.GetBytes(text)];

        var import = await ImportAsync(api.Admin, "dataset=declarations", sent);
        var rejects = await RejectsAsync(import);

        Assert.Equal("DONE_WITH_REJECTS 1/0/0/1", Outcome(import));
        var kept = text.Split(end + other)[0] + end + siren + text.Split(end + siren, 3)[2].Replace(end + end, end);
        var received = charset.GetString(rejects.AsSpan(charset.Preamble.Length));
        Assert.Equal(kept, Bare(received, separator, end));
        Assert.Equal(charset.Preamble, rejects[..charset.Preamble.Length]);
        Assert.StartsWith(rows[0].Replace(";", separator) + separator + "reject_codes" + separator + "reject_reasons" + end, received);
        Assert.Contains($"{separator}AXIS_UNKNOWN{separator}", received);
        Assert.Contains($"{separator}DECLARATION_REJECTED{separator}", received);

        var mended = charset.GetBytes(received.Replace($"\"b\"{separator}9{separator}", $"\"b\"{separator}3{separator}"));
        Assert.Equal("DONE 1/0/0/0", Outcome(
            await ImportAsync(api.Admin, "dataset=declarations", (byte[])[.. charset.Preamble, .. mended])));
    }

    /// <summary>Without the last two cells of each record; a record ends where the sender's did.</summary>
    private static string Bare(string text, string separator, string end)
    {
        var records = new List<string>();
        foreach (var part in text.Split(end, StringSplitOptions.RemoveEmptyEntries))
        {
            if (records.Count > 0 && records[^1].Count(c => c == '"') % 2 == 1)
                records[^1] += end + part;
            else
                records.Add(part);
        }
        return string.Concat(records.Select(record => ImportRejects.WithoutLast(record, separator[0], 2) + end));
    }

    [Fact]
    public async Task Rejected_again_they_do_not_grow()
    {
        var (siren, qpv) = await PlaceAsync();
        var first = await RejectsAsync(
            await ImportAsync(api.Admin, "dataset=declarations", $"{Header}\n{siren};2024;{qpv};a;9;Un;SPECIFIC;10\n"));

        var second = await ImportAsync(api.Admin, "dataset=declarations", first);

        Assert.Equal(first, await RejectsAsync(second));
        Assert.Equal(["AXIS_UNKNOWN"], (await ErrorsAsync(api.Admin, second)).Select(error => (string?)error["code"]));
    }

    [Theory]
    [InlineData("application/json", "[{0},\n {1}]", "[\n{0}\n]\n")]
    [InlineData("application/x-ndjson", "{0}\n{1}\n", "{0}\n")]
    public async Task Objects_come_back_as_objects(string type, string sent, string expected)
    {
        var (siren, qpv) = await PlaceAsync();
        var (other, place) = await PlaceAsync();
        var wrong =
            $$"""{ "landlord": {"siren":"{{siren}}"}, "year":2024,"qpv":{"code":"{{qpv}}"},"lines":[{"ref":"é","axis":9,"action":"x","family":"SPECIFIC","actual":1.50}] }""";
        var right = $$"""{"landlord":{"siren":"{{other}}"},"year":2024,"qpv":{"code":"{{place}}"},"lines":[]}""";

        var import = await ImportAsync(api.Admin, "dataset=declarations", sent.Replace("{0}", wrong).Replace("{1}", right), type);
        var rejects = Encoding.UTF8.GetString(await RejectsAsync(import));

        Assert.Equal("DONE_WITH_REJECTS 1/0/0/1", Outcome(import));
        var reasons = rejects[rejects.IndexOf(",\"reject_codes\"", StringComparison.Ordinal)..(rejects.LastIndexOf('}') + 1)];
        Assert.Equal(expected.Replace("{0}", wrong[..^1] + reasons), rejects);
        Assert.StartsWith(""","reject_codes":"AXIS_UNKNOWN","reject_reasons":"axis: There are eight axes""", reasons);
        Assert.Equal(rejects, Encoding.UTF8.GetString(
            await RejectsAsync(await ImportAsync(api.Admin, "dataset=declarations", rejects, type))));
        var mended = await ImportAsync(api.Admin, "dataset=declarations", rejects.Replace("\"axis\":9", "\"axis\":8"), type);
        Assert.Equal(("DONE 1/0/0/0", 0),
            (Outcome(mended), (int)mended["warnings"]! - (await ErrorsAsync(api.Admin, mended))
                .Count(e => (string?)e["code"] != "COLUMN_IGNORED")));
    }

    [Fact]
    public async Task Other_datasets_reject_rows()
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, "dataset=holdings",
            $"landlord_siren,year,qpv_code,dwellings,abatement\n{siren},2024,{qpv},10,5\n{siren},2024,{qpv},11,5\n{siren},2023,{qpv},x,5\n");

        var rejects = Encoding.UTF8.GetString(await RejectsAsync(import)).Split('\n');

        Assert.Equal("DONE_WITH_REJECTS 1/0/0/2", Outcome(import));
        Assert.StartsWith($"{siren},2024,{qpv},11,5,DUPLICATE_KEY,", rejects[1]);
        Assert.StartsWith($"{siren},2023,{qpv},x,5,COUNT_INVALID,", rejects[2]);
    }

    [Fact]
    public async Task There_are_none_where_nothing_was_rejected()
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, "dataset=declarations", $"{Header}\n{siren};2024;{qpv};a;1;Un;SPECIFIC;10\n");

        Assert.Null(import["links"]!["rejects"]);
        var (status, problem, _) = await api.Admin.Read($"/v1/imports/{import["id"]}/rejects");
        Assert.Equal((409, "NO_REJECTS"), (status, (string?)problem["code"]));
    }

    [Fact]
    public async Task Errors_are_a_file_too_and_none_is_cut()
    {
        var siren = await api.Given.Landlord();
        var rows = string.Concat(Enumerable.Range(0, 2500).Select(i => $"{siren};2024;QN00101M;r{i};9;Un;SPECIFIC;10\n"));
        var import = await ImportAsync(api.Admin, "dataset=declarations", Header + "\n" + rows);

        var csv = await api.Admin.GetStringAsync(
            (string)import["links"]!["errors"]! + "?format=csv&severity=ERROR", TestContext.Current.CancellationToken);

        Assert.Equal(2501, (int)import["errors"]!);
        Assert.Equal(2502, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("no,line,column,key,code,severity,message,value,expected,suggestion\r\n", csv);
        Assert.Contains($",2501,axis,{siren}/2024/QN00101M,AXIS_UNKNOWN,ERROR,", csv);
    }

    [Fact]
    public async Task A_digest_of_other_bytes_is_refused_and_nothing_is_kept()
    {
        var (siren, qpv) = await PlaceAsync();
        var body = Encoding.UTF8.GetBytes($"{Header}\n{siren};2024;{qpv};a;1;Un;SPECIFIC;10\n");
        var digest = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(body));
        async Task<(int, string?)> Post(string header)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?dataset=declarations")
            {
                Content = new ByteArrayContent(body),
            };
            request.Content.Headers.ContentType = new("text/csv");
            request.Headers.Add("Idempotency-Key", "digest-" + siren);
            request.Headers.Add("Prefer", "wait=30");
            request.Content.Headers.TryAddWithoutValidation("Content-Digest", header);
            var answer = await api.Admin.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)answer.StatusCode,
                (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["code"]);
        }

        Assert.Equal((400, "CONTENT_DIGEST_MISMATCH"), await Post($"sha-256=:{Convert.ToBase64String(new byte[32])}:"));
        Assert.Equal((400, "INVALID_HEADER"), await Post("sha-256=abc"));
        Assert.Equal((200, null), await Post($"md5=:AAAA:, sha-256=:{digest}:"));
    }

    [Fact]
    public async Task The_list_narrows_by_state_dataset_and_time()
    {
        var (siren, qpv) = await PlaceAsync();
        var before = DateTime.UtcNow;
        var wrong = await ImportAsync(
            api.Admin, "dataset=holdings", $"landlord_siren;year;qpv_code;dwellings;abatement\n{siren};2024;{qpv};x;5\n");
        async Task<List<string?>> List(string query) =>
            [.. (await ReadAsync(api.Admin, "/v1/imports?" + query))["data"]!.AsArray().Select(import => (string?)import!["id"])];

        var since = "&receivedSince=" + Uri.EscapeDataString(before.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        Assert.Equal([(string?)wrong["id"]], await List("state=DONE_WITH_REJECTS,FAILED&dataset=holdings" + since));
        Assert.DoesNotContain((string?)wrong["id"], await List("state=DONE"));
        Assert.DoesNotContain((string?)wrong["id"], await List("receivedBefore=2020-01-01T00:00:00Z"));
        Assert.Equal(400, (await api.Admin.Read("/v1/imports?state=OVER")).Status);
    }

    [Fact]
    public async Task An_author_bound_to_landlords_writes_for_them_alone_and_learns_nothing_of_others()
    {
        var (siren, qpv) = await PlaceAsync();
        var (other, place) = await PlaceAsync();
        await api.Given.Declaration(other, 2024, place, "VALIDATED", 10m);
        using var declarer = await DeclarerAsync(siren);

        var import = await ImportAsync(declarer, "dataset=declarations&submit=true",
            $"{Header}\n{siren};2024;{qpv};a;1;Un;SPECIFIC;10\n{other};2024;{place};a;1;Un;SPECIFIC;11\n");

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/2", Outcome(import));
        var errors = (await ErrorsAsync(declarer, import)).Where(e => (string?)e["severity"] == "ERROR")
            .Select(e => $"{e["key"]} {e["code"]}");
        Assert.Equal([$"{other}/2024/{place} LANDLORD_FORBIDDEN", $"{siren}/2024/{qpv} HOLDING_MISSING"], errors);
        Assert.Equal("DONE 1/0/0/0", Outcome(
            await ImportAsync(declarer, "dataset=declarations", $"{Header}\n{siren};2024;{qpv};a;1;Un;SPECIFIC;10\n")));
        using var stranger = await DeclarerAsync(other);
        Assert.Equal(404, (await stranger.Read($"/v1/imports/{import["id"]}")).Status);
        Assert.Equal(403, (int)(await PostAsync(declarer, "dataset=landlords", "siren;name;family\n"u8.ToArray())).StatusCode);
    }

    private async Task<HttpClient> DeclarerAsync(string siren)
    {
        var made = await api.Admin.PostAsync("/v1/keys",
            new StringContent($$"""{ "name": "Bailleur {{siren}}", "scopes": ["declare"], "landlords": ["{{siren}}"] }""",
                Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken);
        var key = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["key"]!;
        return api.Client(key);
    }

    [Theory]
    [InlineData("abc\"def;x;C;R", "abc\"def;x")]
    [InlineData("abc\"\"d;x;C;R", "abc\"\"d;x")]
    [InlineData("\"a \"\"q;\"\" b\";x;C;\"R;S\"", "\"a \"\"q;\"\" b\";x")]
    [InlineData("\"\";\"\";C;R", "\"\";\"\"")]
    public void The_last_cells_are_told_from_quotes_in_the_middle_of_a_cell(string record, string kept) =>
        Assert.Equal(kept, ImportRejects.WithoutLast(record, ';', 2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasons_never_become_the_data_of_a_row_that_ends_early(bool hasReasons)
    {
        var (siren, qpv) = await PlaceAsync();
        var (names, cells) = hasReasons ? (";reject_codes;reject_reasons", ";C;R") : ("", "");
        var import = await ImportAsync(api.Admin, "dataset=declarations", Encoding.UTF8.GetBytes($"""
            siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise;bilan_quantitatif;bilan_qualitatif{names}
            {siren};{qpv};2024;a;9;Un;RENFORCEMENT;1;q;r{cells}
            {siren};{qpv};2024;b;1;Deux;RENFORCEMENT;2
            {siren};{qpv};2024;c;1;Trois;RENFORCEMENT;3;q
            """));

        var rows = Encoding.UTF8.GetString(await RejectsAsync(import)).Split('\n');

        Assert.StartsWith($"{siren};{qpv};2024;a;9;Un;RENFORCEMENT;1;q;r;AXIS_UNKNOWN;", rows[1]);
        Assert.StartsWith($"{siren};{qpv};2024;b;1;Deux;RENFORCEMENT;2;;;DECLARATION_REJECTED;", rows[2]);
        Assert.StartsWith($"{siren};{qpv};2024;c;1;Trois;RENFORCEMENT;3;q;;DECLARATION_REJECTED;", rows[3]);
    }

    [Fact]
    public async Task A_row_whose_key_was_wrong_is_mended_without_losing_the_other_lines()
    {
        var (siren, qpv) = await PlaceAsync();
        var import = await ImportAsync(api.Admin, "dataset=declarations", $"""
            siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise
            {siren};{qpv};2024;a;1;Un;RENFORCEMENT;1
            {siren};{qpv};2024;b;1;Deux;RENFORCEMENT;2
            {siren};{qpv};20244;c;1;Trois;RENFORCEMENT;3
            """);
        Assert.Equal("DONE_WITH_REJECTS 1/0/0/1", Outcome(import));

        var mended = Encoding.UTF8.GetString(await RejectsAsync(import)).Replace(";20244;", ";2024;");

        Assert.Equal("DONE 0/1/0/0", Outcome(await ImportAsync(api.Admin, "dataset=declarations", mended)));
        Assert.Equal(3, (int)(await ReadAsync(api.Admin, $"/v1/declarations/{siren}/2024/{qpv}"))["totals"]!["lines"]!);
    }
}
