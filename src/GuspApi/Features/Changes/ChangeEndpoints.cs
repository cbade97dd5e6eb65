using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Features.Changes;

/// <summary>What changed, so that copies keep in step.</summary>
internal static class ChangeEndpoints
{
    public static void MapChanges(this RouteGroupBuilder api) =>
        api.MapGet("/changes", List).WithName("ListChanges").Gives("TOO_MANY_WAITING").WithTags("Changes")
            .RequireAuthorization(Policies.Read).Produces<ChangePage>();

    /// <summary>Every write that the caller may know of, in the order of the writes, each once, without gaps, deletions included.</summary>
    /// <remarks>
    /// Follow links.next for ever: it goes on where this page ends, even an empty one. With <c>wait=30</c> an empty answer comes only
    /// after 30 seconds without a write, so a loop without pause is enough. Whoever starts empty and, for each event, keeps
    /// <c>object.content</c> of <c>include=object</c>, or drops what it has when that is null, ends with what GET gives it. Contents are
    /// as they stand at meta.revision, not as the event left them: where the object changed again, the later event brings the same or
    /// newer content and supersedes. A version may go down: when a declaration is withdrawn, its reviewer sees the last validated version
    /// again. Names of others, and anomalies, which also depend on holdings, are as they were read; they have events of their own.
    /// <para>
    /// Of declarations a landlord is told everything, a reviewer what happens once they are submitted (<c>declaration.withdrawn</c> when
    /// one goes back to draft), other keys <c>declaration.validated</c> alone.
    /// </para>
    /// </remarks>
    private static async Task<IResult> List(
        [AsParameters] ChangeFilter filter, HttpContext http, Snapshot snapshot, Listing listing, GuspDb db,
        Caller caller, CancellationToken ct)
    {
        var after = filter.After?.Value ?? ChangePlace.Start;
        if (after.Revision > snapshot.Revision)
            return Ahead(http.Request.Query["after"].ToString());
        await listing.WarnAsync("landlord", filter.Landlord?.Values, db.Landlords.Select(l => l.Siren), ct);
        await listing.WarnAsync("department", filter.Department?.Values, db.Departments.Select(d => d.Code), ct);

        var limit = filter.Limit?.Value ?? LimitForm.Default;
        var (events, end) = await new ChangeReader((NpgsqlConnection)db.Database.GetDbConnection(), caller)
            .AfterAsync(after, filter, limit, snapshot.Revision, ct);
        if (filter.Include is not null)
            events = await new ChangedObjects(db, caller, http).FillAsync(events, ct);

        var next = Next(http.Request, end);
        http.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        return TypedResults.Ok(new ChangePage(
            events, new(limit, end == ChangePlace.EndOf(snapshot.Revision), snapshot.Revision, listing.Warnings),
            new(http.Request.Path + http.Request.QueryString, next)));
    }

    private static string Next(HttpRequest request, ChangePlace end) => QueryHelpers.AddQueryString(
        request.Path,
        request.Query.Where(pair => pair.Key != "after").Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()))
            .Append(new("after", end.ToString())));

    /// <summary>What was told and then lost, by a restore, cannot be taken back event by event.</summary>
    private static Problem Ahead(string after) => Problems.InvalidParameters([ApiError.OfParameter("CURSOR_AHEAD",
        new("This cursor is ahead of the database, which was restored to an earlier state. Start anew without after, into an empty copy.",
            "Ce curseur est en avance sur la base, revenue à un état antérieur. Recommencez sans after, dans une copie vide."),
        "after", after, ChangePlaceForm.Expected)]);
}
