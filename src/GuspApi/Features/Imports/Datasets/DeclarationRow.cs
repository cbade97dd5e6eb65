using System.Globalization;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>Makes a line of a declaration of a row, and says what is wrong with its cells.</summary>
internal sealed class DeclarationRow(IReadOnlyDictionary<string, short> axisLabels, string[]? landlords, int currentYear)
{
    private static readonly ImportColumn[] Columns = ImportDataset.Declarations.Columns;

    private static readonly (string, string[])[] Families =
        [(LineRules.Reinforcement, ["renforcement", "renf"]), (LineRules.Specific, ["specifique", "spec"])];

    private readonly List<Finding> _findings = [];

    public string? Siren { get; private set; }

    public int? Year { get; private set; }

    public string? QpvCode { get; private set; }

    public LineDraft Line { get; private set; } = new();

    /// <summary>The key as the row gives it, right or wrong: rows of one declaration are rejected together.</summary>
    public (string Siren, string Year, string QpvCode) Named { get; private set; }

    public string Key => $"{Named.Siren}/{Named.Year}/{Named.QpvCode}";

    public void Read(ImportRow row, List<ImportFault> faults)
    {
        var cells = row.Cells;
        var before = faults.Count;
        faults.AddRange(row.Faults);

        Judge(row, 0, CodeCell.SirenOf(cells[0], out var siren), faults);
        Judge(row, 1, Cell.Year(cells[1], LineRules.FirstYear, currentYear, out var year), faults);
        Judge(row, 2, CodeCell.QpvOf(cells[2], out var qpv), faults);
        // A declaration of somebody else is not even looked for: what is wrong with it would tell of it.
        if (!ImportTarget.JudgeAuthor(row, Columns, landlords, siren, faults))
            siren = null;
        (Siren, Year, QpvCode) = (siren, year, qpv);
        Named = (siren ?? Raw(cells[0]), year?.ToString(CultureInfo.InvariantCulture) ?? Raw(cells[1]), qpv ?? Raw(cells[2]));
        if (!row.KeyOnly)
            ReadLine(row, faults);

        for (var i = before; i < faults.Count; i++)
            faults[i] = faults[i] with { Key = Key };
    }

    private void ReadLine(ImportRow row, List<ImportFault> faults)
    {
        var cells = row.Cells;
        var before = faults.Count;
        Judge(row, 4, Cell.Axis(cells[4], axisLabels, out var axis), faults);
        Judge(row, 6, Cell.Word(cells[6], Families, "FAMILY_UNKNOWN", out var family), faults);
        Line = new()
        {
            Ref = Cell.Text(cells[3]),
            Axis = axis,
            Action = Cell.Text(cells[5]),
            Family = family,
            Planned = Money(row, 7, faults),
            Actual = Money(row, 8, faults),
            Valued = Money(row, 9, faults),
            LandlordFunding = Money(row, 10, faults),
            OtherFunding = Money(row, 11, faults),
            QuantitativeReview = Cell.Text(cells[12]),
            QualitativeReview = Cell.Text(cells[13]),
        };

        _findings.Clear();
        LineRules.Check(Line, 0, _findings);
        var judged = faults.Count;
        foreach (var finding in _findings)
        {
            var column = Columns.FirstOrDefault(c => c.Field == finding.Field)?.Name;
            var known = false;
            for (var i = before; i < judged; i++)
                known |= faults[i].Column == column;
            if (!known)
                faults.Add(new(row.Line, column, finding.Code, finding.Message, finding.Value, finding.Expected));
        }
    }

    private static decimal? Money(ImportRow row, int column, List<ImportFault> faults)
    {
        var refusal = Cell.Money(row.Cells[column], out var amount);
        if (refusal is not null)
            faults.Add(Fault(row, Columns, column, refusal));
        return amount;
    }

    private static void Judge(ImportRow row, int column, Cell.Refusal? refusal, List<ImportFault> faults)
    {
        if (refusal is not null)
            faults.Add(Fault(row, Columns, column, refusal));
        else if (column < 3 && Cell.Text(row.Cells[column]) is null)
            faults.Add(Missing(row, Columns[column]));
    }

    internal static ImportFault Fault(ImportRow row, ImportColumn[] columns, int column, Cell.Refusal refusal) => new(
        row.Line, columns[column].Name, refusal.Code, refusal.Message, Cell.Clip(row.Cells[column] ?? ""),
        refusal.Expected, refusal.Suggestion);

    internal static ImportFault Missing(ImportRow row, ImportColumn column) => new(
        row.Line, column.Name, "REQUIRED", new("This cell is required.", "Cette cellule est obligatoire."), Expected: ImportFault.Filled);

    private static string Raw(string? cell) => Cell.Clip(Cell.Text(cell) ?? "");
}
