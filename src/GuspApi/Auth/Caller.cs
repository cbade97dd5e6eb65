using System.Globalization;
using System.Security.Claims;

namespace GuspApi.Auth;

/// <summary>
/// Who asks, and what they may see and do (scopes, the SIRENs they declare for, the départements they review). Name is what their writes
/// are recorded under, and it never changes: <c>key:id</c>, <c>user:subject</c>, <c>bootstrap</c>, <c>development</c>.
/// </summary>
internal sealed record Caller(string Name, bool Read, bool Declare, bool Review, bool IsAdmin, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments)
{
    public const string Bootstrap = "bootstrap";

    public static readonly Caller Anonymous = new("anonymous", false, false, false, false, [], []);

    /// <summary>What people call the caller: the name of its key.</summary>
    public string? Label { get; init; }

    public DateTime? ExpiresAt { get; init; }

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
            [.. user.FindAll("department").Select(claim => claim.Value)])
        {
            Label = user.FindFirst("label")?.Value,
            ExpiresAt = user.FindFirst("expires")?.Value is { } instant ? DateTime.Parse(instant, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null,
        };
    }

    /// <summary>The claims that <see cref="From"/> reads, whatever the caller proved itself with.</summary>
    public static ClaimsIdentity Identity(
        string scheme, string name, string label, IEnumerable<string> scopes, IEnumerable<string> landlords, IEnumerable<string> departments, DateTime? expiresAt)
    {
        var identity = new ClaimsIdentity([new(ClaimTypes.Name, name), new("label", label)], scheme);
        identity.AddClaims(scopes.Select(scope => new Claim("scope", scope)));
        identity.AddClaims(landlords.Select(siren => new Claim("landlord", siren)));
        identity.AddClaims(departments.Select(code => new Claim("department", code)));
        if (expiresAt is { } instant)
            identity.AddClaim(new("expires", instant.ToString("o", CultureInfo.InvariantCulture)));
        return identity;
    }
}
