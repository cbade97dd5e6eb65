using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GuspApi.Auth;

/// <summary>
/// A key as its bearer holds it: <c>gusp_id_secretchecksum</c>. The prefix and the checksum let a scanner recognise a leaked one without
/// asking us, and refuse a mistyped one before the database is asked. The secret has 256 bits, so a plain SHA-256 of the whole is enough:
/// slow hashes protect what people can remember.
/// </summary>
internal sealed partial record KeyText(string Id, string Text)
{
    /// <summary>What secret scanners look for.</summary>
    public const string Pattern = "^gusp_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 12;
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    public byte[] Hash { get; } = HashOf(Text);

    public static KeyText New(string? id = null)
    {
        id ??= RandomNumberGenerator.GetString(Alphabet, IdLength);
        var text = $"gusp_{id}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return new(id, text + Checksum(text));
    }

    public static bool TryRead(string text, [MaybeNullWhen(false)] out KeyText key)
    {
        var isKey = Form().IsMatch(text) && text[^ChecksumLength..] == Checksum(text[..^ChecksumLength]);
        key = isKey ? new(text.Substring("gusp_".Length, IdLength), text) : null;
        return isKey;
    }

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Without the secret, wherever it may be written by mistake.</summary>
    public override string ToString() => $"gusp_{Id}_…";

    /// <summary>The first four bytes of the SHA-256, in base 62.</summary>
    private static string Checksum(string text)
    {
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var place = ChecksumLength - 1; place >= 0; place--, number /= 62)
            digits[place] = Alphabet[(int)(number % 62)];
        return new string(digits);
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
