using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Changes;

/// <summary>A page of the change feed.</summary>
/// <param name="Data">The events, in the order of the writes.</param>
/// <param name="Meta">Whether this is all there is for now.</param>
/// <param name="Links">This page and the next.</param>
public sealed record ChangePage(IReadOnlyList<ChangeResponse> Data, ChangesMeta Meta, ChangesLinks Links) : IAwaitable
{
    bool IAwaitable.IsEmpty => Data.Count == 0 && Meta.Complete;
    long IAwaitable.Revision => Meta.Revision;
}

/// <param name="Limit">The most a page holds. One may hold less, or nothing, before the end: meta.complete tells the end.</param>
/// <param name="Complete">True when nothing follows for now.</param>
/// <param name="Revision">The last accepted write that the answer, objects included, reflects.</param>
/// <param name="Warnings">What the caller should know, such as a code that does not exist.</param>
public sealed record ChangesMeta(int Limit, bool Complete, long Revision, IReadOnlyList<string> Warnings);

/// <param name="Self">This page.</param>
/// <param name="Next">Where to go on; never null, since there will be more.</param>
public sealed record ChangesLinks(string Self, string Next);

/// <summary>One write of one object.</summary>
/// <param name="Cursor">Its place: <c>after=</c> goes on behind it.</param>
/// <param name="Type">What was done, such as declaration.submitted.</param>
/// <param name="At">When it was accepted (UTC).</param>
/// <param name="Revision">The write that it is part of.</param>
/// <param name="Object">What was written.</param>
public sealed record ChangeResponse(string Cursor, string Type, DateTime At, long Revision, ChangedObject Object);

/// <param name="Type">declaration, holding, landlord, qpv or project.</param>
/// <param name="Key">Its key, as in its path.</param>
/// <param name="Href">Its path.</param>
/// <param name="Version">The version that the write made.</param>
/// <param name="Content">
/// With <c>include=object</c>: what GET on its path gives this caller at meta.revision; null where that is 404, and without
/// <c>include=object</c>.
/// </param>
public sealed record ChangedObject(string Type, string Key, string Href, int Version, object? Content);

/// <summary>Which events.</summary>
/// <param name="After">Behind this place: the cursor of an event or that of links.next. From the first change on when absent.</param>
/// <param name="Types">Events and types of objects.</param>
/// <param name="Landlord">Of the declarations and holdings of these landlords, and of the landlords themselves.</param>
/// <param name="Department">Of the QPVs of these départements, and of the declarations and holdings there.</param>
/// <param name="Include">object: with each event, the object as it stands at meta.revision.</param>
/// <param name="Limit">The most a page holds: 100, if not said.</param>
/// <param name="Wait">How long an answer that would be empty waits for a write.</param>
internal sealed record ChangeFilter(
    One<ChangePlace, ChangePlaceForm>? After, Many<string, ChangeTypeForm>? Types, Many<string, SirenForm>? Landlord,
    Many<string, DepartmentForm>? Department, One<string, IncludedInChangeForm>? Include, One<int, LimitForm>? Limit,
    One<int, WaitForm>? Wait) : IUrlParameters;

/// <summary>
/// A place in the one order of all writes, behind a change. It holds whatever the filters, the key or the instance are; what is seen from
/// there on is decided when it is asked.
/// </summary>
internal readonly record struct ChangePlace(long Revision, long Id)
{
    public static readonly ChangePlace Start = new(0, 0);

    private const string Feed = "changes";

    /// <summary>Behind all of a revision.</summary>
    public static ChangePlace EndOf(long revision) => new(revision, long.MaxValue);

    public override string ToString() =>
        new Cursor([Revision.ToString(CultureInfo.InvariantCulture), Id.ToString(CultureInfo.InvariantCulture)], Feed).ToString();

    public static bool TryRead(string text, out ChangePlace place)
    {
        place = Start;
        if (!Cursor.TryRead(text, out var cursor) || cursor is not { Filters: Feed, After: [var first, var second] }
            || !long.TryParse(first, CultureInfo.InvariantCulture, out var revision)
            || !long.TryParse(second, CultureInfo.InvariantCulture, out var id))
            return false;
        place = new(revision, id);
        return revision >= 0;
    }
}

internal sealed class ChangePlaceForm : IForm<ChangePlace>
{
    public static Text Expected => new("a cursor that this feed gave, unchanged", "un curseur donné par ce flux, inchangé");
    public static string? Pattern => "^[A-Za-z0-9_-]{8,1000}$";
    public static string? Example => ChangePlace.Start.ToString();

    public static bool TryRead(string text, out ChangePlace value) => ChangePlace.TryRead(text, out value);
}

internal sealed class ChangeTypeForm : IForm<string>
{
    private static readonly string[] Types =
    [
        "declaration", "declaration.saved", "declaration.submitted", "declaration.withdrawn", "declaration.changes_requested",
        "declaration.corrected", "declaration.justified", "declaration.validated", "declaration.reopened", "declaration.deleted",
        .. new[] { "holding", "landlord", "qpv", "project" }.SelectMany(
            type => new[] { type, type + ".created", type + ".updated", type + ".deleted" }),
    ];

    public static Text Expected => Text.OneOf(string.Join(", ", Types));
    public static IReadOnlyList<string>? Words => Types;

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Types.Contains(text);
    }
}

internal sealed class IncludedInChangeForm : IForm<string>
{
    public static Text Expected => Text.Alike("object");
    public static IReadOnlyList<string>? Words => ["object"];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text == "object";
    }
}
