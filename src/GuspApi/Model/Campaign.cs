using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GuspApi.Model;

/// <summary>How far a campaign is on a day.</summary>
public enum CampaignState
{
    /// <summary>Not open yet.</summary>
    Upcoming,
    /// <summary>Up to its due day, included.</summary>
    Open,
    /// <summary>Past its due day: what is submitted now is marked late.</summary>
    Late,
    /// <summary>Past its last day: landlords write no more, but what a reviewer sends back.</summary>
    Closed,
}

/// <summary>
/// When the declarations of a year are made: whole days in Paris, the last included. What they mean for a declaration stands in
/// <c>Database/Sql/21_campaign.sql</c>. A year without one has no restriction.
/// </summary>
internal sealed class Campaign
{
    public short Year { get; init; }
    public DateOnly OpensOn { get; set; }
    public DateOnly DueOn { get; set; }
    public DateOnly? ClosesOn { get; set; }
    public int Version { get; set; }

    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    /// <summary>The day it is in Paris.</summary>
    public static DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), Paris).DateTime);

    public static CampaignState StateOn(DateOnly day, DateOnly opensOn, DateOnly dueOn, DateOnly? closesOn) =>
        day < opensOn ? CampaignState.Upcoming
        : day > closesOn ? CampaignState.Closed
        : day > dueOn ? CampaignState.Late
        : CampaignState.Open;

    internal sealed class Mapping : IEntityTypeConfiguration<Campaign>
    {
        public void Configure(EntityTypeBuilder<Campaign> campaign)
        {
            campaign.HasKey(c => c.Year);
            campaign.Property(c => c.Year).ValueGeneratedNever();
            campaign.Property(c => c.Version).IsConcurrencyToken();
            campaign.ToTable(t =>
            {
                t.HasCheckConstraint("ck_campaign_year", "year between 2015 and 2100");
                t.HasCheckConstraint("ck_campaign_days", "opens_on <= due_on and due_on <= closes_on");
                t.HasCheckConstraint("ck_campaign_version", "version > 0");
            });
        }
    }
}
