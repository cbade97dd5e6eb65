using System.Diagnostics;
using GuspApi.Database;
using Npgsql;

namespace GuspApi.Tests.Database;

public sealed class RevisionTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Revisions_follow_the_order_of_commits_not_of_beginnings()
    {
        var first = await api.Given.Landlord();
        var second = await api.Given.Landlord();
        await using var early = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var late = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);

        var begunFirst = await early.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Rename(early, first);
        var begunLast = await late.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Rename(late, second);
        await begunLast.CommitAsync(TestContext.Current.CancellationToken);
        await begunFirst.CommitAsync(TestContext.Current.CancellationToken);

        Assert.True(await RevisionOf(first) > await RevisionOf(second));
    }

    [Fact]
    public async Task Racing_writers_leave_no_gap_and_no_equal_instants()
    {
        var sirens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.Given.Landlord()));

        await Parallel.ForEachAsync(sirens, async (siren, ct) =>
        {
            for (var i = 0; i < 25; i++)
                await api.Given.Sql("update landlord set name = name || '.', version = version + 1 where siren = $1", siren);
        });

        Assert.True(await api.Given.Scalar<bool>(
            """
            select count(*) = max(revision) and count(distinct at) = count(*)
              and not exists (select from change_set a join change_set b on a.revision < b.revision and a.at >= b.at)
            from change_set
            """));
        Assert.Equal(26, await api.Given.Scalar<int>("select last_version('landlord', $1)", sirens[0]));
    }

    [Fact]
    public async Task While_a_write_is_under_way_no_revision_is_relied_upon()
    {
        var siren = await api.Given.Landlord();
        var (before, relied) = await Look();
        Assert.Equal(2, relied);

        await using var connection = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Rename(connection, siren);
        Assert.Equal((before, 0), await Look());
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((before + 1, 2), await Look());
    }

    /// <summary>The shortest write there is: it changes nothing.</summary>
    [Fact]
    public async Task No_write_that_begins_after_a_look_is_seen_while_it_is_relied_upon()
    {
        await using var connection = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var write = new NpgsqlCommand("select set_config('gusp.change_set', '', true), current_change_set()", connection);
        for (var i = 0; i < 100; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            var (revision, relied) = await Look();
            await write.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var committed = Stopwatch.GetElapsedTime(asked);

            Assert.Equal(2, relied);
            Assert.True(committed.TotalMilliseconds > relied,
                $"There was another revision than {revision} after {committed.TotalMilliseconds} ms.");
        }
    }

    /// <summary>It has lasted long before its end: that it began long ago must not let it be seen at once.</summary>
    [Fact]
    public async Task While_an_import_is_under_way_revisions_are_relied_upon_and_its_end_waits_for_them()
    {
        var siren = await api.Given.Landlord();
        await using var connection = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var import = new NpgsqlCommand($"select set_config('gusp.import_id', '{Guid.NewGuid()}', true)", connection);
            await import.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await Rename(connection, siren);
            await Task.Delay(5, TestContext.Current.CancellationToken);

            var asked = Stopwatch.GetTimestamp();
            var (revision, relied) = await Look();
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
            var committed = Stopwatch.GetElapsedTime(asked);

            Assert.Equal(2, relied);
            Assert.True(committed.TotalMilliseconds > relied, $"It was seen {committed.TotalMilliseconds} ms after the look.");
            Assert.Equal((revision + 1, 2), await Look());
        }
    }

    private async Task<(long Revision, int Milliseconds)> Look()
    {
        await using var command = api.Database.CreateCommand(PresentRevision.Look);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt32(1));
    }

    private static async Task Rename(NpgsqlConnection connection, string siren)
    {
        await using var command = new NpgsqlCommand(
            "update landlord set name = 'Nouveau', version = version + 1 where siren = $1", connection)
        {
            Parameters = { new() { Value = siren } },
        };
        await command.ExecuteNonQueryAsync();
    }

    private Task<long> RevisionOf(string siren) => api.Given.Scalar<long>(
        "select s.revision from change c join change_set s on s.id = c.change_set_id where object_key = $1 and version = 2", siren);
}
