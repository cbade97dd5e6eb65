using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>An answer that may be waited for: nothing follows yet, up to its revision.</summary>
internal interface IAwaitable
{
    bool IsEmpty { get; }
    long Revision { get; }
}

internal sealed class WaitForm : IForm<int>
{
    public const int Most = 30;

    public static Text Expected => new("seconds, a whole number from 0 to 30", "des secondes, un entier de 0 à 30");
    public static (long Least, long Most)? Bounds => (0, Most);
    public static string? Example => "0";

    public static bool TryRead(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= Most;
}

/// <summary>
/// <c>wait=</c>: an empty answer is kept back until a write brings something, or the time is over. It stands before admission and
/// snapshot, so that whoever waits holds neither a place nor a connection: one look at the revision serves all who wait on this instance,
/// and none is taken while nobody does.
/// </summary>
internal sealed class LongPoll(PresentRevision present, KeyRing keys, Limits limits, IHostApplicationLifetime lifetime)
{
    /// <summary>Who waits at once: of one caller, and in all.</summary>
    internal const int MostOfOne = 20;
    private const int MostInAll = 1000;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> waiting = [];
    private Task<long> look = Task.FromResult(0L);

    public async ValueTask<object?> WaitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var answer = await next(context);
        if (!IsAwaited(answer, out var nothing) || !WaitForm.TryRead(http.Request.Query["wait"].ToString(), out var seconds)
            || seconds == 0)
            return answer;

        var name = Caller.From(http.User).Name;
        if (!Enter(name))
            return Problems.TooManyWaiting(MostOfOne);
        try
        {
            // Whatever ends the wait, even the end of the program or of the database, the empty answer is true as it stands.
            using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
            over.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, limits.RequestSeconds / 2.0)));
            while (await MovesAsync(nothing.Revision, over.Token))
            {
                PresentRevision.Forget(http);
                if (await IsRevokedAsync(http))
                    return Problems.Unauthorized(keySent: true);
                answer = await next(context);
                if (!IsAwaited(answer, out nothing))
                    break;
            }
            return answer;
        }
        finally
        {
            Leave(name);
        }
    }

    private static bool IsAwaited(object? answer, [NotNullWhen(true)] out IAwaitable? nothing)
    {
        nothing = answer is IValueHttpResult { Value: IAwaitable { IsEmpty: true } empty } ? empty : null;
        return nothing is not null;
    }

    /// <summary>True once there is a later revision; false when there was none in time.</summary>
    private async Task<bool> MovesAsync(long revision, CancellationToken over)
    {
        try
        {
            while (await Look().WaitAsync(over) <= revision)
            {
            }
            return true;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The look that is under way, or else the next.</summary>
    private Task<long> Look()
    {
        lock (gate)
            return look = look.IsCompleted ? LookAsync() : look;
    }

    private async Task<long> LookAsync()
    {
        await Task.Delay(Every);
        try
        {
            return await present.AskAsync();
        }
        catch (Exception fault) when (fault is ObjectDisposedException || DatabaseFault.Of(fault) is not null)
        {
            // Not to be seen for now: no revision is later than none.
            return 0;
        }
    }

    /// <summary>A key that was revoked meanwhile sees nothing more.</summary>
    private async Task<bool> IsRevokedAsync(HttpContext http) =>
        Bearer.Token(http.Request) is { } token && KeyText.TryRead(token, out var key) && await keys.FindAsync(key, http) is null;

    private bool Enter(string name)
    {
        lock (gate)
        {
            var own = waiting.GetValueOrDefault(name);
            if (own == MostOfOne || waiting.Values.Sum() >= MostInAll)
                return false;
            waiting[name] = own + 1;
            return true;
        }
    }

    private void Leave(string name)
    {
        lock (gate)
            if (--waiting[name] == 0)
                waiting.Remove(name);
    }
}
