using System.Text.Json;

namespace GuspApi.Model;

/// <summary>A rectangle of longitudes and latitudes, in degrees (WGS 84).</summary>
public readonly record struct GeoBox(double West, double South, double East, double North)
{
    private static readonly GeoBox Nowhere = new(double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);

    /// <summary>The box of both.</summary>
    public GeoBox With(GeoBox other) => new(
        Math.Min(West, other.West), Math.Min(South, other.South), Math.Max(East, other.East), Math.Max(North, other.North));

    /// <summary>The box of a GeoJSON polygon or multipolygon (RFC 7946) whose rings are closed; false for anything else.</summary>
    public static bool TryRead(JsonElement geometry, out GeoBox box)
    {
        box = Nowhere;
        if (geometry.ValueKind != JsonValueKind.Object || !geometry.TryGetProperty("type", out var type)
            || type.ValueKind != JsonValueKind.String
            || !geometry.TryGetProperty("coordinates", out var coordinates) || coordinates.ValueKind != JsonValueKind.Array)
            return false;
        return type.GetString() switch
        {
            "Polygon" => Polygon(coordinates, ref box),
            "MultiPolygon" => Every(coordinates, Polygon, ref box),
            _ => false,
        };
    }

    private delegate bool Part(JsonElement element, ref GeoBox box);

    private static bool Polygon(JsonElement rings, ref GeoBox box) => Every(rings, Ring, ref box);

    private static bool Ring(JsonElement ring, ref GeoBox box) =>
        ring.ValueKind == JsonValueKind.Array && ring.GetArrayLength() >= 4 && Every(ring, Position, ref box)
        && ring[0][0].GetDouble() == ring[ring.GetArrayLength() - 1][0].GetDouble()
        && ring[0][1].GetDouble() == ring[ring.GetArrayLength() - 1][1].GetDouble();

    private static bool Position(JsonElement position, ref GeoBox box)
    {
        if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() < 2
            || position[0].ValueKind != JsonValueKind.Number || position[1].ValueKind != JsonValueKind.Number)
            return false;
        var (longitude, latitude) = (position[0].GetDouble(), position[1].GetDouble());
        box = new(Math.Min(box.West, longitude), Math.Min(box.South, latitude), Math.Max(box.East, longitude),
            Math.Max(box.North, latitude));
        return longitude is >= -180 and <= 180 && latitude is >= -90 and <= 90;
    }

    private static bool Every(JsonElement array, Part part, ref GeoBox box)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
            return false;
        foreach (var element in array.EnumerateArray())
        {
            if (!part(element, ref box))
                return false;
        }
        return true;
    }
}
