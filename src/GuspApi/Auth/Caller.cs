using System.Security.Claims;

namespace GuspApi.Auth;

/// <summary>
/// Who asks, and what they may see and do (scopes, the SIRENs they declare for, the départements they review). Name is what their writes
/// are recorded under, and it never changes: <c>key:id</c>, <c>user:subject</c>, <c>bootstrap</c>, <c>development</c>.
/// </summary>
internal sealed record Caller(
    string Name, bool Read, bool Declare, bool Review, bool IsAdmin, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments)
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
    public string Rights { get; } = $"{Read}|{Declare}|{Review}|{IsAdmin}|{string.Join(',', Landlords)}|{string.Join(',', Departments)}";

    public static Caller From(ClaimsPrincipal user) => user.Identity is Known { IsAuthenticated: true } known ? known.Caller : Anonymous;

    /// <summary>
    /// Who <see cref="From"/> finds in a request, whatever the caller proved itself with; its claims are those that policies ask for.
    /// </summary>
    public static ClaimsIdentity Identity(
        string scheme, string name, string label, IReadOnlyCollection<string> scopes, IReadOnlyList<string> landlords,
        IReadOnlyList<string> departments, DateTime? expiresAt)
    {
        var caller = new Caller(
            name, scopes.Contains("read"), scopes.Contains("declare"), scopes.Contains("review"),
            scopes.Contains("admin"), landlords, departments)
        {
            Label = label,
            ExpiresAt = expiresAt,
        };
        return new Known(caller, [new(ClaimTypes.Name, name), .. scopes.Select(scope => new Claim("scope", scope))], scheme);
    }

    private sealed class Known(Caller caller, IEnumerable<Claim> claims, string scheme) : ClaimsIdentity(claims, scheme)
    {
        public Caller Caller => caller;
    }
}
