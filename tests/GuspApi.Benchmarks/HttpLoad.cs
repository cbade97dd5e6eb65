using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GuspApi.Benchmarks;

/// <summary>
/// Callers over HTTP/1.1, each asking again when it is answered, by bare sockets: the load shares the machine with what it measures, and an
/// HttpClient would cost more than the answer.
/// </summary>
internal sealed class HttpLoad(Uri address, string? key)
{
    public Uri Address => address;
    public string? Key => key;

    public sealed record Result(double PerSecond, double P50, double P95, double P99);

    /// <summary>
    /// Asks the requests in turn. <paramref name="once"/>: no request twice, and the time may end early. <paramref name="every"/>: each
    /// caller asks at this pace at most. <paramref name="stop"/> ends it early.
    /// </summary>
    public Result Run(
        IReadOnlyList<byte[]> requests, int status, int callers, TimeSpan time, bool once = false, TimeSpan every = default,
        CancellationToken stop = default)
    {
        var next = -1;
        var latencies = new List<double>[callers];
        Exception? fault = null;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            try
            {
                latencies[caller] = [];
                using var connection = new Connection(address);
                while (!stop.IsCancellationRequested && Stopwatch.GetElapsedTime(start) < time
                    && Interlocked.Increment(ref next) is var number && (!once || number < requests.Count))
                {
                    var sent = Stopwatch.GetTimestamp();
                    connection.Ask(requests[number % requests.Count], status);
                    var took = Stopwatch.GetElapsedTime(sent);
                    latencies[caller].Add(took.TotalMilliseconds);
                    if (every > took)
                        Thread.Sleep(every - took);
                }
            }
            catch (Exception failed)
            {
                fault = failed;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (fault is not null)
            throw new InvalidOperationException($"The work was not done: {fault.Message}", fault);
        var all = latencies.SelectMany(list => list).Order().ToList();
        return new(all.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, all[all.Count / 2], all[all.Count * 95 / 100],
            all[all.Count * 99 / 100]);
    }

    public byte[] Get(string path, string? known = null) => Request("GET", path, known is null ? "" : $"If-None-Match: {known}\r\n", "");

    public byte[] GetCompressed(string path) => Request("GET", path, "Accept-Encoding: gzip\r\n", "");

    /// <summary>A question that was never asked: what it accepts besides is in no other.</summary>
    public byte[] GetAnew(string path, int number) => Request("GET", path, $"Accept: text/x-{number}\r\n", "");

    public byte[] Put(string path, string body) => Request("PUT", path, "If-None-Match: *\r\nContent-Type: application/json\r\n", body);

    public byte[] Post(string path, string body) => Request("POST", path, "Content-Type: application/json\r\n", body);

    /// <summary>The whole answer to a request.</summary>
    public string Answer(byte[] request)
    {
        using var connection = new Connection(address);
        connection.Ask(request, 200);
        return connection.Answer;
    }

    private byte[] Request(string method, string path, string headers, string body)
    {
        var authorization = key is null ? "" : $"Authorization: Bearer {key}\r\n";
        var length = body.Length == 0 ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        return Encoding.UTF8.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: "
                + $"application/json\r\n{authorization}{headers}{length}\r\n{body}");
    }

    private sealed class Connection : IDisposable
    {
        private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private byte[] buffer = new byte[64 * 1024];
        private int filled;

        public Connection(Uri address) => socket.Connect(address.Host, address.Port);

        public string Answer => Encoding.UTF8.GetString(buffer, 0, filled);

        public void Ask(byte[] request, int status)
        {
            socket.Send(request);
            filled = 0;
            var body = 4 + Find("\r\n\r\n"u8, 0);
            var head = Encoding.ASCII.GetString(buffer, 0, body);
            if (Header(head, "Content-Length") is { } length)
                Need(body + int.Parse(length, CultureInfo.InvariantCulture));
            else if (Header(head, "Transfer-Encoding") is not null)
                ReadChunks(body);
            if (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) != status)
                throw new InvalidOperationException(Answer);
        }

        private void ReadChunks(int at)
        {
            for (var size = -1; size != 0;)
            {
                var end = Find("\r\n"u8, at);
                size = int.Parse(Encoding.ASCII.GetString(buffer, at, end - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                at = end + 2 + size + 2;
                Need(at);
            }
        }

        private static string? Header(string head, string name) =>
            head.IndexOf("\r\n" + name + ": ", StringComparison.OrdinalIgnoreCase) is >= 0 and var at
                ? head[(at + name.Length + 4)..head.IndexOf("\r\n", at + 2, StringComparison.Ordinal)]
                : null;

        private int Find(ReadOnlySpan<byte> text, int from)
        {
            while (true)
            {
                if (from <= filled && buffer.AsSpan(from, filled - from).IndexOf(text) is >= 0 and var at)
                    return from + at;
                Need(filled + 1);
            }
        }

        private void Need(int count)
        {
            while (filled < count)
            {
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                var read = socket.Receive(buffer, filled, buffer.Length - filled, SocketFlags.None);
                filled += read > 0 ? read : throw new IOException("The connection was closed in the middle of an answer.");
            }
        }

        public void Dispose() => socket.Dispose();
    }
}
