using System.Linq.Expressions;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Holdings;

/// <summary>What a landlord has in a QPV in a year. It is also what makes a declaration expected.</summary>
/// <param name="Landlord">The landlord.</param>
/// <param name="Qpv">The QPV.</param>
/// <param name="Year">The year.</param>
/// <param name="Version">Its version, as in the ETag.</param>
/// <param name="Dwellings">Dwellings on 1 January.</param>
/// <param name="AbatedDwellings">Those of them that the abatement concerns, where known.</param>
/// <param name="Abatement">Property tax saved, EUR.</param>
/// <param name="AbatementMethod">NOTICE (the tax notice), ESTIMATE or NONE (no abatement that year).</param>
public sealed record HoldingResponse(
    SirenAndName Landlord, CodeAndName Qpv, int Year, int Version, int Dwellings, int? AbatedDwellings, decimal Abatement,
    AbatementMethod AbatementMethod)
{
    internal static readonly Expression<Func<Holding, HoldingResponse>> From = h => new(
        new SirenAndName(h.Landlord!.Siren, h.Landlord.Name), new CodeAndName(h.Qpv!.Code, h.Qpv.Name), h.Year, h.Version, h.Dwellings,
        h.AbatedDwellings, h.Abatement, h.AbatementMethod);

    internal static readonly Columns<HoldingResponse> Columns = new()
    {
        { "landlord_siren", "siren_bailleur", h => h.Landlord.Siren }, { "year", "annee", h => h.Year },
        { "qpv_code", "code_qpv", h => h.Qpv.Code }, { "dwellings", "logements", h => h.Dwellings },
        { "abatement", "abattement", h => h.Abatement }, { "abated_dwellings", "logements_abattus", h => h.AbatedDwellings },
        { "abatement_method", "methode_abattement", h => h.AbatementMethod },
    };
}

/// <summary>What a holding is to become, as a whole.</summary>
/// <param name="Dwellings">Dwellings on 1 January, 0 to 1 000 000.</param>
/// <param name="Abatement">Property tax saved, EUR, 0 to 1 000 000 000, two decimals.</param>
/// <param name="AbatedDwellings">Those of the dwellings that the abatement concerns, where known.</param>
/// <param name="AbatementMethod">NOTICE when absent; NONE goes with an abatement of 0.</param>
[Example("""{ "dwellings": 120, "abatedDwellings": 118, "abatement": 21480.50, "abatementMethod": "NOTICE" }""")]
public sealed record PutHolding(
    int? Dwellings, decimal? Abatement, int? AbatedDwellings = null, AbatementMethod AbatementMethod = AbatementMethod.Notice)
{
    internal sealed class Validator : AbstractValidator<PutHolding>
    {
        public Validator()
        {
            RuleFor(h => h.Dwellings).Must(dwellings => dwellings is >= 0 and <= 1_000_000)
                .Says("DWELLINGS_INVALID", "Give dwellings, a whole number from 0 to 1000000.",
                    "Donnez dwellings, un entier de 0 à 1000000.");
            RuleFor(h => h.Abatement).Must(amount => amount is >= 0 and <= 1_000_000_000 && decimal.Round(amount.Value, 2) == amount)
                .Says("AMOUNT_INVALID", "Give abatement in EUR, from 0 to 1000000000 with at most two decimals.",
                    "Donnez abatement en euros, de 0 à 1000000000 avec au plus deux décimales.");
            RuleFor(h => h.AbatedDwellings).Must((holding, abated) => abated is null || (abated >= 0 && abated <= holding.Dwellings))
                .Says("ABATED_DWELLINGS_INVALID", "abatedDwellings is from 0 to dwellings.", "abatedDwellings va de 0 à dwellings.");
            RuleFor(h => h.Abatement).Must((holding, amount) => holding.AbatementMethod != AbatementMethod.None || amount is null or 0)
                .Says("ABATEMENT_WITHOUT_METHOD", "With abatementMethod NONE the abatement is 0.",
                    "Avec abatementMethod NONE l'abattement est 0.");
        }
    }
}

internal sealed record HoldingFilter(
    Many<string, SirenForm>? Landlord, Many<string, QpvForm>? Qpv, Many<string, DepartmentForm>? Department,
    Many<string, CommuneForm>? Commune,
    Many<string, EpciForm>? Epci, Many<short, YearForm>? Year) : IUrlParameters;
