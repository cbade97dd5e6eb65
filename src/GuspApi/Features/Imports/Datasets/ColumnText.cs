using System.Globalization;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>What a column holds, told in French to who fills it in, and as rules to a validator.</summary>
internal sealed record ColumnText(string Title, string Description, string Type, string Example)
{
    public string? Pattern { get; init; }
    public string[]? Words { get; init; }
    public decimal? Minimum { get; init; }
    public decimal? Maximum { get; init; }
    public int? MaxLength { get; init; }

    private const string Commune = "([0-9]{5}|2[AB][0-9]{3})";
    private const string Epci = "[0-9]{9}";
    private const string Predecessor = "QP[0-9A-Z]{3}[0-9]{3}";

    public static ColumnText Of(ImportDataset dataset, ImportColumn column) => All[dataset.Name][column.Name];

    private static ColumnText Siren(string title, string description, string example = "999590011") =>
        new(title, description, "string", example) { Pattern = Model.Siren.Pattern };

    private static ColumnText Year(string title, string description, int first = LineRules.FirstYear, int last = 2100) =>
        new(title, description, "integer", "2024") { Minimum = first, Maximum = last };

    private static ColumnText Amount(string title, string description, string example = "1234.56") =>
        new(title, description + " En euros, deux décimales au plus.", "number", example)
        {
            Minimum = 0,
            Maximum = LineRules.MaximumAmount,
        };

    private static ColumnText Count(string title, string description, string example) =>
        new(title, description, "integer", example) { Minimum = 0, Maximum = 10_000_000 };

    private static ColumnText Chosen(string title, string description, string example, params string[] words) =>
        new(title, description, "string", example) { Words = words };

    private static ColumnText Free(string title, string description, string example, int longest) =>
        new(title, description, "string", example) { MaxLength = longest };

    private static ColumnText Code(string title, string description, string example, string pattern) =>
        new(title, description, "string", example) { Pattern = pattern };

    private static readonly ColumnText Landlord = Siren(
        "SIREN du bailleur", "Numéro SIREN du bailleur social : neuf chiffres, le dernier étant une clé.");

    private static readonly ColumnText Qpv = Code("Code du QPV",
        "Code du quartier prioritaire : liste de 2015 (QP059001) jusqu'en 2024, liste de 2024 (QN05901M) à partir de 2024.",
        "QN05901M", Model.QpvCode.Pattern);

    private static ColumnText Region(string title) =>
        Code(title, "Code INSEE de la région, zéros compris.", "32", "^([0-9]{2}|9[78][0-9])$");

    private static ColumnText Department(string title) =>
        Code(title, "Code INSEE du département, zéros compris.", "59", "^(0[1-9]|[1-9][0-9]|2[AB]|97[1-8]|98[4-9])$");

    private static ColumnText Name(string title, string example) => Free(title, title + ".", example, ImportDataset.LongestName);

