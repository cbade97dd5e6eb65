using System.Diagnostics;
using Npgsql;

namespace GuspApi.Database;

/// <summary>
/// The present revision, no older than the question, whichever instance wrote last; what was read at this revision is exact. One look
/// at the database answers all who asked before it was sent and, while nobody writes, those who ask in the next two milliseconds: until
/// then the database lets no later revision be seen (<c>look_at_revision</c>; an import counts as a writer at its end alone).
/// </summary>
internal sealed class PresentRevision(NpgsqlDataSource source)
{
    /// <summary>current_revision(), written out: PostgreSQL does not inline it, and every snapshot asks.</summary>
    public const string OfSnapshot = "select coalesce((select max(revision) from change_set), 0)";

    public const string Look = "select revision, milliseconds from look_at_revision()";

    /// <summary>All wait for it, so it must not wait long for a database that is gone.</summary>
    private const int Seconds = 5;

    private sealed record Told(long Revision);

    /// <summary>
    /// A revision that no other follows before its end, by this process's clock; who asks in its second half has it renewed.
    /// </summary>
    private sealed record Lease(Task<long> Revision, long Half, long End);

    private readonly Lock gate = new();
    private Lease lease = new(Task.FromResult(0L), 0, 0);
    private TaskCompletionSource<long>? asked;
    private bool isLooking;

    /// <summary>Asked once for a request: a look that holds after the request came proves all that it reads at that revision.</summary>
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
        var (last, now) = (lease, Stopwatch.GetTimestamp());
        if (now < last.Half)
            return last.Revision;
        Task<long> answer;
        lock (gate)
        {
            // Whoever asks while a look is under way waits for the next one, or until this one is leased.
            answer = now < last.End ? last.Revision : (asked ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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
        do
        {
            // Those who are about to ask are let in first.
            await Task.Yield();
            var those = TakeAsked();
            try
            {
                var sent = Stopwatch.GetTimestamp();
                await using var command = source.CreateCommand(Look);
                command.CommandTimeout = Seconds;
                await using var row = await command.ExecuteReaderAsync();
                await row.ReadAsync();
                var (revision, time) = (row.GetInt64(0), row.GetInt32(1) * Stopwatch.Frequency / 1000);
                lease = new(Task.FromResult(revision), sent + time / 2, sent + time);
                those?.SetResult(revision);
                if (Stopwatch.GetTimestamp() < lease.End)
                    TakeAsked()?.SetResult(revision);
            }
            catch (Exception fault)
            {
                those?.TrySetException(fault);
            }
        }
        while (IsAsked());
    }

    private TaskCompletionSource<long>? TakeAsked()
    {
        lock (gate)
        {
            var those = asked;
            asked = null;
            return those;
        }
    }

    private bool IsAsked()
    {
        lock (gate)
            return isLooking = asked is not null;
    }
}
