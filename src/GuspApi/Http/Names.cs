namespace GuspApi.Http;

/// <summary>A thing by its code and present name.</summary>
/// <param name="Code">Its code, leading zeros included.</param>
/// <param name="Name">Its present name, in French.</param>
public sealed record CodeAndName(string Code, string Name);

/// <summary>A landlord by its number and present name.</summary>
/// <param name="Siren">SIREN, nine digits.</param>
/// <param name="Name">Its present name.</param>
public sealed record SirenAndName(string Siren, string Name);
