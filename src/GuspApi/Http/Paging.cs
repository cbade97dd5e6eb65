using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GuspApi.Model;
using Microsoft.AspNetCore.WebUtilities;

namespace GuspApi.Http;

/// <summary>A page of a collection.</summary>
/// <param name="Data">The objects, in the order of their keys unless said otherwise.</param>
/// <param name="Meta">How many there are, and what was noticed.</param>
/// <param name="Links">This page and the next.</param>
public sealed record Collection<T>(IReadOnlyList<T> Data, CollectionMeta Meta, CollectionLinks Links);

/// <param name="Total">How many objects the filters select, over all pages.</param>
/// <param name="Limit">The most a page holds.</param>
/// <param name="Complete">True when this answer holds all of them.</param>
/// <param name="Revision">The last accepted write that the answer reflects.</param>
/// <param name="Warnings">What the caller should know, such as a code that does not exist.</param>
public sealed record CollectionMeta(long Total, int Limit, bool Complete, long Revision, IReadOnlyList<string> Warnings);

/// <param name="Self">This page.</param>
/// <param name="Next">The next page, or null.</param>
public sealed record CollectionLinks(string Self, string? Next);

/// <summary>Where a page begins: the key of the last object of the page before, opaque to callers, bound to its filters.</summary>
internal sealed record Cursor(string[] After, string Filters)
{
    /// <summary>Hides the key and notices a cursor that was cut or altered.</summary>
    public override string ToString()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new[] { Filters }.Concat(After));
        return WebEncoders.Base64UrlEncode([.. SHA256.HashData(bytes).AsSpan(0, 4), .. bytes]);
    }

    public static bool TryRead(string text, [MaybeNullWhen(false)] out Cursor cursor)
    {
        cursor = null;
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(text);
            if (bytes.Length < 6 || !SHA256.HashData(bytes.AsSpan(4)).AsSpan(0, 4).SequenceEqual(bytes.AsSpan(0, 4)))
                return false;
            var parts = JsonSerializer.Deserialize<string[]>(bytes.AsSpan(4));
            if (parts is not { Length: > 1 })
                return false;
            cursor = new Cursor(parts[1..], parts[0]);
            return true;
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            return false;
        }
    }
}

internal sealed class CursorForm : IForm<Cursor>
{
    public static Text Expected => new(
        "the cursor of links.next, unchanged and with the same filters", "le curseur de links.next, inchangé et avec les mêmes filtres");
    public static string? Pattern => "^[A-Za-z0-9_-]{8,1000}$";
    public static string? Example => new Cursor(["59350"], "0123456789AB").ToString();

    public static bool TryRead(string text, [MaybeNullWhen(false)] out Cursor value) => Cursor.TryRead(text, out value);
}

/// <summary>Which page is asked for: <c>limit</c> and <c>cursor</c> of the query, read once the filter has passed them.</summary>
internal sealed class Page
{
    private readonly HttpRequest request;

    private Page(HttpRequest request)
    {
        this.request = request;
        Limit = request.Query.TryGetValue("limit", out var limit) && LimitForm.TryRead(limit.ToString(), out var read)
            ? read
            : LimitForm.Default;
        if (request.Query.TryGetValue("cursor", out var text) && Cursor.TryRead(text.ToString(), out var cursor))
            After = cursor.After;
    }

    public int Limit { get; }

    /// <summary>Key of the last object already seen, part by part; null on the first page.</summary>
    public string[]? After { get; }

    public static ValueTask<Page> BindAsync(HttpContext http) => ValueTask.FromResult(new Page(http.Request));

    /// <summary>
    /// The page, of rows read in keyset order: hand <see cref="Limit"/> + 1 of them. <paramref name="key"/> gives the unique key,
    /// part by part, as <see cref="After"/> will bring it back.
    /// </summary>
    public Collection<T> Of<T>(IReadOnlyList<T> rows, long total, long revision, Func<T, string[]> key,
        IEnumerable<string>? warnings = null)
    {
        var data = rows.Count > Limit ? [.. rows.Take(Limit)] : rows;
        var next = rows.Count > Limit ? NextPath(key(data[^1])) : null;
        if (next is not null)
            request.HttpContext.Response.Headers.Append("Link", $"<{next}>; rel=\"next\"");
        return new(data, new(total, Limit, next is null && After is null, revision, [.. warnings ?? []]),
            new(request.Path + request.QueryString, next));
    }

    private string NextPath(string[] after)
    {
        var query = request.Query.Where(pair => pair.Key != "cursor")
            .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        return QueryHelpers.AddQueryString(request.Path, query.Append(new("cursor", new Cursor(after, Fingerprint(request)).ToString())));
    }

    /// <summary>What a cursor is bound to: the path and every parameter but the page's own.</summary>
    internal static string Fingerprint(HttpRequest request)
    {
        var text = request.Path + "?" + string.Join('&', request.Query
            .Where(pair => pair.Key is not ("cursor" or "limit" or "format" or "dialect"))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value}"));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}
