using System.Text;

namespace GuspApi.Features.Imports;

/// <summary>Names as people write them in spreadsheets: case, accents, spaces, hyphens, underscores and apostrophes do not count.</summary>
internal static class HeaderName
{
    // By hand: with InvariantGlobalization string.Normalize leaves accents where they are.
    private const string Accented = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ";
    private const string Plain = "aaaaaaceeeeiiiinooooouuuuyy";

    public static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            var lower = char.ToLowerInvariant(character);
            var accent = Accented.IndexOf(lower);
            if (accent >= 0)
                folded.Append(Plain[accent]);
            else if (lower is 'œ' or 'æ')
                folded.Append(lower == 'œ' ? "oe" : "ae");
            else if (char.IsLetterOrDigit(lower))
                folded.Append(lower);
        }
        return folded.ToString();
    }
}
