using System.Linq.Expressions;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Landlords;

/// <summary>A social landlord.</summary>
/// <param name="Siren">SIREN, nine digits.</param>
/// <param name="Name">Its present name.</param>
/// <param name="Family">OPH, ESH, COOP, SEM or OTHER.</param>
/// <param name="ActiveFrom">First year of activity; null where open.</param>
/// <param name="ActiveTo">Last year of activity; null where open.</param>
/// <param name="SuccessorSiren">SIREN of the landlord that took over from it.</param>
/// <param name="Version">Its version, as in the ETag.</param>
public sealed record LandlordResponse(
    string Siren, string Name, LandlordFamily Family, int? ActiveFrom, int? ActiveTo, string? SuccessorSiren, int Version)
{
    internal static readonly Expression<Func<Landlord, LandlordResponse>> From =
        l => new(l.Siren, l.Name, l.Family, l.ActiveFrom, l.ActiveTo, l.SuccessorSiren, l.Version);

    internal static readonly Columns<LandlordResponse> Columns = new()
    {
        { "siren", l => l.Siren }, { "name", "nom", l => l.Name }, { "family", "famille", l => l.Family },
        { "active_from", "actif_depuis", l => l.ActiveFrom }, { "active_to", "actif_jusqu_a", l => l.ActiveTo },
        { "successor_siren", "siren_successeur", l => l.SuccessorSiren },
    };
}

/// <summary>What a landlord is to become, as a whole.</summary>
/// <param name="Name">Its name, 1 to 200 characters.</param>
/// <param name="Family">OPH, ESH, COOP, SEM or OTHER.</param>
/// <param name="ActiveFrom">First year of activity; null where open.</param>
/// <param name="ActiveTo">Last year of activity; null where open.</param>
/// <param name="SuccessorSiren">SIREN of the landlord that took over from it.</param>
[Example("""{ "name": "Bailleur fictif Nord 1 (OPH)", "family": "OPH", "activeFrom": null, "activeTo": null, "successorSiren": null }""")]
public sealed record PutLandlord(
    string? Name, LandlordFamily? Family, int? ActiveFrom = null, int? ActiveTo = null, string? SuccessorSiren = null)
{
    internal sealed class Validator : AbstractValidator<PutLandlord>
    {
        public Validator()
        {
            RuleFor(l => l.Name).Must(name => !string.IsNullOrWhiteSpace(name) && name.Length <= 200 && !name.Contains('\0'))
                .Says("NAME_INVALID", "Give a name of 1 to 200 characters.", "Donnez un nom de 1 à 200 caractères.");
            RuleFor(l => l.Family).NotNull().Says(
                "FAMILY_REQUIRED", "Give a family: OPH, ESH, COOP, SEM or OTHER.", "Donnez une famille : OPH, ESH, COOP, SEM ou OTHER.");
            RuleFor(l => l.ActiveFrom).InclusiveBetween(1800, 2100)
                .Says("YEAR_INVALID", "A year is from 1800 to 2100.", "Une année va de 1800 à 2100.");
            RuleFor(l => l.ActiveTo).InclusiveBetween(1800, 2100)
                .Says("YEAR_INVALID", "A year is from 1800 to 2100.", "Une année va de 1800 à 2100.");
            RuleFor(l => l.ActiveTo).Must((landlord, last) => last is null || landlord.ActiveFrom is null || landlord.ActiveFrom <= last)
                .Says("ACTIVE_YEARS_REVERSED", "activeTo is not before activeFrom.", "activeTo n'est pas avant activeFrom.");
            RuleFor(l => l.SuccessorSiren).Must(siren => siren is null || Siren.IsValid(siren))
                .Says("SIREN_INVALID", "A SIREN has nine digits, the last a Luhn check digit.",
                    "Un SIREN a neuf chiffres, le dernier étant une clé de Luhn.");
        }
    }
}

/// <summary>Which landlords: comma is OR inside a filter, filters combine with AND.</summary>
/// <param name="Q">Words of the name; accents and case are ignored.</param>
/// <param name="Family">Their families.</param>
/// <param name="Department">Codes of départements where they have holdings, in any year.</param>
/// <param name="Commune">INSEE codes of communes where they do.</param>
/// <param name="Qpv">Codes of QPVs where they do.</param>
internal sealed record LandlordFilter(
    One<string, WordsForm>? Q, Many<LandlordFamily, EnumForm<LandlordFamily>>? Family, Many<string, DepartmentForm>? Department,
    Many<string, CommuneForm>? Commune, Many<string, QpvForm>? Qpv) : IUrlParameters;
