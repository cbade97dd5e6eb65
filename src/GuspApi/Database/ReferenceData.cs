using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;

namespace GuspApi.Database;

/// <summary>
/// Regions, départements, EPCI, communes, themes and axes: small CSV files embedded beside this class, each named in
/// <c>sources.csv</c> with its source and date. A migration runs <see cref="Sql"/>; running it again with newer files renames what
/// has a new name and removes nothing, since declarations of past years go on naming old communes.
/// </summary>
internal static class ReferenceData
{
    private const string Folder = "Database/Reference/";

    /// <summary>Not indented and with accents as they are: the script stays small and readable.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>A dataset of the folder, its table, its key, and its columns as <c>jsonb_to_recordset</c> wants them.</summary>
    private sealed record Dataset(string File, string Table, string Key, string Columns);

    private static readonly Dataset[] Datasets =
    [
        new("regions", "region", "code", "code text, name text"),
        new("departments", "department", "code", "code text, name text, region_code text"),
        new("epcis", "epci", "code", "code text, name text"),
        new("communes", "commune", "code", "code text, name text, department_code text, epci_code text"),
        new("themes", "theme", "code", "code text, label text, rank smallint"),
        new("axes", "axis", "number", "number smallint, label text, theme_code text"),
    ];

    /// <summary>One set-based statement per table, in the order of their foreign keys.</summary>
    public static string Sql()
    {
        var sources = Rows("sources").ToDictionary(row => row["dataset"]!);
        return string.Join('\n', Datasets.Select(dataset => Upsert(dataset, sources[dataset.File])));
    }

    /// <summary>The rows of an embedded CSV file, by column; an empty cell is null.</summary>
    public static IEnumerable<Dictionary<string, string?>> Rows(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{file}.csv")
            ?? throw new InvalidOperationException($"The program lacks its reference file {Folder}{file}.csv.");
        using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);

        csv.Read();
        csv.ReadHeader();
        while (csv.Read())
            yield return csv.HeaderRecord!.ToDictionary(column => column, column => csv[column] is { Length: > 0 } cell ? cell : null);
    }

    private static string Upsert(Dataset dataset, Dictionary<string, string?> source)
    {
        var columns = dataset.Columns.Split(", ").Select(column => column.Split(' ')[0]).ToArray();
        string[] values = [.. columns.Where(column => column != dataset.Key), "source", "source_date"];

        return $"""
            INSERT INTO {dataset.Table} AS present ({string.Join(", ", columns)}, source, source_date)
            SELECT {string.Join(", ", columns)}, {Literal(source["source"]!)}, date {Literal(source["source_date"]!)}
            FROM jsonb_to_recordset({Literal(JsonSerializer.Serialize(Rows(dataset.File), Plain))}) AS file ({dataset.Columns})
            ON CONFLICT ({dataset.Key}) DO UPDATE SET {string.Join(", ", values.Select(column => $"{column} = excluded.{column}"))}
            WHERE ({string.Join(", ", values.Select(column => $"present.{column}"))})
              IS DISTINCT FROM ({string.Join(", ", values.Select(column => $"excluded.{column}"))});
            """;
    }

    /// <summary>The files are the program's own, and still a name such as Val-d'Oise holds a quote.</summary>
    private static string Literal(string text) => $"'{text.Replace("'", "''")}'";
}
