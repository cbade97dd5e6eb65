namespace GuspApi.Http;

/// <summary>The formats of a list.</summary>
internal enum TableFormat
{
    Json,
    Csv,
}

/// <summary>In which format a list was asked for.</summary>
internal static class TableFormats
{
    public const string Accepted = "application/json, text/csv";

    /// <summary>What <c>format</c> says, else the best of <c>Accept</c> that can be had, else null.</summary>
    public static TableFormat? Of(One<TableFormat, LowerCaseForm<TableFormat>>? asked, HttpRequest request)
    {
        if (asked is not null)
            return asked.Value;
        var accepted = request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1).ToList();
        if (accepted.Count == 0)
            return TableFormat.Json;
        foreach (var type in accepted.Where(type => type.Quality != 0))
        {
            if (type.MatchesMediaType("application/json"))
                return TableFormat.Json;
            if (type.MatchesMediaType("text/csv"))
                return TableFormat.Csv;
        }
        return null;
    }
}
