using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// The rejected records of an import as they were sent, byte for byte, with two columns more that say why: to be mended and posted again.
/// Every record of a rejected declaration is there, the good ones included, since a declaration is replaced as a whole.
/// </summary>
internal sealed class ImportRejects(NpgsqlConnection files, NpgsqlConnection reasons, Guid id, ImportOrder order, Language language)
{
    private static readonly Text Companion = new(
        "Another record of this declaration, or one that may belong to it, is wrong.",
        "Un autre enregistrement de cette déclaration, ou qui lui appartient peut-être, est en erreur.");

    private static readonly Text OfWhole = new(
        "A declaration is replaced as a whole: if this row belongs to one that is already written, send all its rows again.",
        "Une déclaration est remplacée en entier : si cette ligne appartient à une déclaration déjà écrite, renvoyez toutes ses lignes.");

    private static readonly string[] KeyCodes =
        ["SIREN_INVALID", "QPV_CODE_INVALID", "YEAR_OUT_OF_RANGE", "LANDLORD_UNKNOWN", "QPV_UNKNOWN"];

    /// <summary>A rejected record and why.</summary>
    private sealed record Reject(int Record, string Codes, string Reasons);

    /// <summary>What they are sent as.</summary>
    public static (string ContentType, string Extension) TypeOf(ImportFormat format, Encoding encoding) => format switch
    {
        ImportFormat.Csv => ($"text/csv; charset={encoding.WebName}", "csv"),
        ImportFormat.Ndjson => ("application/x-ndjson", "ndjson"),
        ImportFormat.GeoJson => ("application/geo+json", "geojson"),
        ImportFormat.Xlsx => (ImportFormats.Workbook, "xlsx"),
        _ => ("application/json", "json"),
    };

    public async Task<IResult> AnswerAsync(CancellationToken ct)
    {
        var file = await ImportFile.OpenAsync(files, id, order, ct);
        var (type, extension) = TypeOf(file.Format, file.Encoding);
        Func<ImportFile, Stream, CancellationToken, Task> write = file.Format switch
        {
            ImportFormat.Csv => WriteTableAsync,
            ImportFormat.Xlsx => WriteSheetAsync,
            _ => WriteObjectsAsync,
        };
        return TypedResults.Stream(async body =>
        {
            await using (file)
                await write(file, body, ct);
        }, type, $"rejects-{id}.{extension}");
    }

    private async Task WriteSheetAsync(ImportFile file, Stream body, CancellationToken ct)
    {
        await using var rejects = ReadAsync(ct).GetAsyncEnumerator(ct);
        await using var rows = file.CellsAsync(ct).GetAsyncEnumerator(ct);
        await using var sheet = TemporaryFile.Create();
        await rows.MoveNextAsync();
        var header = rows.Current.Cells;
        var width = header.Length >= 2 && header[^2..]
            .All(name => ImportDataset.IsRejectColumn(name as string ?? "")) ? header.Length - 2 : header.Length;
        using (var book = new XlsxWriter(sheet, file.Dataset.Name))
        {
            Write(ImportDataset.RejectColumns[0], ImportDataset.RejectColumns[1]);
            while (await rejects.MoveNextAsync())
            {
                while (rows.Current.Row < rejects.Current.Record)
                    if (!await rows.MoveNextAsync())
                        break;
                Write(rejects.Current.Codes, rejects.Current.Reasons);
            }

            void Write(string codes, string why) =>
                book.Row([.. Enumerable.Range(0, width).Select(i => rows.Current.Cells.ElementAtOrDefault(i)), codes, why]);
        }
        sheet.Position = 0;
        await sheet.CopyToAsync(body, ct);
    }

    private async Task WriteTableAsync(ImportFile file, Stream body, CancellationToken ct)
    {
        await using var rejects = ReadAsync(ct).GetAsyncEnumerator(ct);
        using var table = await DelimitedTable.OpenAsync(file.OpenStream(), file.Encoding, file.Dataset, [], ct);
        await using var text = new StreamWriter(body, Bare(file.Encoding), bufferSize: 32 * 1024, leaveOpen: true);
        if (file.HasByteOrderMark)
            await text.WriteAsync('\uFEFF');
        await text.WriteAsync(table.Preamble);

        var (separator, end) = (table.Separator, EndOf(table.Raw));
        // A file of rejects that is rejected again has the columns already.
        var known = table.Cells.Length >= 2 && table.Cells[^2..].All(ImportDataset.IsRejectColumn);
        var width = table.Cells.Length - (known ? 2 : 0);
        await WriteAsync(ImportDataset.RejectColumns[0], ImportDataset.RejectColumns[1]);
        while (await rejects.MoveNextAsync())
        {
            while (table.Record < rejects.Current.Record)
                if (!await table.NextAsync(ct))
                    return;
            await WriteAsync(rejects.Current.Codes, rejects.Current.Reasons);
        }

        async Task WriteAsync(string codes, string why)
        {
            var raw = table.Raw.Trim('\r', '\n');
            // A record that ends early is filled up: the reasons must not stand in its own columns, to be read as its data when it comes
            // back.
            var earlier = known ? Math.Clamp(table.Cells.Length - width, 0, 2) : 0;
            var missing = new string(separator, Math.Max(0, width - table.Cells.Length));
            await text.WriteAsync($"{WithoutLast(raw, separator, earlier)}{missing}{separator}{Csv(codes)}{separator}{Csv(why)}{end}");
        }

        string Csv(string cell) => CsvFile.Quoted(Encodable(cell, file.Encoding), separator);
    }

