using GuspApi.Http;

namespace GuspApi.Features.Indicators;

/// <summary>Under which landlord figures add up.</summary>
public enum LandlordBasis
{
    /// <summary>The landlord that declared, whoever took over from it.</summary>
    Declared,

    /// <summary>The last of its successors, today's.</summary>
    Current,
}

/// <summary>Under which QPV figures add up.</summary>
public enum QpvBasis
{
    /// <summary>The QPV that was declared, of either list.</summary>
    Declared,

    /// <summary>The QPV of 2024 that continues one of 2015, or several, where each of these goes to it whole.</summary>
    Lineage,
}

/// <summary>What a basis means.</summary>
/// <param name="Parameter">The parameter that chooses it.</param>
/// <param name="Value">Its value there; the first of each parameter is the default.</param>
/// <param name="Meaning">What it does to dimensions, filters and counts. It moves figures between rows, never in or out of a total.</param>
public sealed record BasisDefinition(string Parameter, string Value, Translated Meaning);

/// <summary>How a declared landlord or QPV becomes the one it is shown, filtered and counted under.</summary>
internal static class Bases
{
    public static readonly IReadOnlyList<BasisDefinition> All =
    [
        new("landlordBasis", "declared", new("landlord and family are those of the SIREN that declared.",
            "landlord et family sont ceux du SIREN qui a déclaré.")),
        new("landlordBasis", "current", new(
            "landlord and family are those of the last successor, as known today; "
                + "the filter landlord selects all whose last successor is the "
            + "same; landlords counts last successors.",
            "landlord et family sont ceux du dernier successeur, tel que connu aujourd'hui ; "
                + "le filtre landlord retient tous ceux qui ont le "
            + "même dernier successeur ; landlords compte les derniers successeurs.")),
        new("qpvBasis", "declared", new(
            "qpv is the code that was declared, of either list.", "qpv est le code déclaré, de l'une ou l'autre liste.")),
        new("qpvBasis", "lineage", new(
            "QPVs of 2015 that go whole to the same QPV of 2024, one or several, are summed with it under its code; "
                + "the filter qpv selects them "
            + "together and qpvs counts them once. Where one is split, "
                + "it and all that has a part in the same QPVs of 2024 stay apart and their "
            + "rows say notComparable. Other dimensions keep the territories of each declared QPV.",
            "Les QPV de 2015 repris entiers par un même QPV de 2024, un ou plusieurs, "
                + "sont sommés avec lui sous son code ; le filtre qpv les "
            + "retient ensemble et qpvs les compte une fois. Si l'un est partagé, "
                + "lui et tous ceux qui ont part aux mêmes QPV de 2024 restent "
            + "séparés et leurs lignes disent notComparable. Les autres dimensions gardent les territoires de chaque QPV déclaré.")),
    ];

    /// <summary>Relation <c>heir(siren, landlord_key, family)</c>: every landlord, and the one it stands under with its family.</summary>
    public static string Heir(LandlordBasis basis) => basis == LandlordBasis.Current
        ? "heir as (select s.siren, s.current_siren as landlord_key, "
            + "l.family from landlord_succession s join landlord l on l.siren = s.current_siren)"
        : "heir as not materialized (select siren, siren as landlord_key, family from landlord)";

    /// <summary>Relation <c>lineage(qpv_code, qpv_key, not_comparable)</c>: every QPV and the one it stands under.</summary>
    public static string Lineage(QpvBasis basis) => basis == QpvBasis.Lineage
        ? "lineage as (select code as qpv_code, lineage_code as qpv_key, not_comparable from qpv_in_lineage)"
        : "lineage as not materialized (select code as qpv_code, code as qpv_key, false as not_comparable from qpv)";
}
