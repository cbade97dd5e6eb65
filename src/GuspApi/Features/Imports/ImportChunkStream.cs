using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>The bytes of an import as a stream: one chunk at a time, whatever the length, and the next one fetched meanwhile.</summary>
internal sealed class ImportChunkStream(NpgsqlConnection connection, Guid id) : Stream
{
    private ReadOnlyMemory<byte> _chunk;
    private Task<byte[]?>? _next;
    private int _no;
    private long _position;

    /// <summary>The next chunk; empty at the end.</summary>
    public async Task<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct)
    {
        var chunk = await (_next ?? FetchAsync(ct));
        _next = chunk is null ? null : FetchAsync(ct);
        return chunk;
    }

    /// <summary>Leaves the connection to others: nothing is fetched any more.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_next is not null)
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.DisposeAsync();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct = default)
    {
        if (_chunk.IsEmpty)
            _chunk = await NextAsync(ct);
        var read = Math.Min(buffer.Length, _chunk.Length);
        _chunk[..read].CopyTo(buffer);
        _chunk = _chunk[read..];
        _position += read;
        return read;
    }

    private Task<byte[]?> FetchAsync(CancellationToken ct) =>
        ImportSql.ScalarAsync<byte[]>(connection, "select bytes from import_chunk where import_id = $1 and no = $2", ct, id, _no++);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken ct) => ReadAsync(buffer.AsMemory(offset, count), ct).AsTask();

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
