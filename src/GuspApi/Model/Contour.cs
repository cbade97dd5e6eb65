using System.Text.Json;

namespace GuspApi.Model;

/// <summary>Contours as RFC 7946 wants them: outer rings counterclockwise, holes clockwise.</summary>
internal static class Contour
{
    /// <summary>
    /// The GeoJSON polygon or multipolygon, which <see cref="GeoBox.TryRead"/> takes, with its rings turned as they should be.
    /// </summary>
    public static string RightHanded(JsonElement geometry)
    {
        var (type, coordinates) = (geometry.GetProperty("type").GetString(), geometry.GetProperty("coordinates"));
        return $$"""{"type":"{{type}}","coordinates":{{(type == "Polygon" ? Polygon(coordinates) : Array(coordinates.EnumerateArray().Select(Polygon)))}}}""";
    }

    private static string Polygon(JsonElement rings) =>
        Array(rings.EnumerateArray().Select((ring, i) => Ring([.. ring.EnumerateArray()], isOuter: i == 0)));

    private static string Ring(List<JsonElement> positions, bool isOuter)
    {
        if (Area(positions) is not 0 and var area && area > 0 != isOuter)
            positions.Reverse();
        return Array(positions.Select(position => position.GetRawText()));
    }

    /// <summary>
    /// Twice the signed area, positive when counterclockwise; from the first point on, so that small rings keep their digits.
    /// </summary>
    private static double Area(List<JsonElement> positions)
    {
        var (x, y) = (positions[0][0].GetDouble(), positions[0][1].GetDouble());
        var area = 0.0;
        for (var i = 1; i < positions.Count; i++)
        {
            area += (positions[i - 1][0].GetDouble() - x) * (positions[i][1].GetDouble() - y)
                - (positions[i][0].GetDouble() - x) * (positions[i - 1][1].GetDouble() - y);
        }
        return area;
    }

    private static string Array(IEnumerable<string> items) => "[" + string.Join(",", items) + "]";
}
