using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Imports;

/// <summary>How a template is written.</summary>
internal enum TemplateFormat
{
    Csv,
    Xlsx,
}

/// <summary>What a template can be asked.</summary>
/// <param name="Dataset">What the file will hold.</param>
/// <param name="Landlord">Whose rows are filled in; of declarations and holdings alone.</param>
/// <param name="Year">The year to declare; of declarations and holdings alone.</param>
/// <param name="Format">csv unless said, or xlsx.</param>
/// <param name="Dialect">
/// standard: commas and English names; excel-fr: BOM, semicolons and French names, which a workbook has unless said.
/// </param>
internal sealed record TemplateParameters(
    One<string, DatasetForm>? Dataset, One<string, SirenForm>? Landlord, One<short, YearForm>? Year,
    One<TemplateFormat, LowerCaseForm<TemplateFormat>>? Format, One<CsvDialect, DialectForm>? Dialect) : IUrlParameters;

/// <summary>A file to fill in and post back: its keys are right from the start.</summary>
internal static class ImportTemplate
{
    private const string OfLandlord = "with declarations and holdings, and of them alone";

    public static void MapTemplate(this RouteGroupBuilder imports) => imports.MapGet("/template", Get).WithName("GetImportTemplate")
        .WithMetadata(
            new RequiredParameter("dataset"), new RequiredParameter("landlord", OfLandlord), new RequiredParameter("year", OfLandlord))
        .Produces<string>(200, "text/csv", ImportFormats.Workbook).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);

    /// <summary>
    /// A file to fill in and post: the landlord's QPVs by the eight axes, or its dwellings as last known; headers alone for the other
    /// datasets, which take neither landlord nor year.
    /// </summary>
    internal static async Task<IResult> Get([AsParameters] TemplateParameters asked, GuspDb db, Caller caller, CancellationToken ct)
    {
        var errors = Missing(asked).ToList();
        if (errors.Count > 0)
            return Problems.InvalidParameters(errors);
        var dataset = ImportDataset.Of(asked.Dataset!.Value);
        var name = "gusp-" + dataset.Name;
        var rows = new List<object?[]>();
        if (IsOfLandlord(asked))
        {
            var (siren, year) = (asked.Landlord!.Value, asked.Year!.Value);
            if (!caller.Declares(siren))
                return Problems.Forbidden();
            if (!await db.Landlords.AnyAsync(landlord => landlord.Siren == siren, ct))
                return Problems.NotFound("landlord", siren);
            rows = await RowsAsync(db, dataset, siren, year, ct);
            name += string.Create(CultureInfo.InvariantCulture, $"-{siren}-{year}");
        }

        var isWorkbook = asked.Format is { Value: TemplateFormat.Xlsx };
        var dialect = asked.Dialect?.Value ?? (isWorkbook ? CsvDialect.ExcelFr : CsvDialect.Standard);
        return isWorkbook
            ? TypedResults.Stream(Workbook(dataset, rows, dialect), ImportFormats.Workbook, name + ".xlsx")
            : new CsvFile(name + ".csv", dialect, rows.Prepend([.. dataset.Columns.Select(column => Header(dataset, column, dialect))])
                .ToAsyncEnumerable());
    }

    /// <summary>The name of a column in the header of a template.</summary>
    internal static string Header(ImportDataset dataset, ImportColumn column, CsvDialect dialect) =>
        // The columns of the QPV list have French names to begin with.
        dialect == CsvDialect.Standard || dataset == ImportDataset.Qpvs ? column.Name : column.Aliases.FirstOrDefault() ?? column.Name;

    private static bool IsOfLandlord(TemplateParameters asked) => asked.Dataset?.Value is "declarations" or "holdings";

    private static IEnumerable<ApiError> Missing(TemplateParameters asked)
    {
        if (asked.Dataset is null)
            yield return Missing("dataset", new(
                "Say what the file will hold.", "Dites ce que le fichier contiendra."), DatasetForm.Expected);
        if (IsOfLandlord(asked) && asked.Landlord is null)
            yield return Missing("landlord", new("Say whose file this will be.", "Dites de qui sera ce fichier."), SirenForm.Expected);
        if (IsOfLandlord(asked) && asked.Year is null)
            yield return Missing("year", new("Say which year is declared.", "Dites quelle année est déclarée."), YearForm.Expected);
    }

    private static ApiError Missing(string parameter, Text message, Text expected) =>
        ApiError.OfParameter("MISSING_PARAMETER", message, parameter, null, expected);

    private static async Task<List<object?[]>> RowsAsync(GuspDb db, ImportDataset dataset, string siren, short year, CancellationToken ct)
    {
        var holdings = await HoldingsAsync(db, siren, year, ct);
        if (dataset == ImportDataset.Holdings)
            return holdings.ConvertAll(holding => new object?[]
                { siren, year, holding.QpvCode, holding.Dwellings, null, holding.AbatedDwellings, null });

        var axes = await db.Axes.OrderBy(axis => axis.Number).ToListAsync(ct);
        var empty = new object?[dataset.Columns.Length - 6];
        return [.. from holding in holdings from axis in axes select (object?[])[siren, year, holding.QpvCode, $"A{axis.Number}",
            axis.Number, axis.Label, .. empty]];
    }

    /// <summary>
    /// Those of the year; while they are not known, those of the latest year before it, in the QPVs that are legal in the year.
    /// </summary>
    private static async Task<List<Holding>> HoldingsAsync(GuspDb db, string siren, short year, CancellationToken ct)
    {
        var own = db.Holdings.Where(holding => holding.LandlordSiren == siren && holding.Year <= year);
        var holdings = await own.Where(holding => holding.Year == own.Max(latest => latest.Year)).OrderBy(holding => holding.QpvCode)
            .ToListAsync(ct);
        return holdings.FindAll(holding => QpvCode.IsLegal(QpvCode.Generation(holding.QpvCode), year));
    }

    private static FileStream Workbook(ImportDataset dataset, List<object?[]> rows, CsvDialect dialect)
    {
        var file = TemporaryFile.Create();
        using (var book = new XlsxWriter(
            file, dataset.Name, widths: [.. dataset.Columns.Select(column => column.Name == "action" ? 50.0 : 16.0)]))
        {
            book.Row([.. dataset.Columns.Select(column => Header(dataset, column, dialect))]);
            foreach (var row in rows)
                book.Row(row);
            Notice(book, dataset, dialect);
        }
        file.Position = 0;
        return file;
    }

    private static void Notice(XlsxWriter book, ImportDataset dataset, CsvDialect dialect)
    {
        book.Sheet("Notice", 24, 14, 70, 40, 28);
        book.Row("Colonne", "Obligatoire", "Ce qu'elle contient", "Valeurs admises", "Exemple");
        foreach (var column in dataset.Columns)
        {
            var text = ColumnText.Of(dataset, column);
            book.Row(Header(dataset, column, dialect), column.Required ? "oui" : "non", $"{text.Title}. {text.Description}",
                text.Accepted(), text.Example);
        }
        book.Row();
        book.Row(null, null, "Les en-têtes de la première feuille ne doivent pas être changés ; l'ordre des colonnes est libre.");
        if (dataset == ImportDataset.Declarations)
            book.Row(null, null, "Supprimez les lignes des axes sans dépense ; ajoutez des lignes, avec une autre référence, "
                + "pour un axe à plusieurs actions.");
    }
}
