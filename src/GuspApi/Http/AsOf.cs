using System.Diagnostics.CodeAnalysis;

namespace GuspApi.Http;

/// <summary>A past state: that of a revision, or that of an instant.</summary>
internal sealed record AsOf(long? Revision, DateTime? Instant);

internal sealed class AsOfForm : IForm<AsOf>
{
    public static string Expected => "a revision (as in Gusp-Revision), or an RFC 3339 instant, such as 2026-01-31T12:00:00Z";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out AsOf value)
    {
        value = null;
        if (text.Length <= 18 && long.TryParse(text, System.Globalization.NumberStyles.None, null, out var revision))
            value = new(revision, null);
        else if (InstantForm.TryRead(text, out var instant))
            value = new(null, instant);
        return value is not null;
    }
}
