using System.Globalization;
using GuspApi.Database;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Keys;

/// <summary><c>dotnet GuspApi.dll keys create …</c>: the first key of an installation, or any other, from where its database is.</summary>
internal static class KeyCommand
{
    private const string Actor = "command line";

    private const string Usage = """
        GuspApi.dll keys create --name NAME --scope SCOPE… [--landlord SIREN…] [--department CODE…] [--expires INSTANT]
        SCOPE is read, declare, review or admin. An option that takes several values is repeated.
        """;

    public static bool IsAsked(string[] args) => args is ["keys", ..];

    /// <summary>Prints the key alone on standard output, so that a script can take it.</summary>
    public static async Task<int> RunAsync(string[] args, string connectionString, CancellationToken ct)
    {
        if (Read(args) is not { } wanted)
            return Refuse(Usage);
        if (new CreateKey.Validator().Validate(wanted) is { IsValid: false } broken)
            return Refuse([.. broken.Errors.Select(error => error.ErrorMessage)]);

        await using var source = DatabaseSetup.DataSource(connectionString);
        var options = new DbContextOptionsBuilder<GuspDb>();
        DatabaseSetup.Configure(options, source);
        await using var db = new GuspDb(options.Options);
        await db.Database.MigrateAsync(ct);

        if (await KeyMaking.BrokenAsync(wanted, db, DateTimeOffset.UtcNow, ct) is { Count: > 0 } errors)
            return Refuse([.. errors.Select(error => error.Message)]);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select set_config('gusp.actor', {Actor}, true)", ct);
        var (key, text) = KeyMaking.New(wanted, Actor, DateTimeOffset.UtcNow);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);

        Console.WriteLine(text);
        return 0;
    }

    private static CreateKey? Read(string[] args)
    {
        if (args is not ["keys", "create", .. var options] || options.Length % 2 != 0)
            return null;
        var given = options.Chunk(2).ToLookup(option => option[0], option => option[1]);
        string[] known = ["--name", "--scope", "--landlord", "--department", "--expires"];
        if (given.Any(option => !known.Contains(option.Key)) || given["--name"].Count() != 1)
            return null;

        DateTimeOffset? expires = null;
        if (given["--expires"].LastOrDefault() is { } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
                return null;
            expires = instant;
        }
        return new(given["--name"].Single(), [.. given["--scope"]], Several("--landlord"), Several("--department"), expires);

        string[]? Several(string option) => given[option].Any() ? [.. given[option]] : null;
    }

    private static int Refuse(params string[] sentences)
    {
        foreach (var sentence in sentences)
            Console.Error.WriteLine(sentence);
        return 1;
    }
}
