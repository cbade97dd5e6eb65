using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, written into a buffer that goes to the network when it is full: twice as fast as a call of the
/// driver for every cell, which was the largest part of reading a file.
/// </summary>
internal sealed class BinaryCopy : IAsyncDisposable
{
    private const int FlushAt = 48 * 1024;
    private const int LongestFixedCell = 24;
    private const int Null = -1;

    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;
    private bool _isComplete;

    private BinaryCopy(NpgsqlRawCopyStream stream) => _stream = stream;

    public static async Task<BinaryCopy> BeginAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        var copy = new BinaryCopy(await connection.BeginRawBinaryCopyAsync(sql, ct));
        ReadOnlySpan<byte> signature = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        signature.CopyTo(copy._buffer);
        copy._length = signature.Length;
        return copy;
    }

    /// <summary>Begins a row; as many cells must follow as there are columns.</summary>
    public async ValueTask RowAsync(short columns, CancellationToken ct)
    {
        if (_length >= FlushAt)
            await FlushAsync(ct);
        BinaryPrimitives.WriteInt16BigEndian(Take(2), columns);
    }

    public void Write(int? value)
    {
        if (!Begin(value is null, 4))
            BinaryPrimitives.WriteInt32BigEndian(Take(4), value!.Value);
    }

    /// <summary>For columns of type smallint.</summary>
    public void WriteSmall(int? value)
    {
        if (!Begin(value is null, 2))
            BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)value!.Value);
    }

    public void Write(double? value)
    {
        if (!Begin(value is null, 8))
            BinaryPrimitives.WriteDoubleBigEndian(Take(8), value!.Value);
    }

    public void Write(bool value)
    {
        Begin(isNull: false, 1);
        Take(1)[0] = value ? (byte)1 : (byte)0;
    }

    /// <summary>
    /// An amount between 0 and 9 999 999 999.99 with at most two decimals, as numeric: four digits of base 10 000, the last of them the
    /// cents.
    /// </summary>
    public void Write(decimal? amount)
    {
        const int digits = 4;
        if (Begin(amount is null, 8 + 2 * digits))
            return;
        var cents = decimal.ToInt64(amount!.Value * 100);
        var units = cents / 100;
        ReadOnlySpan<short> shorts =
            [digits, digits - 2, 0, 2, (short)(units / 100_000_000), (short)(units / 10_000 % 10_000), (short)(units % 10_000),
                (short)(cents % 100 * 100)];
        var cell = Take(16);
        for (var i = 0; i < shorts.Length; i++)
            BinaryPrimitives.WriteInt16BigEndian(cell[(2 * i)..], shorts[i]);
    }

    public void Write(string? text)
    {
        if (text is null)
            Begin(isNull: true, 0);
        else
            Write(text, prefix: 0);
    }

    /// <summary>For columns of type jsonb.</summary>
    public void WriteJson(string? json)
    {
        const int version = 1;
        if (json is null)
            Begin(isNull: true, 0);
        else
            Write(json, version);
    }

    /// <summary>Ends the COPY; without it nothing is kept.</summary>
    public async Task CompleteAsync(CancellationToken ct)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);
        await FlushAsync(ct);
        _isComplete = true;
        await _stream.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isComplete)
            return;
        _isComplete = true;
        try
        {
            await _stream.CancelAsync();
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or IOException)
        {
            // The connection is gone, and the COPY with it.
        }
    }

    private void Write(string text, byte prefix)
    {
        Reserve(LongestFixedCell + Encoding.UTF8.GetMaxByteCount(text.Length));
        var start = _length;
        _length += 4;
        if (prefix > 0)
            _buffer[_length++] = prefix;
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _length - start - 4);
    }

    // The length of a cell, or that it is null.
    private bool Begin(bool isNull, int length)
    {
        Reserve(LongestFixedCell);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), isNull ? Null : length);
        return isNull;
    }

    private Span<byte> Take(int bytes)
    {
        var taken = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return taken;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        await _stream.WriteAsync(_buffer.AsMemory(0, _length), ct);
        _length = 0;
    }
}
