using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GuspApi.Database;

/// <summary>Ready means that the database answers.</summary>
internal sealed class DatabaseCheck(NpgsqlDataSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken ct = default)
    {
        await using var command = source.CreateCommand("select 1");
        command.CommandTimeout = 2;
        await command.ExecuteScalarAsync(ct);
        return HealthCheckResult.Healthy();
    }
}
