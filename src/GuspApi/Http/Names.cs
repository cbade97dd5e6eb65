using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>A thing by its code and present name.</summary>
/// <param name="Code">Its code, leading zeros included.</param>
/// <param name="Name">Its present name, in French.</param>
public sealed record CodeAndName(string Code, string Name);

/// <summary>A landlord by its number and present name.</summary>
/// <param name="Siren">SIREN, nine digits.</param>
/// <param name="Name">Its present name.</param>
public sealed record SirenAndName(string Siren, string Name);

/// <summary>The group of a row of figures: a code and its label; the code is null where there is none ("sans EPCI").</summary>
/// <param name="Code">Code of the group, with its leading zeros; null for "none".</param>
/// <param name="Label">Its French label.</param>
public sealed record GroupValue(string? Code, string Label);

/// <summary>A text in both languages.</summary>
/// <param name="En">In English.</param>
/// <param name="Fr">In French.</param>
public sealed record Translated(string En, string Fr)
{
    internal static Translated Of(Text text) => new(text.En, text.Fr);
}
