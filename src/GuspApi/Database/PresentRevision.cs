using System.Diagnostics;
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

    /// <summary>How long a look waits at most for those it expects, about as long as it takes; it yields meanwhile, and does not sleep.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(0.25);

    /// <summary>Those who are answered by one look.</summary>
    private sealed class Askers() : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Count;
    }

    private readonly Lock gate = new();
    private Askers? asked;
    private int expected;
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
            asked ??= new();
            asked.Count++;
            answer = asked.Task;
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
            await LetInAsync();
            if (Next() is not { } those)
                return;
            try
            {
                await using var command = source.CreateCommand(Look);
                command.CommandTimeout = Seconds;
                var revision = (long)(await command.ExecuteScalarAsync())!;
                // Who is told now asks again soon, beside those who came meanwhile.
                expected = those.Count + (asked?.Count ?? 0);
                those.SetResult(revision);
            }
            catch (Exception fault)
            {
                those.TrySetException(fault);
            }
        }
    }

    /// <summary>Those who are about to ask are let in first, as many as were there when the last look came back: under load, fewer looks.</summary>
    private async Task LetInAsync()
    {
        var from = Stopwatch.GetTimestamp();
        do
            await Task.Yield();
        while (asked is { } those && those.Count < expected && Stopwatch.GetElapsedTime(from) < Patience);
    }

    private Askers? Next()
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
