using System.Globalization;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>Reads what lies behind a figure, by landlord, year and QPV.</summary>
internal static class IndicatorSources
{
    public static async Task<(List<IndicatorSource> Rows, long Total)> ReadAsync(NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
    {
        await using var command = IndicatorQuery.ComposeSources(request);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(ct);

        var total = 0L;
        var rows = new List<IndicatorSource>();
        while (await row.ReadAsync(ct))
        {
            total = row.GetInt64(0);
            rows.Add(Read(row));
        }
        return (rows, total);
    }

    /// <summary>The key that pages go by.</summary>
    public static string[] Key(IndicatorSource source) => [source.Landlord.Siren, source.Year.ToString(CultureInfo.InvariantCulture), source.Qpv.Code];

    public static IEnumerable<IEnumerable<object?>> Table(IEnumerable<IndicatorSource> rows) =>
        rows.Select(row => new object?[]
        {
            row.Landlord.Siren, row.Landlord.Name, row.Qpv.Code, row.Qpv.Name, row.Year, row.Declaration?.Version, row.Declaration?.Revision,
            row.Holding?.Version, row.Expense, row.Valued, row.Dwellings, row.Abatement,
        }).Prepend(
        [
            "landlord_siren", "landlord_name", "qpv_code", "qpv_name", "year", "declaration_version", "revision",
            "holding_version", "expense", "valued", "dwellings", "abatement",
        ]);

    private static IndicatorSource Read(NpgsqlDataReader row)
    {
        var (landlord, qpv) = (new SirenAndName(row.GetString(1), row.GetString(2)), new CodeAndName(row.GetString(3), row.GetString(4)));
        var year = row.GetInt16(5);
        var key = $"{landlord.Siren}/{year}/{qpv.Code}";
        SourceDeclaration? declaration = row.IsDBNull(6)
            ? null
            : new(row.GetInt32(6), $"/v1/declarations/{key}/versions/{row.GetInt32(6)}",
                row.IsDBNull(7) ? null : row.GetInt64(7), row.IsDBNull(8) ? null : row.GetDateTime(8));
        SourceVersion? holding = row.IsDBNull(9) ? null : new(row.GetInt32(9), $"/v1/holdings/{key}/versions/{row.GetInt32(9)}");
        return new(landlord, qpv, year, declaration, holding, row.GetDecimal(10), row.GetDecimal(11), row.GetInt32(12), row.GetDecimal(13));
    }
}
