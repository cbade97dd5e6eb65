using System.Linq.Expressions;
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
/// <param name="State">RECEIVED, VALIDATING, VALIDATED, APPLYING, DONE, DONE_WITH_REJECTS, FAILED, STALE or CANCELLED.</param>
/// <param name="Progress">How far the reading is.</param>
/// <param name="Outcome">Declarations created, updated, unchanged, rejected; rows, for the other datasets. Of a dry run: the forecast.</param>
/// <param name="Errors">Number of errors; <c>links.errors</c> lists them.</param>
/// <param name="Warnings">Number of warnings; they never refuse.</param>
/// <param name="BaseRevision">The last accepted write when the file was received.</param>
/// <param name="Revision">The write this import made; null when it wrote nothing.</param>
/// <param name="Message">Why it failed.</param>
/// <param name="ReceivedAt">Instant of reception.</param>
/// <param name="StartedAt">Instant the work began.</param>
/// <param name="EndedAt">Instant of the final state.</param>
/// <param name="Links">This import and its errors.</param>
public sealed record ImportResponse(
    Guid Id, string Dataset, string Mode, bool Submit, string Atomicity, string State, ImportProgress Progress, ImportOutcome Outcome,
    int Errors, int Warnings, long BaseRevision, long? Revision, string? Message,
    DateTime ReceivedAt, DateTime? StartedAt, DateTime? EndedAt, ImportLinks Links)
{
    internal static ImportResponse From(Import import, long? revision, Language language) => new(
        import.Id, import.Dataset, import.Mode, import.Submit, import.Atomicity, import.State,
        new(import.RowsRead, import.RowsTotal, import.RowsTotal is { } total ? total == 0 ? 100 : (int)Math.Min(100, 100L * import.RowsRead / total) : null),
        new(import.Created, import.Updated, import.Unchanged, import.Rejected),
        import.Errors, import.Warnings, import.BaseRevision, revision,
        import.MessageEn is null ? null : new Text(import.MessageEn, import.MessageFr ?? import.MessageEn).In(language),
        import.ReceivedAt, import.StartedAt, import.EndedAt, new($"/v1/imports/{import.Id}", $"/v1/imports/{import.Id}/errors"));

    /// <summary>Whether the state will not change any more.</summary>
    [JsonIgnore]
    public bool Ended => State is not ("RECEIVED" or "VALIDATING" or "APPLYING");
}

/// <param name="RowsRead">Rows read so far.</param>
/// <param name="RowsTotal">Rows of the file; null until it is read.</param>
/// <param name="Percent">Of the rows; null until the total is known.</param>
public sealed record ImportProgress(int RowsRead, int? RowsTotal, int? Percent);

/// <param name="Created">Created by this import.</param>
/// <param name="Updated">Changed by this import.</param>
/// <param name="Unchanged">Already as the file says: no version, no event.</param>
/// <param name="Rejected">Refused as a whole, because at least one row is wrong.</param>
public sealed record ImportOutcome(int Created, int Updated, int Unchanged, int Rejected);

/// <param name="Self">This import.</param>
/// <param name="ErrorList">What is wrong, row by row.</param>
public sealed record ImportLinks(string Self, [property: JsonPropertyName("errors")] string ErrorList);

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
    int No, int? Line, string? Column, string? Key, string Code, Severity Severity, string Message, string? Value, string? Expected, string? Suggestion)
{
    internal static Expression<Func<ImportError, ImportErrorResponse>> In(bool french) => e => new(
        e.No, e.Line, e.ColumnName, e.ObjectKey, e.Code, e.Severity, french ? e.MessageFr : e.MessageEn, e.Value, e.Expected, e.Suggestion);
}

/// <summary>What is asked of an import, in the URL.</summary>
/// <param name="Dataset">What the file holds.</param>
/// <param name="Mode">apply, or validate: a dry run that writes nothing.</param>
/// <param name="Submit">Whether the declarations are submitted at once.</param>
/// <param name="Atomicity">declaration: each for itself; all: nothing is written when anything is wrong.</param>
/// <param name="Sheet">The sheet of a workbook to read; the one that has the headers unless said.</param>
internal sealed record ImportParameters(
    One<string, DatasetForm>? Dataset, One<string, ModeForm>? Mode, One<bool, BooleanForm>? Submit, One<string, AtomicityForm>? Atomicity,
    One<string, WordsForm>? Sheet) : IUrlParameters;

internal sealed class DatasetForm : IForm<string>
{
    public static string Expected => "declarations, holdings, landlords, qpvs or communes";
    public static string? Example => "declarations";

    public static bool TryRead(string text, out string value) => (value = text) is "declarations" or "holdings" or "landlords" or "qpvs" or "communes";
}

internal sealed class ModeForm : IForm<string>
{
    public static string Expected => "apply or validate";

    public static bool TryRead(string text, out string value) => (value = text) is "apply" or "validate";
}

internal sealed class AtomicityForm : IForm<string>
{
    public static string Expected => "declaration or all";

    public static bool TryRead(string text, out string value) => (value = text) is "declaration" or "all";
}
