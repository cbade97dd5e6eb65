namespace GuspApi.Features.Indicators;

/// <summary>Pieces of SQL for the dimensions of a question.</summary>
internal static class DimensionSql
{
    /// <summary>Its code, compared byte by byte.</summary>
    public static string Key(Dimension d) => $"{OrAbsent(d.Key, d)} collate \"C\"";

    /// <summary>A code, or what stands for none.</summary>
    public static string OrAbsent(string code, Dimension d) => d.Absent is null ? $"({code})" : $"coalesce({code}, '{Dimensions.NoCode}')";

    /// <summary>Its code, read where it is known, under its column.</summary>
    public static string Coded(Dimension d) => $"{Key(d)} as {d.Column}";

    /// <summary>Their codes; a comma before each.</summary>
    public static string Coded(IEnumerable<Dimension> dimensions) => string.Concat(dimensions.Select(d => ", " + Coded(d)));

    /// <summary>Their columns in a relation that has them; a comma before each.</summary>
    public static string Columns(string alias, IEnumerable<Dimension> dimensions) =>
        string.Concat(dimensions.Select(d => $", {alias}.{d.Column}"));

    /// <summary>Their columns alone.</summary>
    public static string Columns(IEnumerable<Dimension> dimensions) => string.Join(", ", dimensions.Select(d => d.Column));

    /// <summary>Their columns in a relation that has them; a comma after each.</summary>
    public static string Listed(string alias, IEnumerable<Dimension> dimensions) =>
        string.Concat(dimensions.Select(d => $"{alias}.{d.Column}, "));

    public static string GroupBy(params IEnumerable<Dimension>[] dimensions)
    {
        var columns = dimensions.SelectMany(d => d).Select(d => d.Column).ToList();
        return columns.Count == 0 ? "" : "group by " + string.Join(", ", columns);
    }

    /// <summary>
    /// The condition on which rows of two relations are of one group. One comparison: of several PostgreSQL expects that they hold for next
    /// to no row, and would compare each row with each.
    /// </summary>
    public static string Meet(params (string Left, string Right, List<Dimension> Dimensions)[] keys)
    {
        string Columns(Func<(string Left, string Right, List<Dimension>), string> side) =>
            string.Join(", ", keys.SelectMany(k => k.Dimensions.Select(d => $"{side(k)}.{d.Column}")));
        return keys.Sum(k => k.Dimensions.Count) switch
        {
            0 => "true",
            1 => $"{Columns(k => k.Left)} = {Columns(k => k.Right)}",
            _ => $"array[{Columns(k => k.Left)}] = array[{Columns(k => k.Right)}]",
        };
    }

    /// <summary>Its code and its label in a row of the answer.</summary>
    public static string Labelled(Dimension d) => d.Absent is null
        ? $", r.{d.Column}, {d.LabelOf("r." + d.Column)}"
        : $", nullif(r.{d.Column}, '{Dimensions.NoCode}'), coalesce({d.LabelOf("r." + d.Column)}, '{d.Absent}')";
}
