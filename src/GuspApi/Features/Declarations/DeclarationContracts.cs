using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Declarations;

/// <summary>What a landlord spent in a QPV in a year, at one version.</summary>
/// <param name="Landlord">The landlord.</param>
/// <param name="Qpv">The priority neighbourhood.</param>
/// <param name="Year">Year of the expense.</param>
/// <param name="Version">Version shown; its ETag is <c>"v" + version</c>.</param>
/// <param name="Status">DRAFT, SUBMITTED, CHANGES_REQUESTED or VALIDATED.</param>
/// <param name="Totals">Sums of the lines, EUR.</param>
/// <param name="Anomalies">
/// What a reviewer should look at; ERROR ones prevent the submission. Empty for callers who may not see them.
/// </param>
/// <param name="AllowedActions">
/// The steps that this caller may take now: save, submit, validate, request-changes, reopen, delete; justify where a warning stands.
/// </param>
/// <param name="LastAction">The step that made this version.</param>
/// <param name="Comment">What was said with that step.</param>
/// <param name="UpdatedAt">When this version was accepted (UTC).</param>
/// <param name="UpdatedBy">Who wrote it.</param>
/// <param name="ValidatedVersion">The version that published figures count, if any.</param>
/// <param name="Late">
/// Whether it was first submitted after the campaign's due day; null when it never was, or when the year has no campaign.
/// </param>
/// <param name="Lines">The lines, in the sender's order; null in lists without <c>include=lines</c>.</param>
public sealed record DeclarationResponse(
    DeclarationLandlord Landlord, DeclarationQpv Qpv, int Year, int Version, DeclarationStatus Status, DeclarationTotals Totals,
    IReadOnlyList<AnomalyResponse> Anomalies, IReadOnlyList<string> AllowedActions, DeclarationAction LastAction, string? Comment,
    DateTime? UpdatedAt, string UpdatedBy, int? ValidatedVersion, bool? Late, IReadOnlyList<LineResponse>? Lines);

/// <summary>
/// A rule of <c>/v1/rules</c> that the declaration breaks, as judged when it, or what it is compared with, was last written.
/// </summary>
/// <param name="Code">Code of the rule.</param>
/// <param name="Severity">ERROR prevents the submission, WARNING is worth a look.</param>
/// <param name="Message">What is wrong, in the caller's language.</param>
/// <param name="Pointer">Where: <c>/lines/3/valued</c>, or a field of the whole.</param>
/// <param name="Value">What was found.</param>
/// <param name="Expected">What would have been accepted.</param>
/// <param name="Justification">Why its declarer finds it right; null when nothing was said.</param>
public sealed record AnomalyResponse(
    string Code, Severity Severity, string Message, string Pointer, string? Value, string? Expected, JustificationResponse? Justification);

/// <param name="Comment">What the declarer said.</param>
/// <param name="By">Who said it.</param>
/// <param name="At">When (UTC).</param>
public sealed record JustificationResponse(string Comment, string By, DateTime? At);

/// <param name="Siren">SIREN of the landlord.</param>
/// <param name="Name">Its name today.</param>
public sealed record DeclarationLandlord(string Siren, string Name);

/// <param name="Code">Code of the QPV.</param>
/// <param name="Name">Its name today.</param>
/// <param name="Department">Code of its département.</param>
public sealed record DeclarationQpv(string Code, string Name, string Department);

/// <param name="Lines">Number of lines.</param>
/// <param name="Planned">EUR.</param>
/// <param name="Actual">EUR: the expense.</param>
/// <param name="Valued">EUR charged to the abatement.</param>
/// <param name="LandlordFunding">EUR.</param>
/// <param name="OtherFunding">EUR.</param>
public sealed record DeclarationTotals(
    int Lines, decimal Planned, decimal Actual, decimal Valued, decimal LandlordFunding, decimal OtherFunding);

