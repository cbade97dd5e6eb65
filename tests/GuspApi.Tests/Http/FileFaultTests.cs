namespace GuspApi.Tests.Http;

/// <summary>A file that cannot be ended does not look like one that was.</summary>
public sealed class FileFaultTests(Api api) : IClassFixture<Api>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_in_mid_stream_breaks_the_connection()
    {
        // More than the buffers between the two can hold.
        await api.Given.Sql("""
            insert into project (title, description, objectives, partners, landlord_name, source, version)
            select 'Projet ' || n, repeat(md5(n::text), 300), '{}', '{}', 'Bailleur', 'Essai', 1 from generate_series(1, 4000) n
            """);
        foreach (var format in new[] { "csv", "ndjson" })
        {
            using var answer = await api.Anonymous.GetAsync("/v1/projects?format=" + format, HttpCompletionOption.ResponseHeadersRead, Ct);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Null(answer.Content.Headers.ContentLength);

            Assert.True(await api.Given.Scalar<bool>("""
                select bool_and(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and application_name = 'gusp-api' and query like '%project%' and state = 'active' and pid <> pg_backend_pid()
                """));

            var fault = await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsByteArrayAsync(Ct));
            Assert.True(fault is HttpRequestException or IOException, fault.ToString());
        }
    }

    [Fact]
    public async Task A_fault_before_the_first_byte_is_told_as_a_problem()
    {
        await using var held = await api.Database.OpenConnectionAsync(Ct);
        await using var hold = new Npgsql.NpgsqlCommand("begin; lock table theme", held);
        await hold.ExecuteNonQueryAsync(Ct);

        var asked = api.Anonymous.GetAsync("/v1/themes?format=csv", Ct);
        for (var ended = 0L; ended == 0;)
            ended = await api.Given.Scalar<long>("""
                select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and query like '%theme%' and wait_event_type = 'Lock'
                """);

        var answer = await asked;
        Assert.Equal((503, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.False(answer.Content.Headers.Contains("Content-Disposition"));
    }
}