    private async Task WriteObjectsAsync(ImportFile file, Stream body, CancellationToken ct)
    {
        await using var rejects = ReadAsync(ct).GetAsyncEnumerator(ct);
        var isLines = file.Format == ImportFormat.Ndjson;
        await using var records = new JsonRecords(file.OpenStream(), array: !isLines).ReadAsync(ct).GetAsyncEnumerator(ct);
        var (before, between, after) = file.Format switch
        {
            ImportFormat.Ndjson => ("", "\n", "\n"),
            ImportFormat.GeoJson => ("""{"type":"FeatureCollection","features":[""" + "\n", ",\n", "\n]}\n"),
            _ => ("[\n", ",\n", "\n]\n"),
        };

        await body.WriteAsync(Encoding.UTF8.GetBytes(before), ct);
        for (var first = true; await rejects.MoveNextAsync(); first = false)
        {
            do
            {
                if (!await records.MoveNextAsync())
                    return;
            }
            while (records.Current.No < rejects.Current.Record);
            if (!first)
                await body.WriteAsync(Encoding.UTF8.GetBytes(between), ct);
            await body.WriteAsync(Explained(records.Current.Bytes, rejects.Current), ct);
        }
        await body.WriteAsync(Encoding.UTF8.GetBytes(after), ct);
    }

    /// <summary>
    /// The object as it was sent, with two members more before its closing bracket; those of an earlier rejection give way.
    /// </summary>
    private static ReadOnlyMemory<byte> Explained(ReadOnlyMemory<byte> record, Reject reject)
    {
        var open = WithoutReasons(record.Span[..(record.Span.LastIndexOf((byte)'}') + 1)])[..^1];
        var comma = open.AsSpan().TrimEnd(" \t\r\n"u8).EndsWith("{"u8) ? "" : ",";
        var members = $"{comma}\"reject_codes\":{Json(reject.Codes)},\"reject_reasons\":{Json(reject.Reasons)}}}";
        return (byte[])[.. open, .. Encoding.UTF8.GetBytes(members)];
    }

    // Found by reading, not by their text: tools that mend JSON write it again with spaces of their own.
    private static byte[] WithoutReasons(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record, new() { MaxDepth = 64 });
        var kept = new List<byte>(record.Length);
        var (from, first) = (0, true);
        reader.Read();
        for (var end = (int)reader.BytesConsumed; reader.Read()
            && reader.TokenType == JsonTokenType.PropertyName; end = (int)reader.BytesConsumed)
        {
            var isReason = reader.ValueTextEquals(ImportDataset.RejectColumns[0]) || reader.ValueTextEquals(ImportDataset.RejectColumns[1]);
            var start = first ? (int)reader.TokenStartIndex : end + record[end..].IndexOf((byte)',');
            reader.Skip();
            if (!isReason)
            {
                first = false;
                continue;
            }
            kept.AddRange(record[from..start]);
            from = (int)reader.BytesConsumed;
            // The first member takes the comma behind it along.
            var rest = record[from..];
            if (first && rest.TrimStart(" \t\r\n"u8) is [(byte)',', ..])
                from += rest.IndexOf((byte)',') + 1;
        }
        kept.AddRange(record[from..]);
        return [.. kept];
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, ApiJson.Options);

    /// <summary>The rejected records in the order of the file, each with its codes and what is wrong with it.</summary>
    private async IAsyncEnumerable<Reject> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            select record, coalesce(codes, 'DECLARATION_REJECTED'), coalesce(reasons, $2)
            from (select record from import_reject where import_id = $1
                  union select record from import_error where import_id = $1 and severity = 'ERROR' and record is not null) rejected
            left join (
                select record, string_agg(distinct code, ' ') as codes,
                       string_agg(concat(column_name || ': ', {(language == Language.French ? "message_fr" : "message_en")},
                           ' (' || value || ')', ' → ' || suggestion), ' | ' order by no) as reasons
                from import_error where import_id = $1 and severity = 'ERROR' group by record) why using (record)
            order by record
            """, reasons);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = Companion.In(language) });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return new(reader.GetInt32(0), reader.GetString(1),
                reader.GetString(2) + (IsOfKey(reader.GetString(1)) ? $" | {OfWhole.In(language)}" : ""));
    }

    private bool IsOfKey(string codes) => order.Dataset == "declarations" && codes.Split(' ').Intersect(KeyCodes).Any();

    // What the sender's encoding has no letter for is told without it.
    private static string Encodable(string text, Encoding encoding) =>
        encoding is UTF8Encoding ? text : encoding.GetString(
            encoding.GetBytes(text.Replace("→", "->").Replace("≤", "<=").Replace("≥", ">=")));

    private static Encoding Bare(Encoding encoding) =>
        encoding is UTF8Encoding ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) : encoding;

    private static string EndOf(string raw) => raw.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : raw.EndsWith('\r') ? "\r" : "\n";

    /// <summary>A record without its last cells, the quotes of the others left as they are.</summary>
    internal static string WithoutLast(string record, char separator, int cells)
    {
        if (cells == 0)
            return record;
        var ends = new List<int>();
        var (isQuoted, closed) = (false, -2);
        for (var i = 0; i < record.Length; i++)
        {
            // A quote opens a cell at its start alone, or again right where it closed: one in the middle of a bare cell is a character.
            if (record[i] == '"' && (isQuoted || i == 0 || record[i - 1] == separator || closed == i - 1))
                (isQuoted, closed) = (!isQuoted, isQuoted ? i : closed);
            else if (record[i] == separator && !isQuoted)
                ends.Add(i);
        }
        return ends.Count >= cells ? record[..ends[^cells]] : record;
    }
}