/// <summary>One action and what it cost.</summary>
/// <param name="Ref">The sender's reference, unique in the declaration.</param>
/// <param name="Axis">Axis of the national framework, 1 to 8.</param>
/// <param name="Action">Label.</param>
/// <param name="Family">REINFORCEMENT or SPECIFIC.</param>
/// <param name="Planned">EUR planned.</param>
/// <param name="Actual">EUR spent.</param>
/// <param name="Valued">EUR charged to the abatement.</param>
/// <param name="LandlordFunding">EUR paid by the landlord.</param>
/// <param name="OtherFunding">EUR paid by others.</param>
/// <param name="QuantitativeReview">Quantitative review.</param>
/// <param name="QualitativeReview">Qualitative review.</param>
public sealed record LineResponse(
    string Ref, int Axis, string Action, LineFamily Family, decimal? Planned, decimal Actual, decimal? Valued,
    decimal? LandlordFunding, decimal? OtherFunding, string? QuantitativeReview, string? QualitativeReview);

/// <summary>What a PUT with <c>dryRun=true</c> would do.</summary>
/// <param name="DryRun">Always true: nothing was written.</param>
/// <param name="Outcome">created, updated or unchanged.</param>
/// <param name="Anomalies">What would be shown as anomalies.</param>
public sealed record DeclarationForecast(bool DryRun, string Outcome, IReadOnlyList<ApiError> Anomalies);

/// <summary>One version ever accepted.</summary>
/// <param name="Version">Number.</param>
/// <param name="Status">State it led to.</param>
/// <param name="Action">Step that made it.</param>
/// <param name="Comment">What was said with it.</param>
/// <param name="At">When it was accepted (UTC).</param>
/// <param name="By">Who wrote it.</param>
/// <param name="RequestId">Request that wrote it.</param>
/// <param name="Revision">Its place in the order of all writes.</param>
/// <param name="Href">Path of the version.</param>
public sealed record VersionResponse(
    int Version, DeclarationStatus Status, DeclarationAction Action, string? Comment, DateTime? At, string By, string? RequestId,
    long? Revision, string Href);

/// <summary>What became of each declaration of a step for many. All that can take the step take it in one transaction.</summary>
/// <param name="Data">An answer per declaration that the filters select.</param>
/// <param name="Meta">How many took the step.</param>
public sealed record StepsResponse(IReadOnlyList<StepResponse> Data, StepsMeta Meta);

/// <param name="Total">Declarations selected.</param>
/// <param name="Done">Those that took the step.</param>
/// <param name="Refused">Those that did not, and stay as they were.</param>
public sealed record StepsMeta(int Total, int Done, int Refused);

/// <param name="Key">siren/year/qpvCode.</param>
/// <param name="Href">Path of the declaration.</param>
/// <param name="Outcome">done or refused.</param>
/// <param name="Version">Version now.</param>
/// <param name="Status">State now.</param>
/// <param name="Problem">Why it was refused.</param>
public sealed record StepResponse(string Key, string Href, string Outcome, int Version, DeclarationStatus Status, StepRefusal? Problem);

/// <param name="Status">HTTP status the single step would have answered.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Detail">What was wrong and what to do.</param>
/// <param name="AllowedActions">The steps allowed from its state.</param>
/// <param name="Errors">Broken rules.</param>
public sealed record StepRefusal(
    int Status, string Code, string Detail, IReadOnlyList<string> AllowedActions, IReadOnlyList<ApiError> Errors);

/// <summary>Body of a PUT.</summary>
/// <param name="Lines">All the lines the declaration is to have; none is allowed.</param>
[Example(
    """{ "lines": [{ "ref": "A1", "axis": 3, "action": "Nettoyage renforcé des halls", "family": "REINFORCEMENT", "planned": 20000, "actual": 24000.50, "valued": 24000.50, "qualitativeReview": "Passages quotidiens." }] }""")]
public sealed record DeclarationLines(IReadOnlyList<LineResponse> Lines);

/// <summary>Body of a step, optional but for reopen.</summary>
/// <param name="Comment">Why; at most 5000 characters.</param>
[Example("""{ "comment": "Vu avec le bailleur." }""")]
public sealed record StepComment(string? Comment);

/// <summary>Body of a justification.</summary>
/// <param name="Comment">Why the figure is right; at most 5000 characters.</param>
[Example("""{ "comment": "Deux résidences ont été démolies en mars." }""")]
public sealed record JustificationComment(string Comment);
