using System.Text;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>The one-byte encodings of Western European spreadsheets.</summary>
internal static class Latin
{
    public static Encoding Windows1252 { get; } = Page("windows-1252");

    /// <summary>The encoding a <c>charset</c> names. Web practice: Latin 1 means Windows-1252, which adds € and œ to it.</summary>
    public static Encoding Of(string charset) => charset.ToLowerInvariant() switch
    {
        "windows-1252" or "cp1252" or "iso-8859-1" or "latin1" or "us-ascii" => Windows1252,
        "iso-8859-15" or "latin9" => Page("iso-8859-15"),
        _ => throw ImportFileException.Of("ENCODING_UNSUPPORTED",
            new($"The charset {charset} is not supported.", $"Le jeu de caractères {charset} n'est pas pris en charge."),
            expected: Text.Alike("utf-8, windows-1252, iso-8859-1, iso-8859-15"), value: charset),
    };

    public static bool Knows(string charset)
    {
        try
        {
            return charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || Of(charset) is not null;
        }
        catch (ImportFileException)
        {
            return false;
        }
    }

    private static Encoding Page(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name)!;
}
