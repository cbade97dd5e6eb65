namespace GuspApi.Features.Declarations;

/// <summary>What changed between two versions of a declaration, line by line.</summary>
/// <param name="From">The earlier version, or the one compared with.</param>
/// <param name="To">The later version.</param>
/// <param name="Totals">Sums of both, and the difference, EUR.</param>
/// <param name="Lines">The lines that differ: added, removed or changed; lines that are the same are counted alone.</param>
/// <param name="Unchanged">How many lines are the same in both.</param>
public sealed record DiffResponse(DiffSide From, DiffSide To, DiffTotals Totals, IReadOnlyList<LineDiff> Lines, int Unchanged);

/// <param name="Version">Number.</param>
/// <param name="Status">State it led to.</param>
/// <param name="Action">Step that made it.</param>
/// <param name="Comment">What was said with it.</param>
/// <param name="At">When it was accepted (UTC).</param>
/// <param name="By">Who wrote it.</param>
/// <param name="Href">Path of the version.</param>
public sealed record DiffSide(
    int Version, Model.DeclarationStatus Status, Model.DeclarationAction Action, string? Comment, DateTime? At, string By, string Href);

/// <param name="Before">Sums of <c>from</c>.</param>
/// <param name="After">Sums of <c>to</c>.</param>
/// <param name="Difference">After less before.</param>
public sealed record DiffTotals(DeclarationTotals Before, DeclarationTotals After, DeclarationTotals Difference);

/// <summary>A line that differs.</summary>
/// <param name="Ref">The sender's reference, the same in both versions.</param>
/// <param name="Change">added, removed or changed.</param>
/// <param name="Fields">What changed, by name of field; <c>position</c> where the line moved among those that both versions have.</param>
/// <param name="Before">The line in <c>from</c>; null when it was added.</param>
/// <param name="After">The line in <c>to</c>; null when it was removed.</param>
public sealed record LineDiff(string Ref, string Change, IReadOnlyList<string> Fields, LineResponse? Before, LineResponse? After);

/// <summary>Compares two versions of a declaration.</summary>
internal static class DeclarationDiff
{
    /// <summary>The fields of a line that an amendment can change.</summary>
    private static readonly (string Name, Func<LineResponse, object?> Value)[] Fields =
    [
        ("axis", l => l.Axis), ("action", l => l.Action), ("family", l => l.Family), ("planned", l => l.Planned), ("actual", l => l.Actual),
        ("valued", l => l.Valued), ("landlordFunding", l => l.LandlordFunding), ("otherFunding", l => l.OtherFunding),
        ("quantitativeReview", l => l.QuantitativeReview), ("qualitativeReview", l => l.QualitativeReview),
    ];

    public static DiffResponse Of(DeclarationResponse from, DeclarationResponse to)
    {
        var (before, after) = (from.Lines!.ToDictionary(line => line.Ref), to.Lines!.ToDictionary(line => line.Ref));
        var common = from.Lines!.Where(line => after.ContainsKey(line.Ref)).Select((line, place) => (line.Ref, place)).ToDictionary();
        var moved = to.Lines!.Where(line => before.ContainsKey(line.Ref)).Where((line, place) => common[line.Ref] != place)
            .Select(line => line.Ref).ToHashSet();

        var lines = from.Lines!.Where(line => !after.ContainsKey(line.Ref))
            .Select(line => new LineDiff(line.Ref, "removed", [], line, null))
            .Concat(to.Lines!.Select(line => before.TryGetValue(line.Ref, out var old)
                ? new LineDiff(line.Ref, "changed",
                    [.. Changed(old, line), .. moved.Contains(line.Ref) ? ["position"] : Array.Empty<string>()], old, line)
                : new LineDiff(line.Ref, "added", [], null, line)))
            .Where(line => line.Change != "changed" || line.Fields.Count > 0).ToList();
        return new(Side(from), Side(to), new(from.Totals, to.Totals, Less(to.Totals, from.Totals)), lines,
            common.Count - lines.Count(line => line.Change == "changed"));
    }

    private static IEnumerable<string> Changed(LineResponse before, LineResponse after) =>
        Fields.Where(field => !Equals(field.Value(before), field.Value(after))).Select(field => field.Name);

    private static DiffSide Side(DeclarationResponse d) => new(
        d.Version, d.Status, d.LastAction, d.Comment, d.UpdatedAt, d.UpdatedBy,
        $"/v1/declarations/{d.Landlord.Siren}/{d.Year}/{d.Qpv.Code}/versions/{d.Version}");

    private static DeclarationTotals Less(DeclarationTotals a, DeclarationTotals b) => new(
        a.Lines - b.Lines, a.Planned - b.Planned, a.Actual - b.Actual, a.Valued - b.Valued,
        a.LandlordFunding - b.LandlordFunding, a.OtherFunding - b.OtherFunding);
}
