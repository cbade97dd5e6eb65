namespace GuspApi.Model;

/// <summary>From where on a figure is worth a second look. Warnings only; shares are of 1.</summary>
internal static class DeclarationThresholds
{
    public const string ValuedOffAbatement = "0.05";
    public const string ExpensePerDwellingMinimum = "50";
    public const string ExpensePerDwellingMaximum = "600";
    public const string ExpensePerDwellingChange = "0.50";
    public const string DwellingsChange = "0.10";
    public const string FundingGap = "0.01";
}
