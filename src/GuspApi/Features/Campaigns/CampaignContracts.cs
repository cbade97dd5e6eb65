using System.Linq.Expressions;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Campaigns;

/// <summary>When the declarations of a year are made. Days are whole days in Paris, the last included.</summary>
/// <param name="Year">Year of the declarations.</param>
/// <param name="OpensOn">First day on which landlords may write them.</param>
/// <param name="DueOn">Last day to submit in time; what is first submitted later is marked late.</param>
/// <param name="ClosesOn">Last day on which landlords may write them; null for no end.</param>
/// <param name="State">Today: UPCOMING, OPEN, LATE (past the due day) or CLOSED.</param>
/// <param name="Version">Its version, as in the ETag.</param>
public sealed record CampaignResponse(int Year, DateOnly OpensOn, DateOnly DueOn, DateOnly? ClosesOn, CampaignState State, int Version)
{
    internal static Expression<Func<Campaign, CampaignResponse>> On(DateOnly day) =>
        c => new(c.Year, c.OpensOn, c.DueOn, c.ClosesOn, Campaign.StateOn(day, c.OpensOn, c.DueOn, c.ClosesOn), c.Version);

    internal static readonly Columns<CampaignResponse> Columns = new()
    {
        { "year", "annee", c => c.Year }, { "opens_on", "ouvre_le", c => c.OpensOn }, { "due_on", "echeance", c => c.DueOn },
        { "closes_on", "ferme_le", c => c.ClosesOn }, { "state", "etat", c => c.State },
    };
}

/// <summary>What a campaign is to become, as a whole: opensOn ≤ dueOn ≤ closesOn.</summary>
/// <param name="OpensOn">First day on which landlords may write declarations.</param>
/// <param name="DueOn">Last day to submit in time.</param>
/// <param name="ClosesOn">Last day on which landlords may write declarations; null for no end.</param>
[Example("""{ "opensOn": "2024-01-15", "dueOn": "2024-03-31", "closesOn": null }""")]
public sealed record PutCampaign(DateOnly? OpensOn, DateOnly? DueOn, DateOnly? ClosesOn = null)
{
    private static readonly DateOnly First = new(2015, 1, 1);
    private static readonly DateOnly Last = new(2101, 12, 31);

    internal sealed class Validator : AbstractValidator<PutCampaign>
    {
        public Validator()
        {
            RuleFor(c => c.OpensOn).Must(day => day >= First && day <= Last)
                .Says("DAY_INVALID", "Give opensOn, a day from 2015-01-01 to 2101-12-31.",
                    "Donnez opensOn, un jour du 2015-01-01 au 2101-12-31.");
            RuleFor(c => c.DueOn).Must(day => day >= First && day <= Last)
                .Says("DAY_INVALID", "Give dueOn, a day from 2015-01-01 to 2101-12-31.",
                    "Donnez dueOn, un jour du 2015-01-01 au 2101-12-31.");
            RuleFor(c => c.ClosesOn).Must(day => day is null || (day >= First && day <= Last))
                .Says("DAY_INVALID", "closesOn is a day from 2015-01-01 to 2101-12-31, or null.",
                    "closesOn est un jour du 2015-01-01 au 2101-12-31, ou null.");
            RuleFor(c => c.DueOn).Must((campaign, due) => due is null || campaign.OpensOn is null || campaign.OpensOn <= due)
                .Says("DAYS_REVERSED", "dueOn is not before opensOn.", "dueOn n'est pas avant opensOn.");
            RuleFor(c => c.ClosesOn).Must((campaign, closes) => closes is null || campaign.DueOn is null || campaign.DueOn <= closes)
                .Says("DAYS_REVERSED", "closesOn is not before dueOn.", "closesOn n'est pas avant dueOn.");
        }
    }
}
