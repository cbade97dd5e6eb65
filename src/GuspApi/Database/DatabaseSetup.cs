using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GuspApi.Database;

/// <summary>How the program reaches its database.</summary>
internal static class DatabaseSetup
{
    /// <summary>
    /// The data source of work behind the requests: no request waits for its connections, and its statements take the time they take.
    /// </summary>
    public const string Background = "background";

    /// <summary>The data source of files that come and go: a slow sender or reader holds none of the connections of the requests.</summary>
    public const string Transfers = "transfers";

    public const int TransferConnections = 20;

    private const int BackgroundConnections = 12;

    /// <summary>
    /// More than there are places for requests; with the two other pools, fewer than the 100 that PostgreSQL takes unless told otherwise.
    /// </summary>
    private const int RequestConnections = 64;

    /// <summary>
    /// One data source for EF Core and the hand-written SQL of the hot paths, one for work behind the requests, one for files.
    /// </summary>
    public static IServiceCollection AddGuspDatabase(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(_ => DataSource(connectionString));
        services.AddSingleton<PresentRevision>();
        services.AddKeyedSingleton(Background, (_, _) => DataSource(new NpgsqlConnectionStringBuilder(connectionString)
        {
            CommandTimeout = 0,
            MaxPoolSize = BackgroundConnections,
            TcpKeepAlive = true,
            WriteBufferSize = 64 * 1024,
            NoResetOnClose = false,
        }.ConnectionString));
        services.AddKeyedSingleton(Transfers, (_, _) => DataSource(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                MaxPoolSize = TransferConnections,
                TcpKeepAlive = true,
            }.ConnectionString));
        services.AddDbContextPool<GuspDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));
        return services;
    }

    internal static NpgsqlDataSource DataSource(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "gusp-api" };
        // What requests set of a session they set for their transaction; cleaning up after each would cost as much again as a short query.
        if (!settings.ShouldSerialize("No Reset On Close"))
            settings.NoResetOnClose = true;
        if (settings.MaxAutoPrepare == 0)
            settings.MaxAutoPrepare = 100;
        if (!settings.ShouldSerialize("Maximum Pool Size"))
            settings.MaxPoolSize = RequestConnections;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    internal static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource source) => options
        .UseNpgsql(source)
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);

    /// <summary>Brings the schema up to date. Several instances may start at once: EF Core takes a lock.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GuspDb>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await db.Database.MigrateAsync(ct);
    }
}
