using System.Globalization;
using System.Runtime.CompilerServices;
using GuspApi.Http;

namespace GuspApi.Features.Declarations;

/// <summary>A line of a declaration, as a row of a table.</summary>
internal sealed record ExportedLine(string Siren, int Year, string QpvCode, LineResponse Line)
{
    /// <summary>Those of the import, so that a file can be sent back.</summary>
    public static readonly Columns<ExportedLine> Columns = new()
    {
        { "landlord_siren", "siren_bailleur", e => e.Siren }, { "year", "annee", e => e.Year }, { "qpv_code", "code_qpv", e => e.QpvCode },
        { "ref", "reference", e => e.Line.Ref }, { "axis", "axe", e => e.Line.Axis }, { "action", e => e.Line.Action },
        { "family", "famille", e => e.Line.Family }, { "planned", "prevu", e => e.Line.Planned },
        { "actual", "realise", e => e.Line.Actual },
        { "valued", "valorise", e => e.Line.Valued }, { "landlord_funding", "financement_bailleur", e => e.Line.LandlordFunding },
        { "other_funding", "autre_financement", e => e.Line.OtherFunding },
        { "quantitative_review", "bilan_quantitatif", e => e.Line.QuantitativeReview },
        { "qualitative_review", "bilan_qualitatif", e => e.Line.QualitativeReview },
    };
}

/// <summary>
/// Declarations as a file. A table has a row a line, so a declaration without lines is not in it; NDJSON has an object a declaration,
/// with its lines, and has them all.
/// </summary>
internal static class DeclarationExport
{
    private const int AtOnce = 500;

    private static readonly Columns<DeclarationResponse> None = [];

    /// <summary>All that the filters select, read as it is sent.</summary>
    public static IResult Whole(DeclarationReader reader, DeclarationFilter filter, Page page, TableFormat format) =>
        format == TableFormat.Ndjson
        ? new TableFile<DeclarationResponse>(None, DeclarationsAsync(reader, filter, page.After))
        : new TableFile<ExportedLine>(ExportedLine.Columns, reader.LinesAsync(filter, page.After));

    /// <summary>A page of them.</summary>
    public static IResult Page(IReadOnlyList<DeclarationResponse> declarations, TableFormat format) => format == TableFormat.Ndjson
        ? new TableFile<DeclarationResponse>(None, declarations.ToAsyncEnumerable())
        : new TableFile<ExportedLine>(ExportedLine.Columns, declarations
            .SelectMany(d => d.Lines!.Select(line => new ExportedLine(d.Landlord.Siren, d.Year, d.Qpv.Code, line))).ToAsyncEnumerable());

    public static string[] Key(DeclarationResponse row) =>
        [row.Landlord.Siren, row.Year.ToString(CultureInfo.InvariantCulture), row.Qpv.Code];

    private static async IAsyncEnumerable<DeclarationResponse> DeclarationsAsync(
        DeclarationReader reader, DeclarationFilter filter, string[]? after, [EnumeratorCancellation] CancellationToken ct = default)
    {
        while (true)
        {
            var rows = await reader.AfterAsync(filter, after, AtOnce, withLines: true, ct);
            foreach (var row in rows)
                yield return row;
            if (rows.Count < AtOnce)
                yield break;
            after = Key(rows[^1]);
        }
    }
}
