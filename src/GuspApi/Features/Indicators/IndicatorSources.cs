using System.Globalization;
using System.Runtime.CompilerServices;
using GuspApi.Http;
using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>Reads what lies behind a figure, by landlord, year and QPV.</summary>
internal static class IndicatorSources
{
    public static async Task<(List<IndicatorSource> Rows, long Total)> ReadAsync(
        NpgsqlConnection connection, IndicatorRequest request, CancellationToken ct)
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
    public static string[] Key(IndicatorSource source) =>
        [source.Landlord.Siren, source.Year.ToString(CultureInfo.InvariantCulture), source.Qpv.Code];

    public static readonly Columns<IndicatorSource> Columns = new()
    {
        { "landlord_siren", "siren_bailleur", s => s.Landlord.Siren }, { "landlord_name", "nom_bailleur", s => s.Landlord.Name },
        { "qpv_code", "code_qpv", s => s.Qpv.Code }, { "qpv_name", "nom_qpv", s => s.Qpv.Name }, { "year", "annee", s => s.Year },
        { "declaration_version", "version_declaration", s => s.Declaration?.Version }, { "revision", s => s.Declaration?.Revision },
        { "holding_version", "version_patrimoine", s => s.Holding?.Version }, { "expense", "depense", s => s.Expense },
        { "valued", "valorise", s => s.Valued }, { "dwellings", "logements", s => s.Dwellings },
        { "abatement", "abattement", s => s.Abatement },
    };

    /// <summary>Every row, as it is read.</summary>
    public static async IAsyncEnumerable<IndicatorSource> AllAsync(
        NpgsqlConnection connection, IndicatorRequest request, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var command = IndicatorQuery.ComposeSources(request);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            yield return Read(row);
    }

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
