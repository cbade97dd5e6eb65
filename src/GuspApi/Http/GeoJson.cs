using System.Buffers;
using System.Text.Json;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>A thing with its contour.</summary>
/// <param name="Id">What tells it from the others.</param>
/// <param name="Properties">The object, or the names and values, that tell of it.</param>
/// <param name="Geometry">Its contour in WGS 84; null where it is not known.</param>
internal sealed record GeoFeature(string Id, object Properties, JsonElement? Geometry) : IResult
{
    public Task ExecuteAsync(HttpContext http)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, GeoJsonFile.Writing))
            Write(json);
        http.Response.ContentType = AnswersIn.TypeOf(TableFormat.GeoJson);
        return http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted).AsTask();
    }

    /// <summary>Writes it as RFC 7946 has it, and gives its box.</summary>
    public GeoBox? Write(Utf8JsonWriter json)
    {
        GeoBox? box = Geometry is { } contour && GeoBox.TryRead(contour, out var read) ? read : null;
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteString("id", Id);
        GeoJsonFile.WriteBox(json, box);
        json.WritePropertyName("geometry");
        if (box is null)
            json.WriteNullValue();
        else
            json.WriteRawValue(Contour.RightHanded(Geometry!.Value));
        json.WritePropertyName("properties");
        JsonSerializer.Serialize(json, Properties, ApiJson.Options);
        json.WriteEndObject();
        return box;
    }
}

/// <summary>Features as one GeoJSON file, written as they come; the box of all comes last.</summary>
internal sealed record GeoJsonFile(IAsyncEnumerable<GeoFeature> Features) : IResult
{
    internal static readonly JsonWriterOptions Writing = new() { Encoder = ApiJson.Options.Encoder };

    private const int SentBytes = 32 * 1024;

    public async Task ExecuteAsync(HttpContext http)
    {
        http.Response.ContentType = AnswersIn.TypeOf(TableFormat.GeoJson);
        if (Head.IsAsked(http))
            return;
        var buffer = new ArrayBufferWriter<byte>(2 * SentBytes);
        await using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        GeoBox? all = null;
        await foreach (var feature in Features.WithCancellation(http.RequestAborted))
        {
            if (feature.Write(json) is { } box)
                all = all?.With(box) ?? box;
            if (json.BytesPending + buffer.WrittenCount > SentBytes)
                await SendAsync();
        }
        json.WriteEndArray();
        WriteBox(json, all);
        json.WriteEndObject();
        await SendAsync();

        async Task SendAsync()
        {
            json.Flush();
            await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
            buffer.ResetWrittenCount();
        }
    }

    internal static void WriteBox(Utf8JsonWriter json, GeoBox? box)
    {
        if (box is not { } sides)
            return;
        json.WriteStartArray("bbox");
        foreach (var side in new[] { sides.West, sides.South, sides.East, sides.North })
            json.WriteNumberValue(side);
        json.WriteEndArray();
    }
}
