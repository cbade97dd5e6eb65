using System.Buffers;
using System.Data;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>The bytes of an import as a stream: one chunk at a time, whatever the length, and the next one fetched meanwhile.</summary>
internal sealed class ImportChunkStream(NpgsqlConnection connection, Guid id) : Stream
{
    private ReadOnlyMemory<byte> _rest;
    private Chunk _current;
    private Task<Chunk>? _next;
    private int _no;
    private long _position;

    /// <summary>
    /// A piece of the file, in a buffer that is lent: to allocate a megabyte each time costs collections of all that lives.
    /// </summary>
    private readonly record struct Chunk(byte[]? Buffer, int Length)
    {
        public void GiveBack()
        {
            if (Buffer is not null)
                ArrayPool<byte>.Shared.Return(Buffer);
        }
    }

    /// <summary>The next chunk; empty at the end. It is there until the one after it is asked for.</summary>
    public async Task<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct)
    {
        _current.GiveBack();
        _current = default;
        _current = await (_next ?? FetchAsync(ct));
        _next = _current.Length > 0 ? FetchAsync(ct) : null;
        return _current.Buffer.AsMemory(0, _current.Length);
    }

    /// <summary>Leaves the connection to others: nothing is fetched any more.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_next is not null)
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _current.GiveBack();
        _current = default;
        await base.DisposeAsync();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct = default)
    {
        if (_rest.IsEmpty)
            _rest = await NextAsync(ct);
        var read = Math.Min(buffer.Length, _rest.Length);
        _rest[..read].CopyTo(buffer);
        _rest = _rest[read..];
        _position += read;
        return read;
    }

    private async Task<Chunk> FetchAsync(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select bytes from import_chunk where import_id = $1 and no = $2", connection)
        {
            Parameters = { new() { Value = id }, new() { Value = _no++ } },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        if (!await reader.ReadAsync(ct))
            return default;
        await using var bytes = await reader.GetStreamAsync(0, ct);
        var buffer = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        return new(buffer, await bytes.ReadAtLeastAsync(buffer, (int)bytes.Length, throwOnEndOfStream: false, ct));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken ct) =>
        ReadAsync(buffer.AsMemory(offset, count), ct).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Chunks are read asynchronously.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
