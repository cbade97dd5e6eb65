using GuspApi.Features.Indicators;
using GuspApi.Model;

namespace GuspApi.Features.Reports;

/// <summary>What a report says beside its figures: sources, what is missing, and its words said plainly.</summary>
internal static class ReportWords
{
    public static readonly Text[] Sources =
    [
        new("Expenses: validated declarations of the landlords (amounts actually spent).",
            "Dépenses : déclarations GUSP validées des bailleurs (réalisé)."),
        new("Dwellings and abatement: what the landlords declare they hold on 1 January (CGI, art. 1388 bis).",
            "Logements et abattement : patrimoine déclaré par les bailleurs au 1er janvier (CGI, art. 1388 bis)."),
        new("Inhabitants: an estimate of two persons a dwelling, to the nearest 50.",
            "Habitants : estimation de deux personnes par logement, arrondie à 50 près."),
        new("Axes: national framework for the use of the abatement, 29 April 2015; themes: this region's grouping.",
            "Axes : cadre national d'utilisation de l'abattement de TFPB, 29 avril 2015 ; thèmes : regroupement régional."),
    ];

    public static readonly Text[] Notes =
    [
        new("What is not declared, or not yet validated, is not counted: neither its expenses, nor its dwellings, nor its abatement.",
            "Ce qui n'est pas déclaré, ou pas encore validé, n'est pas compté : ni ses dépenses, ni ses logements, ni son abattement."),
        new("A declaration is expected for each landlord, neighbourhood and year where the landlord holds dwellings.",
            "Une déclaration est attendue pour chaque bailleur, quartier et année où le bailleur détient des logements."),
        new("Amounts are summed first, divided once and rounded last; \"–\" stands where there is nothing to divide by.",
            "Les montants sont d'abord sommés, divisés une fois et arrondis à la fin ; "
                + "« – » est écrit là où il n'y a rien au dénominateur."),
        new("A neighbourhood that lies in two territories is whole in each of their rows and counted once in the total.",
            "Un quartier situé sur deux territoires est compté entier dans la ligne de chacun, et une seule fois dans le total."),
    ];

    /// <summary>The formula is the indicators' own; the sentence is for those who know neither the trade nor its sigles.</summary>
    public static readonly (Text Term, Text Text, Text? Formula)[] Definitions =
    [
        (new("Priority neighbourhood (QPV)", "Quartier prioritaire (QPV)"),
            new("A neighbourhood of low income, drawn by decree, where the State, towns and landlords act together.",
                "Quartier à bas revenus, délimité par décret, où l'État, les communes et les bailleurs agissent ensemble."), null),
        (new("Neighbourhood management (GUSP)", "GUSP"),
            new("Gestion urbaine et sociale de proximité: what is done each day for cleanliness, safety, repairs and social life.",
                "Gestion urbaine et sociale de proximité : ce qui est fait au quotidien pour la propreté, la tranquillité, "
                    + "l'entretien et le lien social."), null),
        (new("Abatement", "Abattement"),
            new("30% off the property tax on dwellings in a QPV; the landlord spends the sum on the neighbourhood in return.",
                "Réduction de 30 % de la taxe foncière (TFPB) des logements situés en QPV ; "
                    + "le bailleur s'engage en échange à agir dans le quartier."), null),
        (new("Expense per year", "Dépenses annuelles"),
            new("What the landlords really spent, all axes together, as a mean of the years.",
                "Ce que les bailleurs ont réellement dépensé, tous axes confondus, en moyenne sur les années."),
                Measures.ExpensePerYear.Formula),
        (new("Expense per dwelling", "Dépenses par logement"),
            new("Expense of a year for one dwelling of the neighbourhoods.",
                "Dépense d'une année rapportée à un logement des quartiers."), Measures.ExpensePerDwelling.Formula),
        (new("Coverage", "Couverture"),
            new("Part of the expense that the abatement pays for; below 100%, landlords spend more than they receive.",
                "Part des dépenses que paie l'abattement ; sous 100 %, les bailleurs dépensent plus qu'ils ne reçoivent."),
                Measures.CoverageRate.Formula),
        (new("Spent per €1 received", "Dépensé pour 1 € reçu"),
            new("The same, the other way round.", "La même comparaison, dans l'autre sens."), Measures.SpentPerEuroReceived.Formula),
        (new("Completeness", "Complétude"),
            new("Declarations counted, of those expected; 100% only if none is missing.",
                "Déclarations comptées sur déclarations attendues ; 100 % seulement s'il n'en manque aucune."),
                Measures.Completeness.Formula),
        (new("Quartiles", "Quartiles"), Quartiles.Definition, null),
    ];

    /// <summary>The share of the social stock is the leaflet's own figure: the stock outside QPVs is not declared here.</summary>
    public static IEnumerable<ReportQuote> Quotes(ReportSubject subject, int from, int to, Language language)
    {
        if ((subject.Scope, subject.Code, from, to) == (ReportScope.Region, "32", 2019, 2022))
        {
            yield return new(FigurePrint.In(language).Percent(0.36m),
                new Text("of the region's social housing lies in QPVs", "du parc de logement social régional situé en QPV").In(language),
                new Text("Leaflet \"Investissement des bailleurs sociaux dans les QPV au titre de la GUSP\", Hauts-de-France, "
                    + "2019-2022; quoted, not computed.",
                    "Plaquette « Investissement des bailleurs sociaux dans les QPV au titre de la GUSP », Hauts-de-France, 2019-2022 ; "
                        + "chiffre cité, non calculé.")
                    .In(language));
        }
    }
}
