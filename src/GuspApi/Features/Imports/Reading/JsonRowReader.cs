using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>Reads the API's own objects (a declaration with its lines, a holding, a landlord…), flat rows, and GeoJSON features.</summary>
internal sealed class JsonRowReader(ImportDataset dataset, List<ImportFault> warnings)
{
    // What the API's answers hold and a write does not take.
    private static readonly HashSet<string> Answered =
        ["version", "status", "totals", "anomalies", "allowedactions", "links", "id", "generation", "successors", "bbox",
         "type", "source", "sourcedate", "createdat", "createdby", "updatedat", "updatedby", "fid", "no",
         "lastaction", "comment", "validatedversion", "late", .. ImportDataset.RejectColumns.Select(HeaderName.Fold)];

    private readonly HashSet<string> _ignored = [];
    private ImportRow _row = null!;

    public async IAsyncEnumerable<ImportRow> ReadAsync(Stream stream, bool array, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var record in new JsonRecords(stream, array).ReadAsync(ct))
        {
            using var document = Parse(record);
            foreach (var row in Rows(document.RootElement, record))
                yield return row;
        }
    }

    private static JsonDocument Parse(JsonRecords.Record record)
    {
        try
        {
            return JsonDocument.Parse(record.Bytes, new() { MaxDepth = 64 });
        }
        catch (JsonException fault)
        {
            throw ImportFileException.Of("JSON_INVALID", new("This is not JSON.", "Ce n'est pas du JSON."),
                record.Line + (int)(fault.LineNumber ?? 0), Text.Alike("JSON (RFC 8259)"));
        }
    }

    private IEnumerable<ImportRow> Rows(JsonElement content, JsonRecords.Record record)
    {
        var line = record.Line;
        if (content.ValueKind != JsonValueKind.Object)
            throw ImportFileException.Of("JSON_INVALID", new(
                "Only objects are expected here.", "Seuls des objets sont attendus ici."), line, new("an object", "un objet"));
        _row = new(dataset, record.No, line);
        var lines = default(JsonElement);
        foreach (var member in content.EnumerateObject())
        {
            if (!IsNamed(member))
                _row.Faults.Add(WrongKind("", default, line, new("well-formed text", "du texte bien formé")));
            else if (dataset == ImportDataset.Declarations && member.NameEquals("lines") && member.Value.ValueKind == JsonValueKind.Array)
                lines = member.Value;
            else if (member.NameEquals("properties") && member.Value.ValueKind == JsonValueKind.Object)
                Fill(member.Value, line);
            else if (member.NameEquals("geometry"))
                _row.Geometry = member.Value.ValueKind == JsonValueKind.Object ? member.Value.GetRawText() : null;
            else
                Member(member, line);
        }
        if (lines.ValueKind != JsonValueKind.Array)
        {
            yield return _row;
            yield break;
        }

        var head = _row;
        foreach (var item in lines.EnumerateArray())
        {
            _row = new(dataset, record.No, line);
            head.Cells.CopyTo(_row.Cells, 0);
            _row.Faults.AddRange(head.Faults);
            if (item.ValueKind == JsonValueKind.Object)
                Fill(item, line);
            else
                _row.Faults.Add(WrongKind("lines", item, line, new("objects", "des objets")));
            yield return _row;
        }
        if (lines.GetArrayLength() > 0)
            yield break;
        _row.KeyOnly = true;
        yield return _row;
    }

    private void Fill(JsonElement element, int line)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (IsNamed(member))
                Member(member, line);
            else
                _row.Faults.Add(WrongKind("", default, line, new("well-formed text", "du texte bien formé")));
        }
    }

    // Half a surrogate pair is JSON and no text.
    private static bool IsNamed(JsonProperty member)
    {
        try
        {
            return member.Name.Length >= 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void Member(JsonProperty member, int line)
    {
        var column = dataset.IndexOf(member.Name);
        if (column < 0)
        {
            var name = HeaderName.Fold(member.Name);
            if (!Answered.Contains(name) && _ignored.Count < 100 && _ignored.Add(name))
                warnings.Add(CsvHeader.Ignored(member.Name, line));
            return;
        }
        try
        {
            _row.Cells[column] = Value(member, column, line);
        }
        catch (InvalidOperationException)
        {
            // A string with half a surrogate pair.
            _row.Faults.Add(WrongKind(member.Name, default, line, new("well-formed text", "du texte bien formé")));
        }
    }

    private string? Value(JsonProperty member, int column, int line)
    {
        var value = member.Value;
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                var text = value.GetString()!;
                if (text.Contains('\0'))
                    _row.Faults.Add(new(line, member.Name, "NUL_CHARACTER",
                        new(
                            "The text holds a NUL character.",
                            "Le texte contient un caractère NUL."), null, new("text without U+0000", "du texte sans U+0000")));
                return text.Replace("\0", "");
            case JsonValueKind.Number:
                return Number(value);
            case JsonValueKind.Object when Code(value) is { } code:
                Name(column, value.TryGetProperty("name", out var name) ? name.ToString() : null);
                return code;
            case JsonValueKind.Array:
                var items = value.EnumerateArray()
                    .Select(item => item.ValueKind == JsonValueKind.Object ? Code(item) : item.ToString()).ToList();
                Name(column, string.Join("; ", value.EnumerateArray()
                    .Select(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var n) ? n.ToString() : "")));
                return string.Join("; ", items);
            default:
                _row.Faults.Add(WrongKind(member.Name, value, line, new("a text or a number", "un texte ou un nombre")));
                return null;
        }
    }

    private static string? Code(JsonElement value) =>
        value.TryGetProperty("code", out var code) || value.TryGetProperty("siren", out code) ? code.ToString() : null;

    // { "code": …, "name": … } fills the code's column and the next one, where that one is its name.
    private void Name(int column, string? name)
    {
        if (!string.IsNullOrWhiteSpace(name)
            && dataset.IndexOf(dataset.Columns[column].Aliases.LastOrDefault() + "_name") is >= 0 and var next)
            _row.Cells[next] ??= name;
        else if (!string.IsNullOrWhiteSpace(name) && dataset.IndexOf(dataset.Columns[column].Name + "_name") is >= 0 and var other)
            _row.Cells[other] ??= name;
    }

    // 1e3 is a number in JSON; what no decimal can hold stays as it was sent, and is refused as an amount.
    private static string Number(JsonElement value)
    {
        var raw = value.GetRawText();
        if (raw.AsSpan().IndexOfAny('e', 'E') < 0)
            return raw;
        return value.TryGetDecimal(out var number) ? number.ToString("0.####################", CultureInfo.InvariantCulture) : raw;
    }

    private static ImportFault WrongKind(string column, JsonElement value, int line, Text expected) =>
        new(line, Cell.Clip(column), "VALUE_KIND",
        new("A value of this kind is not expected here.", "Une valeur de cette nature n'est pas attendue ici."),
        value.ValueKind == JsonValueKind.Undefined ? null : Cell.Clip(value.GetRawText()), expected);
}
