using System.Diagnostics.CodeAnalysis;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>A past state: that of a revision, or that of an instant.</summary>
internal sealed record AsOf(long? Revision, DateTime? Instant);

internal sealed class AsOfForm : IForm<AsOf>
{
    public static Text Expected => new(
        "a revision (as in Gusp-Revision), or an RFC 3339 instant, such as 2026-01-31T12:00:00Z",
        "une révision (celle de Gusp-Revision), ou un instant RFC 3339, tel que 2026-01-31T12:00:00Z");
    public static string? Pattern => @"^([0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+ -][0-9]{2}:[0-9]{2}))$";
    public static string? Example => "1";

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
