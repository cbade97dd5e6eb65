using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Keys;

/// <summary>Making a key, over HTTP or from the command line.</summary>
internal static class KeyMaking
{
    /// <summary>What only the database and the clock can know.</summary>
    public static async Task<List<ApiError>> BrokenAsync(CreateKey wanted, GuspDb db, DateTimeOffset now, CancellationToken ct)
    {
        var errors = new List<ApiError>();
        if (wanted.ExpiresAt <= now)
            errors.Add(ApiError.OfBody("EXPIRY_PAST", new("expiresAt is past.", "expiresAt est passé."),
                "/expiresAt", wanted.ExpiresAt?.ToString("o"), new("an instant to come", "un instant à venir")));

        var sirens = wanted.Landlords ?? [];
        var known = await db.Landlords.Where(l => sirens.Contains(l.Siren)).Select(l => l.Siren).ToListAsync(ct);
        errors.AddRange(sirens.Except(known).Select(siren => ApiError.OfBody(
            "LANDLORD_UNKNOWN", new(
                $"There is no landlord {siren}: create it first.", $"Il n'y a pas de bailleur {siren} : créez-le d'abord."),
            "/landlords", siren, new("a SIREN of /v1/landlords", "un SIREN de /v1/landlords"))));

        var codes = wanted.Departments ?? [];
        var places = await db.Departments.Where(d => codes.Contains(d.Code)).Select(d => d.Code).ToListAsync(ct);
        errors.AddRange(codes.Except(places).Select(code => ApiError.OfBody(
            "DEPARTMENT_UNKNOWN", new($"There is no département {code}.", $"Il n'y a pas de département {code}."),
            "/departments", code, Text.CodeOf("/v1/departments"))));
        return errors;
    }

    /// <summary>The key, still to be saved, and its text, to be shown once.</summary>
    public static (ApiKey Key, string Text) New(CreateKey wanted, string createdBy, DateTimeOffset now)
    {
        var text = KeyText.New();
        var key = new ApiKey
        {
            Id = text.Id,
            Name = wanted.Name!.Trim(),
            SecretHash = text.Hash,
            Scopes = [.. CreateKey.KnownScopes.Where(wanted.Scopes!.Contains)],
            Landlords = [.. (wanted.Landlords ?? []).Distinct()],
            Departments = [.. (wanted.Departments ?? []).Distinct()],
            ExpiresAt = wanted.ExpiresAt?.UtcDateTime,
            CreatedAt = now.UtcDateTime,
            CreatedBy = createdBy,
        };
        return (key, text.Text);
    }
}
