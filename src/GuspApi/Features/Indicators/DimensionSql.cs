namespace GuspApi.Features.Indicators;

/// <summary>Pieces of SQL for the dimensions of a question.</summary>
internal static class DimensionSql
{
    /// <summary>Its code, compared byte by byte.</summary>
    public static string Key(Dimension d) => $"{OrAbsent(d.Key, d)} collate \"C\"";

    /// <summary>A code, or what stands for none.</summary>
    public static string OrAbsent(string code, Dimension d) => d.Absent is null ? $"({code})" : $"coalesce({code}, '{Dimensions.NoCode}')";

    /// <summary>Their codes, read where they are known, each under its column; a comma before each.</summary>
    public static string Coded(IEnumerable<Dimension> dimensions) => string.Concat(dimensions.Select(d => $", {Key(d)} as {d.Column}"));

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

    /// <summary>The condition on which rows of two relations are of one group.</summary>
    public static string Meet(params (string Left, string Right, List<Dimension> Dimensions)[] keys) => string.Join(" and ", keys
        .SelectMany(k => k.Dimensions.Select(d => $"{k.Left}.{d.Column} = {k.Right}.{d.Column}"))
        .DefaultIfEmpty("true"));

    /// <summary>Its code and its label in a row of the answer.</summary>
    public static string Labelled(Dimension d) => d.Absent is null
        ? $", r.{d.Column}, {d.LabelOf("r." + d.Column)}"
        : $", nullif(r.{d.Column}, '{Dimensions.NoCode}'), coalesce({d.LabelOf("r." + d.Column)}, '{d.Absent}')";
}
