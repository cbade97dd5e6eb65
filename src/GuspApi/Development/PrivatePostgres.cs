using System.Security.Cryptography;

namespace GuspApi.Development;

/// <summary>The durable server of a developer's machine: started when no connection string is set, its data kept between runs.</summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private readonly PostgresServer server;

    private PrivatePostgres(PostgresServer server, string folder) => (this.server, Folder) = (server, folder);

    internal string Folder { get; }

    internal string ConnectionString => server.ConnectionString("gusp");

    /// <summary>In the folder of the setting <c>Gusp:DataDirectory</c>, by default one per user.</summary>
    internal static async Task<PrivatePostgres> StartAsync(string? folder, CancellationToken ct)
    {
        folder = string.IsNullOrWhiteSpace(folder) ? Path.Combine(Folders.Shared(), "data") : folder;
        var server = await PostgresServer.StartAsync(folder, ["max_wal_size=2GB"], ct);
        try
        {
            await server.EnsureDatabaseAsync("gusp", ct);
            return new PrivatePostgres(server, Path.GetFullPath(folder));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An administrator's key for "Try it out", made once and kept beside the data. For Development alone.</summary>
    internal string DevelopmentKey() => Folders.Secret(
        Path.Combine(Folder, "keys", "development.key"),
        () => "gusp_dev_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)));

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
