using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>An import: what was sent, where it stands, what came of it.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="Dataset">declarations, holdings, landlords, qpvs or communes.</param>
/// <param name="Mode">apply, or validate: a dry run that writes nothing.</param>
/// <param name="Submit">Whether the declarations are submitted at once.</param>
/// <param name="Atomicity">declaration: each for itself; all: nothing is written when anything is wrong.</param>
/// <param name="Sheet">The sheet of a workbook, when one was named.</param>
/// <param name="State">RECEIVED, VALIDATING, VALIDATED, APPLYING, DONE, DONE_WITH_REJECTS, FAILED, STALE or CANCELLED.</param>
/// <param name="Progress">How far the reading is.</param>
/// <param name="Outcome">
/// Declarations created, updated, unchanged, rejected; rows, for the other datasets. Of a dry run: the forecast.
/// </param>
/// <param name="Errors">Number of errors; <c>links.errors</c> lists them.</param>
/// <param name="Warnings">Number of warnings; they never refuse.</param>
/// <param name="BaseRevision">The last accepted write when the file was received.</param>
/// <param name="Revision">The write this import made; null when it wrote nothing.</param>
/// <param name="Message">Why it failed, or was cancelled.</param>
/// <param name="Actor">Who sent it.</param>
/// <param name="RequestId">The X-Request-Id it was sent with.</param>
/// <param name="AppliedBy">Who had its plan carried out, and what it wrote is recorded under; null where it is no plan.</param>
/// <param name="ApplyRequestId">The X-Request-Id of that.</param>
/// <param name="CancelledBy">Who cancelled it.</param>
/// <param name="ReceivedAt">Instant of reception.</param>
/// <param name="StartedAt">Instant the work began.</param>
/// <param name="EndedAt">Instant of the final state.</param>
/// <param name="Links">This import, what is wrong with it, its rejects and, for a dry run, its plan.</param>
public sealed record ImportResponse(
    Guid Id, string Dataset, string Mode, bool Submit, string Atomicity, string? Sheet, string State,
    ImportProgress Progress, ImportOutcome Outcome,
    int Errors, int Warnings, long BaseRevision, long? Revision, string? Message,
    string Actor, string? RequestId, string? AppliedBy, string? ApplyRequestId, string? CancelledBy,
    DateTime ReceivedAt, DateTime? StartedAt, DateTime? EndedAt, ImportLinks Links)
{
    internal static ImportResponse From(Import import, long? revision, Language language) => new(
        import.Id, import.Dataset, import.Mode, import.Submit, import.Atomicity, import.Sheet, import.State,
        new(import.RowsRead, import.RowsTotal, import.Percent), new(import.Created, import.Updated, import.Unchanged, import.Rejected),
        import.Errors, import.Warnings, import.BaseRevision, revision,
        import.MessageEn is null ? null : new Text(import.MessageEn, import.MessageFr ?? import.MessageEn).In(language),
        import.Actor, import.RequestId, import.AppliedBy, import.ApplyRequestId, import.CancelledBy,
        import.ReceivedAt, import.StartedAt, import.EndedAt, ImportLinks.Of(import));

    /// <summary>Whether the state will not change any more.</summary>
    [JsonIgnore]
    public bool Ended => State is not ("RECEIVED" or "VALIDATING" or "APPLYING");
}

/// <param name="RowsRead">Rows read so far; it never goes back.</param>
/// <param name="RowsTotal">Rows of the file; null until it is read to its end.</param>
/// <param name="Percent">Of the whole work, 0 to 100: reading is 60, checking 10, writing 30. 100 when it has ended.</param>
public sealed record ImportProgress(int RowsRead, int? RowsTotal, int Percent);

/// <param name="Created">Created by this import.</param>
/// <param name="Updated">Changed by this import.</param>
/// <param name="Unchanged">Already as the file says: no version, no event.</param>
/// <param name="Rejected">Refused as a whole, because at least one row is wrong.</param>
public sealed record ImportOutcome(int Created, int Updated, int Unchanged, int Rejected);

