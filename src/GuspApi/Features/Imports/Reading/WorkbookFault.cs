using System.Xml;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>What stops the reading of a workbook.</summary>
internal static class WorkbookFault
{
    public static ImportFileException Unreadable(Text message) => ImportFileException.Of(
        "WORKBOOK_UNREADABLE", message, expected: new("a workbook in the .xlsx format", "un classeur au format .xlsx"));

    public static ImportFileException Damaged() => Unreadable(new(
        "This workbook is damaged or is not one: open it in a spreadsheet program and save it as .xlsx again.",
        "Ce classeur est abîmé ou n'en est pas un : ouvrez-le dans un tableur et enregistrez-le de nouveau en .xlsx."));

    // A workbook with a password and the format before 2007 share one container; neither can be looked into.
    public static ImportFileException OldOrEncrypted() => Unreadable(new(
        "This workbook has a password or is in the old .xls format: remove the password, or save it as .xlsx.",
        "Ce classeur a un mot de passe ou est dans l'ancien format .xls : retirez le mot de passe, ou enregistrez-le en .xlsx."));

    public static ImportFileException TooLarge(Text what, Text limit) => ImportFileException.Of("WORKBOOK_TOO_LARGE", new(
        $"This workbook is too large once inflated ({what.En}): split it, or send it as CSV.",
        $"Ce classeur est trop grand une fois décompressé ({what.Fr}) : découpez-le, ou envoyez-le en CSV."), expected: limit);

    public static ImportFileException SheetNotFound(string asked, string sheets) => ImportFileException.Of("SHEET_NOT_FOUND", new(
        $"No sheet is named {asked}.", $"Aucune feuille ne s'appelle {asked}."), expected: Text.Alike(sheets), value: asked);

    public static ImportFileException SheetAmbiguous(string sheets) => ImportFileException.Of("SHEET_AMBIGUOUS", new(
        $"Several sheets have these columns and rows below them: {sheets}. Send sheet=<name> in the query to choose one.",
        $"Plusieurs feuilles ont ces colonnes et des lignes en dessous : {sheets}. Envoyez sheet=<nom> dans l'URL pour en choisir une."),
        expected: new("one sheet, or sheet=<name>", "une feuille, ou sheet=<nom>"), value: sheets);

    public static ImportFileException HeaderUnknown(string sheets, string required) => ImportFileException.Of("HEADER_UNKNOWN", new(
        $"No sheet has a row with the columns of the dataset; these were looked at: {sheets}.",
        $"Aucune feuille n'a de ligne avec les colonnes du jeu de données ; feuilles examinées : {sheets}."),
        expected: Text.Alike(required), value: sheets);

    public static ImportFileException LongCell(WorkbookLimits limits) =>
        TooLarge(new("the text of one cell", "le texte d'une cellule"), AtMost(limits.Text));

    public static Text AtMost(long bytes) => new($"at most {bytes} bytes", $"au plus {bytes} octets");

    /// <summary>XML or a ZIP that is not well formed is a refusal.</summary>
    public static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is XmlException or InvalidDataException or EndOfStreamException)
        {
            throw Damaged();
        }
    }
}
