using System.Collections.Frozen;

namespace GuspApi.Features.Imports;

/// <summary>A column of a dataset: its name, whether a file must have it, and the other names it is known by.</summary>
internal sealed record ImportColumn(string Name, bool Required, params string[] Aliases)
{
    /// <summary>The member of the API's own JSON objects that holds it.</summary>
    public string Field { get; } = Camel(Name);

    /// <summary>Width of a code that may begin with zeros, which spreadsheets eat when they take it for a number.</summary>
    public int? Width { get; init; }

    private static string Camel(string name) =>
        string.Concat(name.Split('_').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}

/// <summary>What can be imported: the columns of each dataset, in English and in French.</summary>
internal sealed class ImportDataset
{
    /// <summary>Characters a name may have.</summary>
    public const int LongestName = 300;

    private readonly FrozenDictionary<string, int> _byName;

    private ImportDataset(string name, params ImportColumn[] columns)
    {
        Name = name;
        Columns = columns;
        _byName = columns
            .SelectMany((column, i) => column.Aliases.Append(column.Name).Select(alias => KeyValuePair.Create(HeaderName.Fold(alias), i)))
            .DistinctBy(pair => pair.Key)
            .ToFrozenDictionary();
    }

    public string Name { get; }

    public ImportColumn[] Columns { get; }

    /// <summary>Index of the column that a header names; -1 when none does.</summary>
    public int IndexOf(string header) => _byName.TryGetValue(HeaderName.Fold(header), out var index) ? index : -1;

    /// <summary>The columns that rejects add: a file that is sent back with them is taken without a word.</summary>
    public static readonly string[] RejectColumns = ["reject_codes", "reject_reasons"];

    /// <summary>Whether a header names one of <see cref="RejectColumns"/>.</summary>
    public static bool IsRejectColumn(string header) => RejectColumns.Any(column => HeaderName.Fold(column) == HeaderName.Fold(header));

    public static ImportDataset Of(string name) => All[name];

    public static readonly ImportDataset Declarations = new("declarations",
        new("landlord_siren", true, "siren_bailleur", "landlord") { Width = 9 },
        new("year", true, "annee"),
        new("qpv_code", true, "code_qpv", "qpv"),
        new("ref", true, "reference"),
        new("axis", true, "axe"),
        new("action", true),
        new("family", true, "famille"),
        new("planned", false, "prevu"),
        new("actual", true, "realise"),
        new("valued", false, "valorise"),
        new("landlord_funding", false, "financement_bailleur"),
        new("other_funding", false, "autre_financement"),
        new("quantitative_review", false, "bilan_quantitatif"),
        new("qualitative_review", false, "bilan_qualitatif"));

    public static readonly ImportDataset Holdings = new("holdings",
        new("landlord_siren", true, "siren_bailleur", "landlord") { Width = 9 },
        new("year", true, "annee"),
        new("qpv_code", true, "code_qpv", "qpv"),
        new("dwellings", true, "logements"),
        new("abatement", true, "abattement"),
        new("abated_dwellings", false, "logements_abattus"),
        new("abatement_method", false, "methode_abattement"));

    public static readonly ImportDataset Landlords = new("landlords",
        new("siren", true) { Width = 9 },
        new("name", true, "nom"),
        new("family", true, "famille"),
        new("active_from", false, "actif_depuis"),
        new("active_to", false, "actif_jusqu_a"),
        new("successor_siren", false, "siren_successeur") { Width = 9 });

    // The layout of the ANCT list, and what it lacks: which QPVs of 2015 one of 2024 continues. The aliases are those of the lists of 2015
    // and of the API's own objects.
    public static readonly ImportDataset Qpvs = new("qpvs",
        new("code_qp", true, "code", "code_qpv", "code_quartier", "qpv"),
        new("lib_qp", true, "name", "nom", "nom_qp", "nom_qpv", "quartier_prioritaire"),
        new("insee_reg", false, "region", "code_region") { Width = 2 },
        new("lib_reg", false, "nom_reg", "nom_region", "region_name"),
        new("insee_dep", false, "departement", "department", "code_departement") { Width = 2 },
        new("lib_dep", false, "nom_dep", "nom_departement", "department_name"),
        new("insee_com", true, "code_insee", "code_commune", "communes", "code_commune_principale") { Width = 5 },
        new("lib_com", false, "nom_commune", "communes_name", "commune_qp", "commune_principale"),
        new("siren_epci", false, "epci", "epcis", "code_epci") { Width = 9 },
        new("lib_epci", false, "nom_epci", "epcis_name"),
        new("predecessors", false, "predecesseurs"));

    public static readonly ImportDataset Communes = new("communes",
        new("code", true, "code_insee", "insee_com", "codgeo", "code_commune", "commune") { Width = 5 },
        new("name", true, "nom", "lib_com", "nom_commune", "libelle", "libgeo"),
        new("department", false, "departement", "insee_dep", "code_departement", "dep") { Width = 2 },
        new("department_name", false, "nom_departement", "lib_dep"),
        new("region", false, "insee_reg", "code_region", "reg") { Width = 2 },
        new("region_name", false, "nom_region", "lib_reg"),
        new("epci", false, "siren_epci", "epci_siren", "code_epci") { Width = 9 },
        new("epci_name", false, "epci_nom", "nom_epci", "lib_epci"));

    private static readonly FrozenDictionary<string, ImportDataset> All =
        new[] { Declarations, Holdings, Landlords, Qpvs, Communes }.ToFrozenDictionary(dataset => dataset.Name);
}
