using GuspApi.Model;

namespace GuspApi.Development;

/// <summary>The three projects the leaflet illustrates, in its own words. What it does not say (axis, QPV code) stays empty.</summary>
internal static class DemoProjects
{
    private const string Source =
        "Investissement des bailleurs sociaux dans les Quartiers Prioritaires de la Ville au titre de la GUSP, "
            + "analyse de la période 2019-2022";

    private const string Unnamed = "Bailleur non nommé par la source";

    public static readonly IReadOnlyList<Project> All =
    [
        new()
        {
            Title = "Création d'une équipe filière bois",
            Description =
                "Fin 2020, la filière bois de l'association d'insertion Elan-CES a été créée à Beauvais afin de "
                + "valoriser les meubles récupérés aux encombrants, les remettre en état et leur offrir une nouvelle "
                + "vie (hôtel à insectes, composteur, bacs de plantations...). Des ateliers de réparation sont aussi "
                + "proposés aux associations partenaires.",
            Objectives =
            [
                "Promouvoir une démarche axée sur le développement durable et l'économie circulaire portée par "
                    + "l'OPAC de l'Oise",
                "Inciter les habitants des quartiers à s'interroger sur leur mode de consommation",
                "Favoriser les partenariats autour de la thématique de la gestion des déchets et des encombrants",
            ],
            AnnualBudget = 65_000m,
            Partners =
            [
                "Elan-CES",
            ],
            LandlordName = "OPAC de l'Oise",
            CommuneCode = "60057",
            Year = 2020,
            Source = Source,
            Version = 1,
        },
        new()
        {
            Title = "Deuxième édition de la journée de solidarité : « Je trie, tu jettes, on donne, nous sommes solidaires »",
            Description =
                "Cette action, proposée aux habitants du quartier Etouvie à Amiens, a pour objectif de sensibiliser "
                + "les clients locataires au tri et au recyclage. Proposée sous la forme d'ateliers pédagogiques et "
                + "d'une opération de collecte des encombrants (puis d'une redistribution), cette journée est "
                + "organisée avec le soutien d'associations et de partenaires locaux.",
            Objectives =
            [
                "Sensibiliser les habitants au tri des déchets",
                "Favoriser le lien social sur le quartier d'Etouvie",
                "Fédérer les acteurs locaux autour d'une problématique globale et promouvoir l'économie circulaire",
            ],
            AnnualBudget = 3_579m,
            Partners =
            [
                "Amiens Métropole", "Amiens", "Apremis", "CGET", "E2C",
                "Finances et pédagogie", "Les astelles", "CSC Etouvie", "IRIS", "Menuiserie Sergent",
                "Initi'elles", "Joane", "NEEDD", "Proxiserve", "Repair café Amiens",
                "Samsic", "Sidem", "Sogea", "Union des peintres",
            ],
            LandlordName = Unnamed,
            CommuneCode = "80021",
            Source = Source,
            Version = 1,
        },
        new()
        {
            Title = "Maison du projet « Cœur de mineurs »",
            Description =
                "Au cœur de la Cité Darcy, la maison du projet a vocation à accueillir les pilotes sociaux du "
                + "bailleur qui accompagnent les habitants le temps des travaux, ainsi que les compagnons bâtisseurs "
                + "des Hauts-de-France, partenaire et titulaire du bail. Avec eux, 3 associations, à savoir les Arts "
                + "Team, Darcy en Folie et le Conseil citoyen, proposeront régulièrement des activités de cohésion "
                + "sociale et des animations techniques ou relatives aux économies d'énergie en lien avec les travaux "
                + "ERBM.",
            Objectives =
            [
                "Participation et implication des habitants ; amélioration de la qualité de service et du cadre de "
                    + "vie",
                "Favoriser l'insertion par l'économique",
                "Sensibilisation des habitants aux économies d'énergies",
            ],
            AnnualBudget = 90_000m,
            Partners =
            [
                "Hénin-Beaumont", "Compagnons Bâtisseurs",
            ],
            LandlordName = Unnamed,
            CommuneCode = "62427",
            Source = Source,
            Version = 1,
        },
    ];
}
