using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Http;

/// <summary>
/// Answers with a collection, a page of it or all of it as a file, and notices the codes of its filters that do not exist.
/// </summary>
internal sealed class Listing(Snapshot snapshot, IHttpContextAccessor accessor)
{
    private readonly List<string> warnings = [];

    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>Whether all rows are asked for: a file has no pages unless a limit is given.</summary>
    public bool IsWhole => Representation.Of(accessor.HttpContext!).IsFile && !accessor.HttpContext!.Request.Query.ContainsKey("limit");

    public TableFormat Format => Representation.Of(accessor.HttpContext!).Format;

    /// <summary>A well-formed code that nothing bears gives no rows, and a line in <c>meta.warnings</c>.</summary>
    public async Task<Listing> WarnAsync(string parameter, IReadOnlyList<string>? codes, IQueryable<string> known, CancellationToken ct)
    {
        if (codes is not { Count: > 0 })
            return this;
        var found = await known.Where(code => codes.Contains(code)).ToListAsync(ct);
        var language = RequestLanguage.Of(accessor.HttpContext!.Request);
        warnings.AddRange(codes.Except(found).Select(code =>
            new Text($"{parameter}: {code} does not exist.", $"{parameter} : {code} n'existe pas.").In(language)));
        return this;
    }

    /// <summary>
    /// A page of the collection, or the file that is asked for. <paramref name="all"/> is what the filters select, <paramref name="rest"/>
    /// of it what follows the cursor, in the order of the unique <paramref name="key"/>.
    /// </summary>
    public async Task<IResult> AnswerAsync<TRow, T>(
        Page page, IQueryable<TRow> all, IQueryable<T> rest, Columns<T> columns, Func<T, string[]> key, CancellationToken ct) =>
        IsWhole ? new TableFile<T>(columns, rest.AsAsyncEnumerable()) : Answer(await ToAsync(page, all, rest, key, ct), columns);

    /// <summary>A page that was read, as JSON or as the file that is asked for.</summary>
    public IResult Answer<T>(Collection<T> collection, Columns<T> columns) =>
        Format == TableFormat.Json ? TypedResults.Ok(collection) : new TableFile<T>(columns, collection.Data.ToAsyncEnumerable());

    /// <summary>Counts <paramref name="all"/>, and reads the page from <paramref name="rest"/>.</summary>
    public async Task<Collection<T>> ToAsync<TRow, T>(
        Page page, IQueryable<TRow> all, IQueryable<T> rest, Func<T, string[]> key, CancellationToken ct)
    {
        var total = await all.LongCountAsync(ct);
        var rows = await rest.Take(page.Limit + 1).ToListAsync(ct);
        return page.Of(rows, total, snapshot.Revision, key, warnings);
    }
}
