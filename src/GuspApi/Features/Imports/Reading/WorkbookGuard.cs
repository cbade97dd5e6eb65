using System.Buffers.Binary;
using System.IO.Compression;

namespace GuspApi.Features.Imports;

/// <summary>How large a workbook may be, in bytes once inflated.</summary>
internal sealed record WorkbookLimits(long Inflated, long Part, int Parts)
{
    /// <summary>A part is what readers keep in memory, shared strings above all; sheets stream and count in the total alone.</summary>
    public static readonly WorkbookLimits Default = new(1L << 30, 128L << 20, 10_000);

    /// <summary>The most bytes between two marks: a cell holds at most 32 767 characters.</summary>
    public int Text { get; init; } = 1 << 20;
}

/// <summary>
/// Looks at a workbook, which is a ZIP of XML files, before anything reads it. Lengths in a ZIP lie, so that bytes are counted as they
/// are inflated; only what passed is given to the reader of sheets, which never looks at macros and external links.
/// </summary>
internal static class WorkbookGuard
{
    private const int DirectoryEnd = 22;
    private const int DirectoryHeader = 46;
    private const int Overlap = 16;

    public static ReadOnlySpan<byte> Zip => "PK\u0003\u0004"u8;

    /// <summary>How workbooks before 2007 and those with a password begin.</summary>
    public static ReadOnlySpan<byte> Ole => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    public static void Check(Stream file, WorkbookLimits limits, CancellationToken ct)
    {
        RequireZip(file);
        try
        {
            CountParts(file, limits);
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var total = 0L;
            var buffer = new byte[64 * 1024];
            foreach (var entry in archive.Entries)
            {
                using var part = entry.Open();
                total = Inflate(part, buffer, total, limits, ct);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            throw WorkbookFault.Damaged();
        }
        file.Position = 0;
    }

    private static void RequireZip(Stream file)
    {
        Span<byte> start = stackalloc byte[8];
        file.Position = 0;
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..length].StartsWith(Ole))
            throw WorkbookFault.OldOrEncrypted();
        if (!start[..length].StartsWith(Zip))
            throw WorkbookFault.Damaged();
    }

    private static long Inflate(Stream part, byte[] buffer, long total, WorkbookLimits limits, CancellationToken ct)
    {
        var (bytes, sinceMark, kept) = (0L, 0L, 0);
        var (isSheet, isShared) = (false, false);
        while (part.Read(buffer, kept, buffer.Length - kept) is > 0 and var read)
        {
            ct.ThrowIfCancellationRequested();
            total += read;
            bytes += read;
            if (total > limits.Inflated)
                throw WorkbookFault.TooLarge(new(
                    "all its parts together", "tous ses éléments ensemble"), WorkbookFault.AtMost(limits.Inflated));

            // What a part is called proves nothing: a sheet is told from shared strings by what is in it.
            var seen = buffer.AsSpan(0, kept + read);
            isSheet = isSheet || Holds(seen, "sheetData"u8);
            isShared = isShared || Holds(seen, "sst"u8);
            if (bytes > limits.Part && (isShared || !isSheet))
                throw WorkbookFault.TooLarge(new(
                    "its shared strings, or another part",
                    "ses chaînes partagées, ou un autre élément"), WorkbookFault.AtMost(limits.Part));

            var fresh = seen[kept..];
            var mark = fresh.LastIndexOf((byte)'<');
            sinceMark = mark < 0 ? sinceMark + read : read - mark;
            if ((isSheet || isShared) && sinceMark > limits.Text)
                throw WorkbookFault.LongCell(limits);

            kept = Math.Min(Overlap, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }
        return total;
    }

    // <name or <prefix:name: the start of an element, whatever its prefix.
    private static bool Holds(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (text.IndexOf(name) is >= 0 and var at)
        {
            if (at > 0 && text[at - 1] is (byte)'<' or (byte)':')
                return true;
            text = text[(at + name.Length)..];
        }
        return false;
    }

    // The archive class reads its whole directory into memory before it compares the count with the one announced.
    private static void CountParts(Stream file, WorkbookLimits limits)
    {
        file.Position = DirectoryOf(file);
        var header = new byte[DirectoryHeader];
        for (var parts = 0; file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length; parts++)
        {
            if (!header.AsSpan().StartsWith("PK\u0001\u0002"u8))
                break;
            if (parts == limits.Parts)
                throw WorkbookFault.TooLarge(new(
                    "too many parts", "trop d'éléments"), new($"at most {limits.Parts} parts", $"au plus {limits.Parts} éléments"));
            for (var field = 28; field <= 32; field += 2)
                file.Seek(BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(field)), SeekOrigin.Current);
        }
    }

    private static long DirectoryOf(Stream file)
    {
        var tail = new byte[(int)Math.Min(file.Length, DirectoryEnd + ushort.MaxValue + 20)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + DirectoryEnd > tail.Length)
            throw new InvalidDataException();

        // Lengths of 64 bits stand in a record of their own, to which a locator of 20 bytes leads.
        var locator = end - 20;
        if (locator < 0 || !tail.AsSpan(locator).StartsWith("PK\u0006\u0007"u8))
            return BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        file.Position = Checked(BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8)), file);
        var record = new byte[56];
        file.ReadExactly(record);
        return Checked(BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48)), file);
    }

    private static long Checked(long position, Stream file) =>
        position >= 0 && position <= file.Length ? position : throw new InvalidDataException();
}
