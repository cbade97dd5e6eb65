using System.Buffers;
using System.Text;
using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>
/// Looks once at all bytes of a file, chunk by chunk, before a row is read: which encoding they are in, and the line of the first
/// byte that no text may hold.
/// </summary>
internal sealed class ByteScan
{
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);

    private readonly byte[] _carry = new byte[4];
    private readonly byte[] _head = new byte[1024];
    private int _carried;
    private int _headLength;
    private int _line = 1;
    private int _sequences;
    private int _damaged;
    private int? _damagedLine;
    private int? _nulLine;
    private byte _cut;

    public long Bytes { get; private set; }

    public bool HasByteOrderMark => _head.AsSpan(0, _headLength).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);

    /// <summary>Lines of the file as a text editor counts them.</summary>
    public int Lines => _line;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_headLength < _head.Length)
        {
            var taken = Math.Min(bytes.Length, _head.Length - _headLength);
            bytes[..taken].CopyTo(_head.AsSpan(_headLength));
            _headLength += taken;
        }
        Bytes += bytes.Length;

        if (_nulLine is null && bytes.IndexOf((byte)0) is >= 0 and var nul)
            _nulLine = _line + bytes[..nul].Count((byte)'\n');

        var line = _line;
        _line += bytes.Count((byte)'\n');
        bytes = FinishCarried(bytes, line);
        Sequences(bytes, line);
    }

    /// <summary>The encoding, once all bytes were seen; throws what makes the file unreadable.</summary>
    public Encoding Decide(string? charset)
    {
        var head = _head.AsSpan(0, _headLength);
        if (Bytes == 0)
            throw ImportFileException.Of("EMPTY_FILE", new("The file is empty.", "Le fichier est vide."));
        if (head.StartsWith("PK\u0003\u0004"u8))
            throw ImportFileException.Of("FILE_IS_ZIP", new(
                "This is a workbook or an archive, announced as text: "
                    + "send a workbook with the Content-Type of .xlsx, or save it as CSV UTF-8.",
                "C'est un classeur ou une archive, annoncé comme du texte : envoyez un classeur avec le Content-Type de .xlsx, "
                    + "ou enregistrez-le en CSV UTF-8."),
                expected: Text.Alike("Content-Type: " + ImportFormats.Workbook));
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw ImportFileException.Of("ENCODING_UNSUPPORTED", new(
                "The file is in UTF-16: save it as CSV UTF-8.", "Le fichier est en UTF-16 : enregistrez-le en CSV UTF-8."), 1,
                Text.Alike("UTF-8"));
        if (CountControls(head) > Math.Max(8, head.Length / 50))
            throw ImportFileException.Of("FILE_BINARY", new(
                "This is not a text file.", "Ce n'est pas un fichier texte."), 1, new(
                    "CSV, JSON or NDJSON text", "du texte CSV, JSON ou NDJSON"));
        if (_nulLine is { } nul)
            throw ImportFileException.Of("NUL_CHARACTER", new(
                "The file holds a NUL character.", "Le fichier contient un caractère NUL."), nul, new(
                    "text without U+0000", "du texte sans U+0000"));

        if (charset is not null && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Latin.Of(charset);
        var saysUtf8 = charset is not null || HasByteOrderMark;
        return Unicode(saysUtf8);
    }

    private Encoding Unicode(bool saysUtf8)
    {
        // The cut end of an UTF-8 file, or the last accent of a Windows-1252 one? Two-byte leads C2 and C3 (Â, Ã) and E2 (â) end no French
        // word, E9 (é) does.
        var truncated = _carried > 0 && _damaged == 0 && (saysUtf8 || _sequences > 0 || _carried > 1 || _cut is 0xC2 or 0xC3 or 0xE2);
        if (truncated)
            throw ImportFileException.Of("UTF8_TRUNCATED", new(
                "The file ends in the middle of a character: it is not complete.",
                "Le fichier s'arrête au milieu d'un caractère : il est incomplet."), _line, new(
                    "whole UTF-8 characters", "des caractères UTF-8 entiers"));
        if (_damaged == 0 && _carried == 0)
            return Encoding.UTF8;

        // Text that is mostly good UTF-8 is damaged UTF-8, not Windows-1252: reading it as such would garble every accent in silence.
        if (saysUtf8 || _sequences > _damaged)
            throw ImportFileException.Of("UTF8_INVALID", new(
                "This line holds bytes that are not UTF-8.", "Cette ligne contient des octets qui ne sont pas de l'UTF-8."),
                _damagedLine ?? _line, new("UTF-8 throughout, or Windows-1252 throughout", "UTF-8 partout, ou Windows-1252 partout"));
        return Latin.Windows1252;
    }

    private static int CountControls(ReadOnlySpan<byte> head)
    {
        var count = 0;
        foreach (var value in head)
            if (Controls.Contains(value))
                count++;
        return count;
    }

    private ReadOnlySpan<byte> FinishCarried(ReadOnlySpan<byte> bytes, int line)
    {
        while (_carried > 0 && bytes.Length > 0)
        {
            _carry[_carried++] = bytes[0];
            bytes = bytes[1..];
            var status = Rune.DecodeFromUtf8(_carry.AsSpan(0, _carried), out _, out var used);
            if (status == OperationStatus.NeedMoreData)
                continue;

            Note(status, line);
            var left = _carried - used;
            _carried = 0;
            if (left > 0)
                Sequences(_carry.AsSpan(used, left).ToArray(), line);
        }
        return bytes;
    }

    private void Sequences(ReadOnlySpan<byte> bytes, int line)
    {
        while (bytes.IndexOfAnyExceptInRange((byte)0, (byte)127) is >= 0 and var start)
        {
            line += bytes[..start].Count((byte)'\n');
            bytes = bytes[start..];
            var status = Rune.DecodeFromUtf8(bytes, out _, out var used);
            if (status == OperationStatus.NeedMoreData)
            {
                bytes.CopyTo(_carry);
                _carried = bytes.Length;
                _cut = bytes[0];
                return;
            }
            Note(status, line);
            bytes = bytes[used..];
        }
    }

    private void Note(OperationStatus status, int line)
    {
        if (status == OperationStatus.Done)
        {
            _sequences++;
            return;
        }
        _damaged++;
        _damagedLine ??= line;
    }
}
