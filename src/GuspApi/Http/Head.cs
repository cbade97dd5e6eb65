namespace GuspApi.Http;

/// <summary>HEAD is answered as GET is, on every route, and ends where the body would begin: no file is read to be thrown away.</summary>
internal static class Head
{
    public static Task AnswerAsync(HttpContext http, RequestDelegate next) =>
        HttpMethods.IsHead(http.Request.Method) ? AnswerHeadAsync(http, next) : next(http);

    /// <summary>Asked by what would stream rows: without a body none is read.</summary>
    public static bool IsAsked(HttpContext http) => http.Response.Body is NoBody;

    private static async Task AnswerHeadAsync(HttpContext http, RequestDelegate next)
    {
        var (sent, nothing) = (http.Response.Body, new NoBody(http.Response));
        (http.Request.Method, http.Response.Body) = (HttpMethods.Get, nothing);
        try
        {
            await next(http);
        }
        catch (Exception) when (nothing.IsAsked)
        {
            // The writing of the body was stopped; all that is wanted has gone.
        }
        finally
        {
            (http.Request.Method, http.Response.Body) = (HttpMethods.Head, sent);
        }
    }

    /// <summary>Sends the headers when a body is written, and stops who writes it.</summary>
    private sealed class NoBody(HttpResponse response) : Stream
    {
        public bool IsAsked { get; private set; }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken ct = default)
        {
            if (buffer.IsEmpty)
                return;
            IsAsked = true;
            await response.StartAsync(ct);
            // No cancellation: of that the framework makes a broken connection.
            throw new IOException("HEAD has no body.");
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken ct) =>
            WriteAsync(buffer.AsMemory(offset, count), ct).AsTask();

        public override Task FlushAsync(CancellationToken ct) => Task.CompletedTask;
        public override void Flush() { }
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