/// <param name="Self">This import.</param>
/// <param name="ErrorList">What is wrong, row by row.</param>
/// <param name="Rejects">The rejected rows as they were sent; null while there are none.</param>
/// <param name="Changes">What a dry run would change; null for an import that is none.</param>
/// <param name="Apply">Where to apply a dry run (POST); null when it cannot be.</param>
public sealed record ImportLinks(
    string Self, [property: JsonPropertyName("errors")] string ErrorList, string? Rejects, string? Changes, string? Apply)
{
    internal static ImportLinks Of(Import import)
    {
        var self = $"/v1/imports/{import.Id}";
        return new(
            self, $"{self}/errors", import.Rejected > 0 ? $"{self}/rejects" : null,
            import.Plan is null || import.State == "CANCELLED" ? null : $"{self}/changes",
            import.State == "VALIDATED" && (import.Atomicity != "all" || import.Errors == 0) ? $"{self}/apply" : null);
    }
}

/// <summary>What is wrong with a row of a file.</summary>
/// <param name="No">Number of the error in its import.</param>
/// <param name="Line">Line of the file, the header being 1; null when the file as a whole is meant.</param>
/// <param name="Column">Column.</param>
/// <param name="Key">Key of the object, <c>siren/year/qpvCode</c> for declarations.</param>
/// <param name="Code">Stable code of the rule.</param>
/// <param name="Severity">ERROR rejects, WARNING informs.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Value">What the cell holds.</param>
/// <param name="Expected">What would have been accepted.</param>
/// <param name="Suggestion">The mended value, where it is clear.</param>
public sealed record ImportErrorResponse(
    int No, int? Line, string? Column, string? Key, string Code, Severity Severity, string Message, string? Value,
    string? Expected, string? Suggestion)
{
    internal static Expression<Func<ImportError, ImportErrorResponse>> In(bool french) => e => new(
        e.No, e.Line, e.ColumnName, e.ObjectKey, e.Code, e.Severity, french ? e.MessageFr : e.MessageEn, e.Value,
        french ? e.ExpectedFr : e.ExpectedEn, e.Suggestion);

    internal static readonly Columns<ImportErrorResponse> Columns = new()
    {
        { "no", e => e.No }, { "line", e => e.Line }, { "column", e => e.Column }, { "key", e => e.Key }, { "code", e => e.Code },
        { "severity", e => e.Severity }, { "message", e => e.Message }, { "value", e => e.Value }, { "expected", e => e.Expected },
        { "suggestion", e => e.Suggestion },
    };
}

/// <summary>What a dry run would change of one object.</summary>
/// <param name="No">Number of the change in its plan, in the order of keys.</param>
/// <param name="Key">Key of the object, <c>siren/year/qpvCode</c> for declarations and holdings.</param>
/// <param name="Outcome">created or updated.</param>
/// <param name="Before">The object's fields as they stand (of a declaration: its status); null when it is created.</param>
/// <param name="After">The fields as they would be.</param>
/// <param name="Lines">Of a declaration, the lines that would be added, changed or removed; null for other datasets.</param>
public sealed record ImportChangeResponse(
    int No, string Key, string Outcome, IReadOnlyDictionary<string, JsonElement>? Before, IReadOnlyDictionary<string, JsonElement> After,
    IReadOnlyList<ImportLineChange>? Lines)
{
    internal static ImportChangeResponse From(ImportChange change)
    {
        var (before, after) = (change.Before?.RootElement ?? default, change.After.RootElement);
        var lines = after.TryGetProperty("lines", out _) ? ImportLineChange.Between(before, after) : null;
        return new(change.No, change.ObjectKey, change.Outcome, change.Before is null ? null : Fields(before), Fields(after), lines);
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement side) =>
        side.EnumerateObject().Where(field => field.Name != "lines").ToDictionary(field => field.Name, field => field.Value);
}

