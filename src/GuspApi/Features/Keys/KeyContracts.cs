using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Keys;

/// <summary>A key, without its secret.</summary>
/// <param name="Id">Its identifier: the middle part of the key.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">read, declare, review, admin.</param>
/// <param name="Landlords">SIRENs it declares for.</param>
/// <param name="Departments">Codes of the départements it reviews.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RevokedAt">When it was revoked; null if it was not.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null if it never was.</param>
/// <param name="PreviousExpiresAt">While it is being rotated: until when the secret before is still good.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="CreatedBy">Who created it.</param>
public sealed record KeyResponse(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments,
    DateTime? ExpiresAt, DateTime? RevokedAt, DateTime? LastUsedAt, DateTime? PreviousExpiresAt, DateTime CreatedAt, string CreatedBy)
{
    internal static readonly Expression<Func<ApiKey, KeyResponse>> From = k => new(
        k.Id, k.Name, k.Scopes, k.Landlords, k.Departments, k.ExpiresAt, k.RevokedAt, k.LastUsedAt, k.PreviousExpiresAt,
        k.CreatedAt, k.CreatedBy);
}

/// <summary>A key with its secret, which is shown this once.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Key">The key itself, for <c>Authorization: Bearer</c>. It is stored nowhere: keep it.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">read, declare, review, admin.</param>
/// <param name="Landlords">SIRENs it declares for.</param>
/// <param name="Departments">Codes of the départements it reviews.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="PreviousExpiresAt">Until when the secret before a rotation is still good.</param>
public sealed record NewKeyResponse(
    string Id, string Key, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Landlords, IReadOnlyList<string> Departments,
    DateTime? ExpiresAt, DateTime? PreviousExpiresAt)
{
    internal static NewKeyResponse Of(ApiKey key, string text) =>
        new(key.Id, text, key.Name, key.Scopes, key.Landlords, key.Departments, key.ExpiresAt, key.PreviousExpiresAt);
}

/// <summary>The key that is wanted.</summary>
/// <param name="Name">What people will call it, 1 to 100 characters: whose it is and what for.</param>
/// <param name="Scopes">One or more of read, declare, review, admin.</param>
/// <param name="Landlords">With declare: the SIRENs it declares for.</param>
/// <param name="Departments">With review: the codes of the départements it reviews.</param>
/// <param name="ExpiresAt">When it ends; never, unless said.</param>
[Example(
    """{ "name": "ETL du bailleur fictif 1", "scopes": ["declare"], "landlords": ["999590011"], "expiresAt": "2030-12-31T23:59:59Z" }""")]
public sealed record CreateKey(
    string? Name, IReadOnlyList<string>? Scopes, IReadOnlyList<string>? Landlords = null, IReadOnlyList<string>? Departments = null,
    DateTimeOffset? ExpiresAt = null)
{
    internal static readonly string[] KnownScopes = ["read", "declare", "review", "admin"];

    internal sealed class Validator : AbstractValidator<CreateKey>
    {
        public Validator()
        {
            RuleFor(k => k.Name).Must(name => name?.Trim().Length is > 0 and <= 100 && !name.Any(char.IsControl))
                .Says("NAME_INVALID", "Give a name of 1 to 100 characters, on one line.",
                    "Donnez un nom de 1 à 100 caractères, sur une ligne.");
            RuleFor(k => k.Scopes).Must(scopes => scopes is { Count: > 0 } && scopes.All(scope => KnownScopes.Contains(scope)))
                .Says("SCOPES_INVALID", "Give one or more of read, declare, review, admin.",
                    "Donnez un ou plusieurs de read, declare, review, admin.");
            RuleFor(k => k.Landlords).Must((key, sirens) => sirens is { Count: > 0 } == key.Scopes?.Contains("declare"))
                .Says("LANDLORDS_INVALID", "A key that declares names its landlords, and no other key does.",
                    "Une clé qui déclare nomme ses bailleurs, et elle seule.");
            RuleFor(k => k.Departments).Must((key, codes) => codes is { Count: > 0 } == key.Scopes?.Contains("review"))
                .Says("DEPARTMENTS_INVALID", "A key that reviews names its départements, and no other key does.",
                    "Une clé qui instruit nomme ses départements, et elle seule.");
            RuleFor(k => k.Landlords).Must(
                sirens => sirens is null || (sirens.Count <= 1000 && sirens.All(siren => siren is not null && Siren.IsValid(siren))))
                .Says("SIREN_INVALID", "landlords holds SIRENs, 1000 at most.", "landlords contient des SIREN, 1000 au plus.");
            RuleFor(k => k.Departments).Must(codes => codes is null
                || (codes.Count <= 200 && codes.All(code => code is not null && DepartmentForm.TryRead(code, out _))))
                .Says("DEPARTMENT_INVALID", "departments holds codes such as 02 or 59, 200 at most.",
                    "departments contient des codes tels que 02 ou 59, 200 au plus.");
        }
    }
}

/// <summary>How a key is rotated.</summary>
/// <param name="OverlapHours">Hours for which the secret before stays good, 0 to 720; 24 unless said.</param>
[Example("""{ "overlapHours": 24 }""")]
public sealed record RotateKey(int? OverlapHours = null)
{
    internal const int UsualOverlap = 24;

    internal sealed class Validator : AbstractValidator<RotateKey>
    {
        public Validator() => RuleFor(r => r.OverlapHours).InclusiveBetween(0, 720)
            .Says("OVERLAP_INVALID", "overlapHours is a whole number from 0 to 720.", "overlapHours est un entier de 0 à 720.");
    }
}

internal sealed class KeyIdForm : IForm<string>
{
    public static Text Expected => new(
        "the identifier of a key: twelve letters and digits", "l'identifiant d'une clé : douze lettres et chiffres");
    public static string? Pattern => "^[0-9A-Za-z]{12}$";
    public static string? Example => "0Ab1Cd2Ef3Gh";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length == 12 && text.All(char.IsAsciiLetterOrDigit);
    }
}
