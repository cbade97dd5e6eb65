using GuspApi.Http;

namespace GuspApi.Features.Completeness;

/// <summary>How many declarations of a group are there, of those expected.</summary>
/// <param name="Group">Code and label of each dimension of <c>groupBy</c>; empty without it.</param>
/// <param name="Expected">Holdings: each makes a declaration expected.</param>
/// <param name="Received">Those submitted, in review, sent back or validated, or whose validated version still counts.</param>
/// <param name="Late">Those received of which the first submission came after the due day; null where no year has a campaign.</param>
/// <param name="Validated">Those with a validated version.</param>
/// <param name="Missing">expected − received.</param>
/// <param name="Completeness">received ÷ expected; null where nothing is expected.</param>
public sealed record CompletenessRow(
    IReadOnlyDictionary<string, GroupValue> Group, int Expected, int Received, int? Late, int Validated, int Missing, decimal? Completeness)
{
    /// <summary>A code and a label a dimension, then the counts.</summary>
    internal static Columns<CompletenessRow> Columns(IEnumerable<CompletenessDimension> groupBy)
    {
        var columns = new Columns<CompletenessRow>();
        foreach (var name in groupBy.Select(dimension => dimension.ToString().ToLowerInvariant()))
        {
            columns.Add(name, row => row.Group[name].Code);
            columns.Add(name + "_label", row => row.Group[name].Label);
        }
        columns.Add("expected", "attendues", row => row.Expected);
        columns.Add("received", "recues", row => row.Received);
        columns.Add("late", "en_retard", row => row.Late);
        columns.Add("validated", "validees", row => row.Validated);
        columns.Add("missing", "manquantes", row => row.Missing);
        columns.Add("completeness", "completude", row => row.Completeness);
        return columns;
    }
}

/// <summary>A page of rows, and the total beside them.</summary>
/// <param name="Data">The groups with a holding, in the order of their codes.</param>
/// <param name="Totals">The whole query, each holding once.</param>
/// <param name="Meta">How many groups there are, and what was noticed.</param>
/// <param name="Links">This page and the next.</param>
public sealed record CompletenessPage(
    IReadOnlyList<CompletenessRow> Data, CompletenessRow Totals, CollectionMeta Meta, CollectionLinks Links);

/// <summary>A declaration that is expected and was not submitted.</summary>
/// <param name="Landlord">Who is to declare.</param>
/// <param name="Qpv">Where.</param>
/// <param name="Year">For which year.</param>
/// <param name="Dwellings">Dwellings of the holding on 1 January.</param>
/// <param name="Abatement">Property tax saved, EUR.</param>
/// <param name="DueOn">Last day to submit in time; null where the year has no campaign.</param>
/// <param name="State">NONE or DRAFT: what there is instead; null for reviewers, who do not see drafts.</param>
public sealed record MissingDeclaration(
    SirenAndName Landlord, CodeAndName Qpv, int Year, int Dwellings, decimal Abatement, DateOnly? DueOn, MissingState? State)
{
    internal static readonly Columns<MissingDeclaration> Columns = new()
    {
        { "landlord_siren", "siren_bailleur", m => m.Landlord.Siren }, { "landlord_name", "nom_bailleur", m => m.Landlord.Name },
        { "qpv_code", "code_qpv", m => m.Qpv.Code }, { "qpv_name", "nom_qpv", m => m.Qpv.Name }, { "year", "annee", m => m.Year },
        { "dwellings", "logements", m => m.Dwellings }, { "abatement", "abattement", m => m.Abatement },
        { "due_on", "echeance", m => m.DueOn },
        { "state", "etat", m => m.State },
    };
}

/// <summary>What there is instead of a submitted declaration.</summary>
public enum MissingState
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>A draft.</summary>
    Draft,
}

/// <summary>What rows may be grouped by.</summary>
internal enum CompletenessDimension
{
    Landlord,
    Department,
    Epci,
    Year,
}
