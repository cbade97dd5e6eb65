using Microsoft.EntityFrameworkCore;

namespace GuspApi.Http;

/// <summary>Reads one page of a collection, and notices the codes of its filters that do not exist.</summary>
internal sealed class Listing(Snapshot snapshot)
{
    private readonly List<string> warnings = [];

    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>A well-formed code that nothing bears gives no rows, and a line in <c>meta.warnings</c>.</summary>
    public async Task<Listing> WarnAsync(string parameter, IReadOnlyList<string>? codes, IQueryable<string> known, CancellationToken ct)
    {
        if (codes is not { Count: > 0 })
            return this;
        var found = await known.Where(code => codes.Contains(code)).ToListAsync(ct);
        warnings.AddRange(codes.Except(found).Select(code => $"{parameter}: {code} does not exist."));
        return this;
    }

    /// <summary>
    /// Counts <paramref name="all"/>, what the filters select, and reads the page from <paramref name="rest"/>: of it what follows the
    /// cursor, in the order of the unique <paramref name="key"/>.
    /// </summary>
    public async Task<Collection<T>> ToAsync<TRow, T>(
        Page page, IQueryable<TRow> all, IQueryable<T> rest, Func<T, string[]> key, CancellationToken ct)
    {
        var total = await all.LongCountAsync(ct);
        var rows = await rest.Take(page.Limit + 1).ToListAsync(ct);
        return page.Of(rows, total, snapshot.Revision, key, warnings);
    }
}
