using System.Collections.Frozen;

namespace GuspApi.Model;

/// <summary>
/// Every rule that a declaration can break: its code, whether it refuses every write, only the submission, or only warns, and what it
/// says. The rules themselves are in <see cref="LineRules"/> (one line alone) and <see cref="DeclarationBatch"/> (with the database).
/// </summary>
internal static class DeclarationFindings
{
    /// <summary>When a broken rule refuses.</summary>
    internal enum Refusal
    {
        EveryWrite,
        Submission,
        Never,
    }

    private static readonly FrozenDictionary<string, (Refusal Refusal, Text Message)> Rules = new Dictionary<string, (Refusal, Text)>
    {
        ["REQUIRED"] = (Refusal.EveryWrite, new("This field is required.", "Ce champ est obligatoire.")),
        ["TEXT_TOO_LONG"] = (Refusal.EveryWrite, new("This text is too long.", "Ce texte est trop long.")),
        ["CHARACTER_FORBIDDEN"] = (Refusal.EveryWrite, new("This text holds a NUL character.", "Ce texte contient un caractère NUL.")),
        ["AXIS_UNKNOWN"] = (Refusal.EveryWrite, new("There are eight axes, 1 to 8.", "Il y a huit axes, de 1 à 8.")),
        ["FAMILY_UNKNOWN"] = (Refusal.EveryWrite, new(
            "The family of a line is REINFORCEMENT or SPECIFIC.",
            "La famille d'une ligne est REINFORCEMENT (renforcement) ou SPECIFIC (spécifique).")),
        ["AMOUNT_OUT_OF_RANGE"] = (Refusal.EveryWrite, new(
            "An amount is between 0 and 1 000 000 000 EUR.", "Un montant est compris entre 0 et 1 000 000 000 EUR.")),
        ["AMOUNT_DECIMALS"] = (Refusal.EveryWrite, new("An amount has at most two decimals.", "Un montant a au plus deux décimales.")),
        ["DUPLICATE_REF"] = (Refusal.EveryWrite, new(
            "This ref is used by another line of the declaration.", "Cette référence est celle d'une autre ligne de la déclaration.")),
        ["SIREN_INVALID"] = (Refusal.EveryWrite, new("This is not a SIREN.", "Ce n'est pas un numéro SIREN.")),
        ["QPV_CODE_INVALID"] = (Refusal.EveryWrite, new("This is not the code of a QPV.", "Ce n'est pas un code de QPV.")),
        ["YEAR_OUT_OF_RANGE"] = (Refusal.EveryWrite, new(
            "Declarations exist from 2015 to the current year.", "Les déclarations vont de 2015 à l'année en cours.")),
        ["LANDLORD_UNKNOWN"] = (Refusal.EveryWrite, new("No landlord has this SIREN.", "Aucun bailleur n'a ce SIREN.")),
        ["QPV_UNKNOWN"] = (Refusal.EveryWrite, new("No QPV has this code.", "Aucun QPV n'a ce code.")),
        ["DECLARATION_VALIDATED"] = (Refusal.EveryWrite, new(
            "The declaration is validated: reopen it before changing it.",
            "La déclaration est validée : rouvrez-la avant de la modifier.")),
        ["CAMPAIGN_NOT_OPEN"] = (Refusal.EveryWrite, new(
            "The campaign of that year is not open yet: send the declaration again once it is.",
            "La campagne de cette année n'est pas encore ouverte : renvoyez la déclaration quand elle le sera.")),
        ["CAMPAIGN_CLOSED"] = (Refusal.EveryWrite, new(
            "The campaign of that year is closed: ask a reviewer to send the declaration back, "
                + "or an administrator if it was never submitted.",
            "La campagne de cette année est close : demandez le renvoi de la déclaration à qui l'instruit ou, "
                + "jamais transmise, à un administrateur.")),

        ["HOLDING_MISSING"] = (Refusal.Submission, new(
            "The landlord has no holding in this QPV that year.", "Le bailleur n'a pas de patrimoine dans ce QPV cette année-là.")),
        ["LANDLORD_INACTIVE"] = (Refusal.Submission, new(
            "The landlord was not active that year.", "Le bailleur n'était pas actif cette année-là.")),
        ["QPV_GENERATION"] = (Refusal.Submission, new(
            "The QPV's list was not in force that year: that of 2015 up to 2024, that of 2024 from 2024.",
            "La liste de ce QPV n'était pas en vigueur cette année-là : celle de 2015 jusqu'en 2024, celle de 2024 à partir de 2024.")),
        ["VALUED_ABOVE_ACTUAL"] = (Refusal.Submission, new(
            "The part charged to the abatement is greater than the expense.",
            "La part valorisée au titre de l'abattement dépasse la dépense.")),
        ["FUNDING_MISMATCH"] = (Refusal.Submission, new(
            "The fundings do not add up to the expense.", "La somme des financements n'est pas égale à la dépense.")),

        ["VALUED_VERSUS_ABATEMENT"] = (Refusal.Never, new(
            "The valued total is far from the abatement.", "Le total valorisé est loin de l'abattement.")),
        ["EXPENSE_PER_DWELLING"] = (Refusal.Never, new(
            "The expense per dwelling is unusual.", "La dépense par logement est inhabituelle.")),
        ["EXPENSE_PER_DWELLING_CHANGE"] = (Refusal.Never, new(
            "The expense per dwelling is far from last year's.", "La dépense par logement est loin de celle de l'an passé.")),
        ["DWELLINGS_CHANGE"] = (Refusal.Never, new(
            "The number of dwellings is far from last year's.", "Le nombre de logements est loin de celui de l'an passé.")),
        ["DUPLICATE_ACTION"] = (Refusal.Never, new(
            "Another line has the same label and the same expense.", "Une autre ligne a le même libellé et la même dépense.")),
        ["QUALITATIVE_REVIEW_MISSING"] = (Refusal.Never, new(
            "Lines have no qualitative review.", "Des lignes n'ont pas de bilan qualitatif.")),
        ["ABATEMENT_ESTIMATED"] = (Refusal.Never, new(
            "The abatement is still an estimate.", "L'abattement est encore une estimation.")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every code, for filters and documentation.</summary>
    public static IEnumerable<string> Codes => Rules.Keys;

    /// <summary>The codes that a stored declaration may show as anomalies.</summary>
    public static IEnumerable<string> AnomalyCodes => Rules.Where(r => r.Value.Refusal != Refusal.EveryWrite).Select(r => r.Key).Order();

    public static Refusal RefusalOf(string code) => Rules[code].Refusal;

    public static Severity SeverityOf(string code) => Rules[code].Refusal == Refusal.Never ? Severity.Warning : Severity.Error;

    public static Text MessageOf(string code) => Rules[code].Message;

    public static Finding Of(string code, string? field = null, string? value = null, Text? expected = null) =>
        new(code, SeverityOf(code), MessageOf(code), field, value, expected);

    /// <summary>As the database tells it: what it expects is numbers, codes and names of the API.</summary>
    public static Finding Told(string code, string? field, string? value, string? expected) =>
        Of(code, field, value, expected is null ? null : Text.Alike(expected));
}