    private static readonly Dictionary<string, Dictionary<string, ColumnText>> All = new()
    {
        ["declarations"] = new()
        {
            ["landlord_siren"] = Landlord,
            ["year"] = Year("Année", "Année de la dépense."),
            ["qpv_code"] = Qpv,
            ["ref"] = Free("Référence de la ligne", "Ce qui distingue la ligne dans la déclaration ; ne change pas d'un envoi à l'autre.",
                "A1", LineRules.RefLength),
            ["axis"] = new("Axe", "Numéro de l'axe du cadre national d'utilisation de l'abattement (29 avril 2015), de 1 à 8.",
                "integer", "3")
            {
                Minimum = 1,
                Maximum = LineRules.LastAxis,
            },
            ["action"] = Free("Action", "Ce qui a été fait.", "Sur-entretien des halls", LineRules.ActionLength),
            ["family"] = Chosen("Famille", "Renforcement des moyens de droit commun, ou action spécifique au quartier.", "RENFORCEMENT",
                LineRules.Reinforcement, LineRules.Specific, "RENFORCEMENT", "SPECIFIQUE"),
            ["planned"] = Amount("Prévu", "Dépense prévue."),
            ["actual"] = Amount("Réalisé", "Dépense réalisée."),
            ["valued"] = Amount("Valorisé", "Part de la dépense réalisée imputée à l'abattement."),
            ["landlord_funding"] = Amount("Financement du bailleur", "Part payée par le bailleur hors abattement."),
            ["other_funding"] = Amount("Autres financements", "Part payée par d'autres."),
            ["quantitative_review"] = Free(
                "Bilan quantitatif", "Ce qui se compte : passages, bénéficiaires, logements.", "120 passages", LineRules.ReviewLength),
            ["qualitative_review"] = Free(
                "Bilan qualitatif", "Ce qui a changé pour les habitants.", "Halls plus propres", LineRules.ReviewLength),
        },
        ["holdings"] = new()
        {
            ["landlord_siren"] = Landlord,
            ["year"] = Year("Année", "Année du patrimoine, au 1er janvier."),
            ["qpv_code"] = Qpv,
            ["dwellings"] = Count("Logements", "Nombre de logements sociaux du bailleur dans le quartier.", "476"),
            ["abatement"] = Amount("Abattement", "Taxe foncière économisée dans l'année (CGI, art. 1388 bis).", "71216.22"),
            ["abated_dwellings"] = Count("Logements abattus",
                "Nombre de logements auxquels l'abattement s'applique, au plus celui des logements.", "470"),
            ["abatement_method"] = Chosen("Origine du montant",
                "Avis d'imposition, estimation du bailleur, ou aucun abattement ; estimation si la cellule est vide.", "AVIS",
                "NOTICE", "ESTIMATE", "NONE", "AVIS", "ESTIMATION", "AUCUNE"),
        },
        ["landlords"] = new()
        {
            ["siren"] = Landlord,
            ["name"] = Name("Nom du bailleur", "Office public de l'habitat"),
            ["family"] = Chosen("Famille", "Office public, entreprise sociale, coopérative, société d'économie mixte, autre.", "OPH",
                "OPH", "ESH", "COOP", "SEM", "OTHER", "COOPERATIVE", "AUTRE"),
            ["active_from"] = Year("Actif depuis", "Première année d'activité.", 1800),
            ["active_to"] = Year("Actif jusqu'à", "Dernière année d'activité.", 1800),
            ["successor_siren"] = Siren("SIREN du successeur", "Bailleur qui a repris le patrimoine.", "999590029"),
        },
        ["qpvs"] = new()
        {
            ["code_qp"] = Qpv,
            ["lib_qp"] = Name("Nom du quartier", "Quartier de la Gare"),
            ["insee_reg"] = Region("Code de la région"),
            ["lib_reg"] = Name("Nom de la région", "Hauts-de-France"),
            ["insee_dep"] = Department("Code du département"),
            ["lib_dep"] = Name("Nom du département", "Nord"),
            ["insee_com"] = Code("Codes des communes", "Codes INSEE des communes du quartier, séparés par une virgule.", "59350",
                $"^{Commune}([,;] ?{Commune})*$"),
            ["lib_com"] = Free("Noms des communes", "Dans l'ordre des codes, séparés par une virgule.", "Lille", 5000),
            ["siren_epci"] = Code("SIREN des EPCI", "Intercommunalités du quartier, séparées par une virgule.", "200093201",
                $"^{Epci}([,;] ?{Epci})*$"),
            ["lib_epci"] = Free("Noms des EPCI", "Dans l'ordre des SIREN, séparés par une virgule.", "Métropole Européenne de Lille", 5000),
            ["predecessors"] = Code("Codes des prédécesseurs",
                "QPV de la liste de 2015 qu'un QPV de 2024 continue, séparés par une espace ou une barre.", "QP059001",
                $"^{Predecessor}([ |,;]+{Predecessor})*$"),
        },
        ["communes"] = new()
        {
            ["code"] = Code("Code de la commune", "Code INSEE de la commune, zéros compris.", "59350", $"^{Commune}$"),
            ["name"] = Name("Nom de la commune", "Lille"),
            ["department"] = Department("Code du département"),
            ["department_name"] = Name("Nom du département", "Nord"),
            ["region"] = Region("Code de la région"),
            ["region_name"] = Name("Nom de la région", "Hauts-de-France"),
            ["epci"] = Siren("SIREN de l'EPCI", "Intercommunalité de la commune.", "200093201"),
            ["epci_name"] = Name("Nom de l'EPCI", "Métropole Européenne de Lille"),
        },
    };

    /// <summary>What is accepted, in words: for the notice of a template.</summary>
    public string Accepted() => Words is not null ? string.Join(", ", Words)
        : Minimum is not null ? $"de {Minimum.Value.ToString(CultureInfo.InvariantCulture)} à "
            + $"{Maximum!.Value.ToString(CultureInfo.InvariantCulture)}"
        : MaxLength is { } longest ? $"{longest} caractères au plus"
        : "code entier, zéros compris";
}
