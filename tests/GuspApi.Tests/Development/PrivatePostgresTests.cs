using GuspApi.Development;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Tests.Development;

public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task Keeps_its_data_and_belongs_to_one_process()
    {
        var ct = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("gusp private ").FullName;
        try
        {
            await using (var first = await PrivatePostgres.StartAsync(folder, ct))
            {
                await Execute(first, "create table kept as select 'É' as letter", ct);
                var refusal = await Assert.ThrowsAsync<CannotStartException>(() => PrivatePostgres.StartAsync(folder, ct));
                Assert.StartsWith($"Another GuspApi is running on {folder}", refusal.Message);
            }
            await using var second = await PrivatePostgres.StartAsync(folder, ct);
            Assert.Equal(true, await Execute(second, "select letter ilike 'é' and current_setting('fsync') = 'on' from kept", ct));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<object?> Execute(PrivatePostgres postgres, string sql, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(ct);
    }
}
