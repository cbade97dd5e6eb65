using System.Net.Sockets;
using GuspApi.Auth;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Development;

/// <summary>What an operator chose. The development key exists only on the private server, in the Development environment.</summary>
internal sealed record Settings(string ConnectionString, string? BootstrapKey, string? DevelopmentKey, bool OpenData, bool Demo);

/// <summary>What stands between the command line and the first request, and one line for each way it can fail.</summary>
internal static class StartUp
{
    /// <summary>
    /// The server of <c>ConnectionStrings:Gusp</c> if there is one, else a private one, whose connection string is put there.
    /// </summary>
    internal static async Task<PrivatePostgres?> FindDatabaseAsync(ConfigurationManager configuration, CancellationToken ct)
    {
        if (configuration.GetConnectionString("Gusp") is { Length: > 0 } given)
        {
            await CheckAsync(given, ct);
            return null;
        }
        var postgres = await PrivatePostgres.StartAsync(configuration["Gusp:DataDirectory"], ct);
        configuration["ConnectionStrings:Gusp"] = postgres.ConnectionString;
        return postgres;
    }

    /// <summary>The settings, or the first that cannot be.</summary>
    internal static Settings Read(WebApplicationBuilder builder, PrivatePostgres? postgres)
    {
        var gusp = builder.Configuration.GetSection("Gusp");
        var bootstrapKey = gusp["BootstrapKey"] is { Length: > 0 } key ? key : null;
        if (bootstrapKey is { Length: < KeyOptions.ShortestKey })
            throw new CannotStartException(
                $"Gusp__BootstrapKey has {bootstrapKey.Length} characters, fewer than {KeyOptions.ShortestKey}: "
                    + "it is an administrator's key. "
                + "One is made by: openssl rand -hex 24");

        return new Settings(
            builder.Configuration.GetConnectionString("Gusp")!,
            bootstrapKey,
            postgres is not null && builder.Environment.IsDevelopment() ? postgres.DevelopmentKey() : null,
            Flag("OpenData", true),
            Flag("Demo", postgres is not null));

        bool Flag(string name, bool otherwise) => gusp[name] is not { Length: > 0 } text ? otherwise
            : bool.TryParse(text, out var value) ? value
            : throw new CannotStartException($"Gusp__{name} is \"{OneLine(text)}\"; it may be true or false.");
    }

    /// <summary>Where to go first, for whoever typed the command.</summary>
    internal static void Announce(IEnumerable<string> urls, Settings settings)
    {
        foreach (var url in urls)
            Console.WriteLine($"GuspApi    {url}/ (pages), {url}/v1{Environment.NewLine}Swagger UI {url}/swagger");
        if (settings.DevelopmentKey is not null)
            Console.WriteLine($"Key        {settings.DevelopmentKey} (development only, an administrator's)");
    }

    /// <summary>The sentence for a fault its operator can mend; null for a fault of ours, which deserves its stack trace.</summary>
    internal static string? Explain(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
            switch (cause)
            {
                case CannotStartException:
                    return cause.Message;
                case NpgsqlException when cause.InnerException is null or SocketException or IOException or TimeoutException:
                    return OneLine($"The database fails: {cause.Message}");
                case IOException when cause.Message.StartsWith("Failed to bind", StringComparison.Ordinal):
                    return OneLine($"{cause.Message} Name another with --urls http://127.0.0.1:5001.");
                case FormatException when cause.Message.StartsWith("Invalid url", StringComparison.OrdinalIgnoreCase):
                    return OneLine(cause.Message);
            }
        return null;
    }

    private static async Task CheckAsync(string given, CancellationToken ct)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(given);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            throw new CannotStartException(OneLine($"ConnectionStrings__Gusp is not a connection string: {fault.Message}"));
        }
        var where = $"database {settings.Database} of {settings.Host}:{settings.Port}, user {settings.Username}";
        try
        {
            await using var connection = new NpgsqlConnection(given);
            await connection.OpenAsync(ct);
        }
        catch (Exception fault) when (fault is NpgsqlException or SocketException or TimeoutException or ArgumentException
            or InvalidOperationException)
        {
            throw new CannotStartException(OneLine($"ConnectionStrings__Gusp leads nowhere ({where}): {fault.Message}"));
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
