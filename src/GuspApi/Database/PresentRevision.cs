using Npgsql;

namespace GuspApi.Database;

/// <summary>
/// The present revision. One look at the database answers all who asked before it was sent: what they are told is no older than their
/// question, whichever instance wrote last, and the more ask at once the less each look costs. What was read at this revision is exact.
/// </summary>
internal sealed class PresentRevision(NpgsqlDataSource source)
{
    /// <summary>current_revision(), written out: PostgreSQL does not inline it, and nothing is asked more often.</summary>
    public const string Look = "select coalesce((select max(revision) from change_set), 0)";

    private sealed record Told(long Revision);

    /// <summary>All wait for it, so it must not wait long for a database that is gone.</summary>
    private const int Seconds = 5;

    private readonly Lock gate = new();
    private TaskCompletionSource<long>? asked;
    private bool isLooking;

    /// <summary>Asked once for a request: a look sent after the request came proves all that it reads at that revision.</summary>
    public async ValueTask<long> AskAsync(HttpContext http)
    {
        if (http.Features.Get<Told>() is { } told)
            return told.Revision;
        var revision = await AskAsync().WaitAsync(http.RequestAborted);
        http.Features.Set(new Told(revision));
        return revision;
    }

    /// <summary>For a request that waited meanwhile.</summary>
    public static void Forget(HttpContext http) => http.Features.Set<Told>(null);

    public Task<long> AskAsync()
    {
        Task<long> answer;
        lock (gate)
        {
            // Whoever asks while a look is under way waits for the next one.
            answer = (asked ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (isLooking)
                return answer;
            isLooking = true;
        }
        // The looks belong to no request, though one of them begins them.
        using (ExecutionContext.SuppressFlow())
            _ = LookAsync();
        return answer;
    }

    private async Task LookAsync()
    {
        while (true)
        {
            // Those who are about to ask are let in first: under load, fewer looks.
            await Task.Yield();
            if (Next() is not { } those)
                return;
            try
            {
                await using var command = source.CreateCommand(Look);
                command.CommandTimeout = Seconds;
                those.SetResult((long)(await command.ExecuteScalarAsync())!);
            }
            catch (Exception fault)
            {
                those.SetException(fault);
            }
        }
    }

    private TaskCompletionSource<long>? Next()
    {
        lock (gate)
        {
            var those = asked;
            isLooking = those is not null;
            asked = null;
            return those;
        }
    }
}
