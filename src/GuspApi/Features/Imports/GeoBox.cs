using System.Text.Json;

namespace GuspApi.Features.Imports;

/// <summary>The bounding box of a contour, in degrees (WGS 84).</summary>
internal sealed record GeoBox(double West, double South, double East, double North)
{
    public static GeoBox? Of(string? geometry, out Cell.Refusal? refusal)
    {
        refusal = null;
        if (geometry is null)
            return null;
        using var document = JsonDocument.Parse(geometry);
        var root = document.RootElement;
        var box = new GeoBox(double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        if (root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is "Polygon" or "MultiPolygon"
            && root.TryGetProperty("coordinates", out var coordinates) && Stretch(coordinates, ref box) && box.West <= box.East)
            return box;
        refusal = new("GEOMETRY_INVALID", new("This is not a contour in longitude and latitude.", "Ce n'est pas un contour en longitude et latitude."),
            "Polygon or MultiPolygon, WGS 84 degrees");
        return null;
    }

    private static bool Stretch(JsonElement part, ref GeoBox box)
    {
        if (part.ValueKind != JsonValueKind.Array || part.GetArrayLength() == 0)
            return false;
        if (part[0].ValueKind != JsonValueKind.Number)
        {
            foreach (var inner in part.EnumerateArray())
                if (!Stretch(inner, ref box))
                    return false;
            return true;
        }
        if (part.GetArrayLength() < 2 || !part[0].TryGetDouble(out var longitude) || part[1].ValueKind != JsonValueKind.Number
            || !part[1].TryGetDouble(out var latitude) || Math.Abs(longitude) > 180 || Math.Abs(latitude) > 90)
            return false;
        box = new(Math.Min(box.West, longitude), Math.Min(box.South, latitude), Math.Max(box.East, longitude), Math.Max(box.North, latitude));
        return true;
    }
}
