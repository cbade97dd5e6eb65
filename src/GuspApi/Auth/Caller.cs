using System.Security.Claims;

namespace GuspApi.Auth;

/// <summary>Who asks, and what they may see and do (scopes, the SIRENs they declare for, the départements they review).</summary>
internal sealed record Caller(string Name, bool Read, bool Declare, bool Review, bool IsAdmin, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments)
{
    public static readonly Caller Anonymous = new("anonymous", false, false, false, false, [], []);

    /// <summary>Whether validated declarations with their lines, holdings and sources may be seen.</summary>
    public bool SeesLines => Read || Declare || Review || IsAdmin;

    public bool Declares(string siren) => IsAdmin || (Declare && Landlords.Contains(siren));

    /// <summary>Four eyes: whoever declares for a SIREN never validates it; admin may.</summary>
    public bool Reviews(string siren, string department) =>
        IsAdmin || (Review && Departments.Contains(department) && !(Declare && Landlords.Contains(siren)));

    /// <summary>What two callers share when every answer to them is the same: part of the ETag of collections.</summary>
    public string Rights => $"{Read}|{Declare}|{Review}|{IsAdmin}|{string.Join(',', Landlords)}|{string.Join(',', Departments)}";

    public static Caller From(ClaimsPrincipal user)
    {
        if (user.Identity is not { IsAuthenticated: true })
            return Anonymous;
        var scopes = user.FindAll("scope").Select(claim => claim.Value).ToHashSet();
        return new Caller(
            user.Identity.Name ?? "unknown",
            scopes.Contains("read"),
            scopes.Contains("declare"),
            scopes.Contains("review"),
            scopes.Contains("admin"),
            [.. user.FindAll("landlord").Select(claim => claim.Value)],
            [.. user.FindAll("department").Select(claim => claim.Value)]);
    }
}
