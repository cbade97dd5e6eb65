using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Audit;

/// <summary>One write of one object: who, when, from which key, for which request.</summary>
/// <param name="Revision">Its place in the order of all writes; writes of one request share it.</param>
/// <param name="At">When it was accepted (UTC).</param>
/// <param name="Actor">Who wrote: <c>key:…</c>, <c>user:…</c>, bootstrap, development, command line, system.</param>
/// <param name="ActorName">The name of the key, where it was one.</param>
/// <param name="RequestId">The X-Request-Id of the request; of an import: of the one that sent it, or had its plan carried out.</param>
/// <param name="Import">The import that wrote it, where it was one.</param>
/// <param name="Comment">What was said of it: the comment of a step, the reason for a change of a locked holding.</param>
/// <param name="Event">What was done, such as declaration.submitted or key.revoked.</param>
/// <param name="Object">What was written.</param>
public sealed record AuditResponse(
    long Revision, DateTime At, string Actor, string? ActorName, string? RequestId, Guid? Import, string? Comment,
    string Event, AuditObject Object)
{
    internal static Expression<Func<Change, AuditResponse>> From(GuspDb db) => c => new(
        c.ChangeSet!.Revision!.Value, c.ChangeSet.At!.Value, c.ChangeSet.Actor,
        db.ApiKeys.Where(k => "key:" + k.Id == c.ChangeSet.Actor).Select(k => k.Name).FirstOrDefault(),
        c.ChangeSet.RequestId, c.ChangeSet.ImportId, c.ChangeSet.Comment, c.Event,
        new AuditObject(c.ObjectType, c.ObjectKey, c.Version, "/v1/" + c.ObjectType + "s/" + c.ObjectKey));
}

/// <param name="Type">declaration, holding, landlord, qpv, project, campaign, rule or key.</param>
/// <param name="Key">Its key, as in its path.</param>
/// <param name="Version">The version that the write made.</param>
/// <param name="Href">Path of the object.</param>
public sealed record AuditObject(string Type, string Key, int Version, string Href);

/// <summary>Which writes.</summary>
/// <param name="Actor">Of this actor.</param>
/// <param name="ObjectType">Of these types of objects.</param>
/// <param name="Object">Of the object with this key.</param>
/// <param name="RequestId">Of this request.</param>
/// <param name="Import">Of this import.</param>
/// <param name="Since">At this instant or later.</param>
/// <param name="Until">Before this instant.</param>
internal sealed record AuditFilter(
    One<string, WordsForm>? Actor, Many<string, ObjectTypeForm>? ObjectType, One<string, WordsForm>? Object,
    One<string, WordsForm>? RequestId,
    One<Guid, ImportIdForm>? Import, One<DateTime, InstantForm>? Since, One<DateTime, InstantForm>? Until) : IUrlParameters;

internal sealed class ObjectTypeForm : IForm<string>
{
    private static readonly string[] Types = ["declaration", "holding", "landlord", "qpv", "project", "campaign", "rule", "key"];

    public static Text Expected => Text.OneOf(string.Join(", ", Types));
    public static IReadOnlyList<string>? Words => Types;

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Types.Contains(text);
    }
}

internal sealed class ImportIdForm : IForm<Guid>
{
    public static Text Expected => new("the identifier of an import", "l'identifiant d'un import");
    public static string? Example => "0197a4f2-6f0e-7c7e-9d0a-3c1f5b2e8a41";

    public static bool TryRead(string text, out Guid value) => Guid.TryParseExact(text, "D", out value);
}
