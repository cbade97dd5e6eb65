namespace GuspApi.Model;

/// <summary>Where a declaration stands. DELETED is the tombstone of a draft: its versions stay, reads skip it.</summary>
public enum DeclarationStatus
{
    Draft,
    Submitted,
    ChangesRequested,
    Validated,
    Deleted,
}

/// <summary>The step that made a version of a declaration.</summary>
public enum DeclarationAction
{
    Saved,
    Submitted,
    Validated,
    ChangesRequested,
    Reopened,
    Deleted,
    Justified,
}

/// <summary>The states of a declaration and the steps between them. Saving is ruled here too, since it may move a submitted one.</summary>
internal static class DeclarationWorkflow
{
    /// <summary>The state a step leads to, or null when it is forbidden from there.</summary>
    public static DeclarationStatus? Next(DeclarationStatus from, DeclarationAction action) => (from, action) switch
    {
        (DeclarationStatus.Draft or DeclarationStatus.ChangesRequested, DeclarationAction.Submitted) => DeclarationStatus.Submitted,
        (DeclarationStatus.Submitted, DeclarationAction.Validated) => DeclarationStatus.Validated,
        (DeclarationStatus.Submitted, DeclarationAction.ChangesRequested) => DeclarationStatus.ChangesRequested,
        (DeclarationStatus.Validated, DeclarationAction.Reopened) => DeclarationStatus.ChangesRequested,
        (DeclarationStatus.Draft, DeclarationAction.Deleted) => DeclarationStatus.Deleted,
        (DeclarationStatus.Draft or DeclarationStatus.ChangesRequested, DeclarationAction.Saved) => from,
        (DeclarationStatus.Submitted or DeclarationStatus.Deleted, DeclarationAction.Saved) => DeclarationStatus.Draft,
        (DeclarationStatus.Draft or DeclarationStatus.ChangesRequested or DeclarationStatus.Submitted, DeclarationAction.Justified) => from,
        _ => null,
    };

    /// <summary>
    /// The steps allowed from a state. Only a draft that was never submitted may be deleted; a justification is of one anomaly, no step.
    /// </summary>
    public static IEnumerable<DeclarationAction> Allowed(DeclarationStatus from, bool everSubmitted) =>
        Enum.GetValues<DeclarationAction>()
            .Where(action => action != DeclarationAction.Justified && Next(from, action) is not null
                && !(action == DeclarationAction.Deleted && everSubmitted));

    /// <summary>The name of a step in URLs and in <c>allowedActions</c>.</summary>
    public static string Name(DeclarationAction action) => action switch
    {
        DeclarationAction.Saved => "save",
        DeclarationAction.Submitted => "submit",
        DeclarationAction.Validated => "validate",
        DeclarationAction.ChangesRequested => "request-changes",
        DeclarationAction.Reopened => "reopen",
        DeclarationAction.Justified => "justify",
        _ => "delete",
    };

    /// <summary>The word for a state in JSON and in the database: <c>CHANGES_REQUESTED</c>.</summary>
    public static string Name(DeclarationStatus status) => status switch
    {
        DeclarationStatus.ChangesRequested => "CHANGES_REQUESTED",
        _ => status.ToString().ToUpperInvariant(),
    };
}
