namespace GuspApi.Development;

/// <summary>Labels of actions as landlords write them, by axis; even ones reinforce what is done everywhere.</summary>
internal static class DemoActions
{
    public static readonly string[][] Labels =
    [
        ["Gardiens supplémentaires", "Agent de médiation du quartier", "Permanences de proximité renforcées", "Référent de site dédié"],
        ["Formation à la gestion des conflits", "Soutien psychologique des gardiens", "Formation à l'accueil",
            "Échanges de pratiques entre sites"],
        ["Nettoyage renforcé des halls", "Effacement des tags", "Entretien supplémentaire des abords", "Réparations après dégradations"],
        ["Enlèvement des encombrants", "Enlèvement des épaves", "Collecte supplémentaire des déchets", "Point de tri et de réemploi"],
        ["Gardiennage et surveillance", "Vidéoprotection des halls", "Correspondants de nuit", "Sécurisation des caves et parkings"],
        ["Enquête de satisfaction", "Ateliers sur les économies d'énergie", "Diagnostics en marchant", "Sensibilisation au tri"],
        ["Soutien aux associations de locataires", "Fête de quartier", "Locaux mis à disposition", "Jardins partagés"],
        ["Remise en peinture des cages d'escalier", "Éclairage des abords", "Réfection des halls", "Accès et boîtes aux lettres"],
    ];
}
