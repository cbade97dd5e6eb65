using System.Runtime.CompilerServices;

namespace GuspApi.Features.Imports;

/// <summary>
/// Cuts a JSON array, an object that wraps one (<c>data</c>, <c>features</c>) or NDJSON into its objects without reading the whole: only
/// depth and strings are looked at, each object is then parsed alone.
/// </summary>
internal sealed class JsonRecords(Stream stream, bool array)
{
    /// <summary>The longest object, in bytes. A contour of a QPV takes some tens of thousands.</summary>
    public const int LongestRecord = 4 << 20;

    private const int DeepestRecord = 32;

    private byte[] _buffer = new byte[64 * 1024];
    private int _length;
    private int _line = 1;
    private int _depth;
    private bool _string;
    private bool _escape;

    /// <summary>An object: its number, from 1, its bytes (valid until the next one) and the line of the file it starts on.</summary>
    internal readonly record struct Record(int No, ReadOnlyMemory<byte> Bytes, int Line);

    public async IAsyncEnumerable<Record> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        // The depth at which records stand: 0 in NDJSON or for one object, 1 in an array, 2 in an array inside an object.
        var level = array ? 1 : 0;
        var (start, startLine, position, no) = (-1, 0, 0, 0);
        await FillAsync(ct);
        if (_length >= 3 && _buffer.AsSpan(0, 3).SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            position = 3;
        var (first, wrapped, inside, closed) = (true, false, false, false);
        while (true)
        {
            for (; position < _length; position++)
            {
                var value = _buffer[position];
                if (value == '\n')
                    _line++;
                if (_string)
                {
                    Quoted(value);
                    continue;
                }
                if (first && value is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                {
                    first = false;
                    if (array && value == '{')
                        level = 0;
                    else if (array ? value != '[' : value != '{')
                        throw Invalid("The file is not JSON.", "Le fichier n'est pas du JSON.");
                }
                if (closed && value > ' ')
                    throw Invalid("Something follows the end of the JSON.", "Quelque chose suit la fin du JSON.");
                if (start < 0 && _depth == level && (level < 2 || inside) && value > ' '
                    && value is not ((byte)',' or (byte)'{' or (byte)'}' or (byte)']'))
                    throw Invalid("Only objects are expected here.", "Seuls des objets sont attendus ici.");
                switch (value)
                {
                    case (byte)'"':
                        _string = true;
                        break;
                    case (byte)'{' or (byte)'[':
                        if (_depth == 1 && value == '[' && array && level == 0 && IsWrapper(_buffer.AsSpan(start, position - start)))
                            (level, start, inside) = (2, -1, true);
                        if (_depth == 1)
                            wrapped = value == '[';
                        if (_depth == level && start < 0 && value == '{' && (level < 2 || wrapped))
                            (start, startLine) = (position, _line);
                        if (++_depth > level + DeepestRecord)
                            throw ImportFileException.Of("JSON_TOO_DEEP",
                                new("The JSON is nested too deeply.", "Le JSON est trop profondément imbriqué."), _line,
                                new($"at most {DeepestRecord} levels", $"au plus {DeepestRecord} niveaux"));
                        break;
                    case (byte)'}' or (byte)']':
                        if (--_depth < 0)
                            throw Invalid("A bracket closes nothing.", "Une parenthèse fermante est de trop.");
                        inside &= _depth > 1;
                        closed = array && _depth == 0;
                        if (_depth == level && start >= 0)
                        {
                            yield return new(++no, _buffer.AsMemory(start, position + 1 - start), startLine);
                            start = -1;
                        }
                        break;
                }
            }

            var from = start < 0 ? _length : start;
            if (_length - from > LongestRecord)
                throw ImportFileException.Of("RECORD_TOO_LONG", new("This object is too large.", "Cet objet est trop grand."),
                    startLine, new($"at most {LongestRecord} bytes an object", $"au plus {LongestRecord} octets par objet"));
            _buffer.AsSpan(from, _length - from).CopyTo(_buffer);
            (_length, position) = (_length - from, _length - from);
            if (start > 0)
                start = 0;
            if (!await FillAsync(ct))
                break;
        }
        if (_depth != 0 || _string || first)
            throw Invalid("The JSON is not complete.", "Le JSON est incomplet.");
    }

    // "data": [ of a list of the API, "features": [ of GeoJSON: the records stand inside.
    private static bool IsWrapper(ReadOnlySpan<byte> before)
    {
        before = before.TrimEnd(" \t\r\n:"u8);
        return before.EndsWith("\"data\""u8) || before.EndsWith("\"features\""u8);
    }

    private void Quoted(byte value)
    {
        if (_escape)
            _escape = false;
        else if (value == '\\')
            _escape = true;
        else if (value == '"')
            _string = false;
    }

    private async Task<bool> FillAsync(CancellationToken ct)
    {
        if (_length == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_length), ct);
        _length += read;
        return read > 0;
    }

    private ImportFileException Invalid(string en, string fr) =>
        ImportFileException.Of("JSON_INVALID", new(en, fr), _line, array ? new(
            "an array of objects", "un tableau d'objets") : new("one object a line", "un objet par ligne"));
}