/// <summary>What a dry run would change of a line.</summary>
/// <param name="Ref">The sender's reference.</param>
/// <param name="Change">added, changed or removed.</param>
/// <param name="Before">The line as it stands; null when it is added.</param>
/// <param name="After">The line as it would be; null when it is removed.</param>
public sealed record ImportLineChange(string Ref, string Change, JsonElement? Before, JsonElement? After)
{
    /// <summary>The lines that differ between two states of a declaration: first in the order of the new one, then those removed.</summary>
    internal static List<ImportLineChange> Between(JsonElement before, JsonElement after)
    {
        var old = before.ValueKind == JsonValueKind.Object
            ? before.GetProperty("lines").EnumerateArray().ToDictionary(line => line.GetProperty("ref").GetString()!)
            : [];
        var changes = new List<ImportLineChange>();
        foreach (var line in after.GetProperty("lines").EnumerateArray())
        {
            var reference = line.GetProperty("ref").GetString()!;
            if (!old.Remove(reference, out var former))
                changes.Add(new(reference, "added", null, line));
            else if (!JsonElement.DeepEquals(former, line))
                changes.Add(new(reference, "changed", former, line));
        }
        changes.AddRange(old.Select(gone => new ImportLineChange(gone.Key, "removed", gone.Value, null)));
        return changes;
    }
}

/// <summary>What is asked of an import, in the URL.</summary>
/// <param name="Dataset">What the file holds.</param>
/// <param name="Mode">apply unless said; validate: a dry run, whose plan is read at /changes and carried out by /apply.</param>
/// <param name="Submit">Whether declarations are submitted too; false unless said.</param>
/// <param name="Atomicity">declaration unless said: what is right is written; all: nothing is, if anything is wrong.</param>
/// <param name="Sheet">Name of the sheet of a workbook; the one with the columns unless said.</param>
internal sealed record ImportParameters(
    One<string, DatasetForm>? Dataset, One<string, ImportModeForm>? Mode, One<bool, BooleanForm>? Submit,
    One<string, ImportAtomicityForm>? Atomicity,
    One<string, WordsForm>? Sheet) : IUrlParameters;

/// <summary>Which imports: by state, dataset and time of reception.</summary>
/// <param name="State">Their states.</param>
/// <param name="Dataset">What their files hold.</param>
/// <param name="ReceivedSince">Received at this instant or later.</param>
/// <param name="ReceivedBefore">Received before this instant.</param>
internal sealed record ImportFilter(
    Many<string, ImportStateForm>? State, Many<string, DatasetForm>? Dataset, One<DateTime, InstantForm>? ReceivedSince,
    One<DateTime, InstantForm>? ReceivedBefore) : IUrlParameters
{
    public IQueryable<Import> Of(IQueryable<Import> imports)
    {
        if (State is { Values: var states })
            imports = imports.Where(import => states.Contains(import.State));
        if (Dataset is { Values: var datasets })
            imports = imports.Where(import => datasets.Contains(import.Dataset));
        if (ReceivedSince is { Value: var since })
            imports = imports.Where(import => import.ReceivedAt >= since);
        return ReceivedBefore is { Value: var before } ? imports.Where(import => import.ReceivedAt < before) : imports;
    }
}

/// <summary>Which errors of an import.</summary>
internal sealed record ImportErrorFilter(Many<Severity, EnumForm<Severity>>? Severity) : IUrlParameters;

internal sealed class ImportStateForm : IForm<string>
{
    public static Text Expected => Text.OneOf(string.Join(", ", Import.States));
    public static IReadOnlyList<string>? Words => [.. Import.States];

    public static bool TryRead(string text, out string value) => Import.States.Contains(value = text);
}

internal sealed class DatasetForm : IForm<string>
{
    public static Text Expected => new(
        "declarations, holdings, landlords, qpvs or communes", "declarations, holdings, landlords, qpvs ou communes");
    public static IReadOnlyList<string>? Words => ["declarations", "holdings", "landlords", "qpvs", "communes"];

    public static bool TryRead(string text, out string value) =>
        (value = text) is "declarations" or "holdings" or "landlords" or "qpvs" or "communes";
}

internal sealed class ImportModeForm : IForm<string>
{
    public static Text Expected => new("apply or validate", "apply ou validate");
    public static IReadOnlyList<string>? Words => ["apply", "validate"];

    public static bool TryRead(string text, out string value) => (value = text) is "apply" or "validate";
}

internal sealed class ImportAtomicityForm : IForm<string>
{
    public static Text Expected => new("declaration or all", "declaration ou all");
    public static IReadOnlyList<string>? Words => ["declaration", "all"];

    public static bool TryRead(string text, out string value) => (value = text) is "declaration" or "all";
}
