using System.Diagnostics.CodeAnalysis;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>The form of a value in a URL: how it is read, and how it is described to who gets it wrong.</summary>
internal interface IForm<T>
{
    static abstract bool TryRead(string text, [MaybeNullWhen(false)] out T value);

    /// <summary>What is accepted, for the refusal and the contract: <c>nine digits</c>.</summary>
    static abstract Text Expected { get; }

    /// <summary>Regular expression for the contract, where there is one.</summary>
    static virtual string? Pattern => null;

    /// <summary>A value that exists in the demonstration data, for the contract.</summary>
    static virtual string? Example => null;

    /// <summary>All the values there are, where they can be listed.</summary>
    static virtual IReadOnlyList<string>? Words => null;

    /// <summary>The least and the most, of whole numbers.</summary>
    static virtual (long Least, long Most)? Bounds => null;
}

/// <summary>A value of a URL that was read, or could not be. Binding never fails: a filter gathers every fault of a request.</summary>
internal interface IUrlValue
{
    string? Wrong { get; }
    Text Expected { get; }
    static abstract UrlForm Form { get; }
}

/// <summary>
/// What the contract says of a value in a URL. Its name is that of its words in clients: one for all parameters of the form.
/// </summary>
internal sealed record UrlForm(
    Type Type, string Name, string Expected, string? Pattern, string? Example, IReadOnlyList<string>? Words,
    (long Least, long Most)? Bounds,
    bool Several)
{
    public static UrlForm Of<T, TForm>(bool several) where TForm : IForm<T> => new(
        typeof(T), typeof(TForm).IsGenericType ? typeof(T).Name : typeof(TForm).Name[..^"Form".Length],
        TForm.Expected.En, TForm.Pattern, TForm.Example, TForm.Words, TForm.Bounds, several)
    {
        IsAsAnswered = typeof(TForm).IsGenericType && typeof(TForm).GetGenericTypeDefinition() == typeof(EnumForm<>),
    };

    /// <summary>Whether the words are those of answers.</summary>
    public bool IsAsAnswered { get; init; }
}

/// <summary>One value. <typeparamref name="TForm"/> reads it.</summary>
internal sealed record One<T, TForm>(T Value, string? Wrong = null) : IUrlValue, IParsable<One<T, TForm>>
    where TForm : IForm<T>
{
    public static UrlForm Form => UrlForm.Of<T, TForm>(several: false);

    public Text Expected => TForm.Expected;

    public static One<T, TForm> Parse(string text, IFormatProvider? provider) =>
        TForm.TryRead(text, out var value) ? new(value) : new(default!, Wrong: text);

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out One<T, TForm> result)
    {
        result = Parse(text ?? "", provider);
        return true;
    }
}

/// <summary>Several values, separated by commas: any of them.</summary>
internal sealed record Many<T, TForm>(IReadOnlyList<T> Values, string? Wrong = null) : IUrlValue, IParsable<Many<T, TForm>>
    where TForm : IForm<T>
{
    public static UrlForm Form => UrlForm.Of<T, TForm>(several: true);

    public Text Expected => new(TForm.Expected.En + " (several separated by commas)",
        TForm.Expected.Fr + " (plusieurs séparés par des virgules)");

    public static Many<T, TForm> Parse(string text, IFormatProvider? provider)
    {
        var values = new List<T>();
        foreach (var item in text.Split(','))
        {
            if (!TForm.TryRead(item.Trim(), out var value))
                return new([], Wrong: item);
            if (!values.Contains(value))
                values.Add(value);
        }
        return new(values);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out Many<T, TForm> result)
    {
        result = Parse(text ?? "", provider);
        return true;
    }
}

internal sealed class SirenForm : IForm<string>
{
    public static Text Expected => new(
        "a SIREN: nine digits, the last a Luhn check digit", "un SIREN : neuf chiffres, le dernier étant une clé de Luhn");
    public static string? Pattern => Siren.Pattern;
    public static string? Example => "999590011";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Siren.IsValid(text);
    }
}

internal sealed class QpvForm : IForm<string>
{
    public static Text Expected => new(
        "a QPV code, such as QP059001 (2015 list) or QN05901M (2024 list)",
        "un code de QPV, tel que QP059001 (liste de 2015) ou QN05901M (liste de 2024)");
    public static string? Pattern => QpvCode.Pattern;
    public static string? Example => "QP059001";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return QpvCode.IsValid(text);
    }
}

internal sealed class RegionForm : IForm<string>
{
    public static Text Expected => new(
        "a region code, such as 32 or 01: two digits, or three overseas",
        "un code de région, tel que 32 ou 01 : deux chiffres, ou trois outre-mer");
    public static string? Pattern => "^[0-9]{2,3}$";
    public static string? Example => "32";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is 2 or 3 && text.All(char.IsAsciiDigit);
    }
}

internal sealed class DepartmentForm : IForm<string>
{
    public static Text Expected => new(
        "a département code, such as 02, 59, 2A or 974; leading zeros count",
        "un code de département, tel que 02, 59, 2A ou 974 ; les zéros de tête comptent");
    public static string? Pattern => "^([0-9]{2}|2[AB]|9[78][0-9])$";
    public static string? Example => "59";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text is "2A" or "2B" || (text.All(char.IsAsciiDigit) && (text.Length == 2 || (text.Length == 3 && text[0] == '9')));
    }
}

internal sealed class CommuneForm : IForm<string>
{
    public static Text Expected => new(
        "an INSEE commune code: five characters such as 59350 or 2A004",
        "un code INSEE de commune : cinq caractères tels que 59350 ou 2A004");
    public static string? Pattern => "^[0-9][0-9AB][0-9]{3}$";
    public static string? Example => "59350";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length == 5 && char.IsAsciiDigit(text[0]) && (char.IsAsciiDigit(text[1]) || text[1] is 'A' or 'B') && text.AsSpan(2)
            .IndexOfAnyExceptInRange('0', '9') < 0;
    }
}

internal sealed class YearForm : IForm<short>
{
    public static Text Expected => new("a year, from 2015 to 2100", "une année, de 2015 à 2100");
    public static (long Least, long Most)? Bounds => (2015, 2100);
    public static string? Example => "2022";

    public static bool TryRead(string text, out short value)
    {
        value = 0;
        return text.Length == 4 && text.All(char.IsAsciiDigit) && short.TryParse(text, out value) && value is >= 2015 and <= 2100;
    }
}

internal sealed class BooleanForm : IForm<bool>
{
    public static Text Expected => new("true or false", "true ou false");
    public static string? Example => "true";

    public static bool TryRead(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }
}

/// <summary>An instant in RFC 3339, kept in UTC.</summary>
internal sealed class InstantForm : IForm<DateTime>
{
    public static Text Expected => new(
        "an RFC 3339 instant, such as 2026-01-31T12:00:00Z", "un instant RFC 3339, tel que 2026-01-31T12:00:00Z");
    public static string? Example => "2026-01-31T12:00:00Z";

    public static bool TryRead(string text, out DateTime value)
    {
        var read = DateTimeOffset.TryParseExact(
            text.Replace(' ', '+'), ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], null,
            System.Globalization.DateTimeStyles.AssumeUniversal, out var instant);
        value = instant.UtcDateTime;
        return read;
    }
}

internal sealed class EnumForm<T> : IForm<T> where T : struct, Enum
{
    public static Text Expected => Text.OneOf(string.Join(", ", Words!));
    public static IReadOnlyList<string>? Words => [.. Enum.GetValues<T>().Select(Capitals.Of)];

    public static bool TryRead(string text, out T value) => Capitals.TryParse(text, out value);
}

/// <summary>Words to look for: not empty, at most 200 characters, no NUL.</summary>
internal sealed class WordsForm : IForm<string>
{
    public static Text Expected => new("1 to 200 characters", "1 à 200 caractères");
    public static string? Pattern => @"^[^\u0000]{1,200}$";
    public static string? Example => "fictif";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text.Trim();
        return value.Length is > 0 and <= 200 && !value.Contains('\0');
    }
}

internal sealed class LimitForm : IForm<int>
{
    public const int Default = 100;
    public const int Most = 1000;

    public static Text Expected => new("a whole number from 1 to 1000", "un entier de 1 à 1000");
    public static (long Least, long Most)? Bounds => (1, Most);
    public static string? Example => "100";

    public static bool TryRead(string text, out int value) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out value) && value is >= 1 and <= Most;
}

internal sealed class AxisForm : IForm<short>
{
    public static Text Expected => new("the number of an axis, from 1 to 8", "le numéro d'un axe, de 1 à 8");
    public static (long Least, long Most)? Bounds => (1, 8);
    public static string? Example => "3";

    public static bool TryRead(string text, out short value)
    {
        value = (short)(text.Length == 1 ? text[0] - '0' : 0);
        return value is >= 1 and <= 8;
    }
}

/// <summary>The number the database gave an object.</summary>
internal sealed class NumberForm : IForm<long>
{
    public static Text Expected => new("a whole number from 1", "un entier à partir de 1");
    public static (long Least, long Most)? Bounds => (1, long.MaxValue);
    public static string? Example => "1";

    public static bool TryRead(string text, out long value) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, null, out value) && value > 0;
}

internal sealed class EpciForm : IForm<string>
{
    public static Text Expected => new(
        "the SIREN of an EPCI: nine digits, the last a Luhn check digit",
        "le SIREN d'un EPCI : neuf chiffres, le dernier étant une clé de Luhn");
    public static string? Pattern => Siren.Pattern;
    public static string? Example => "200093201";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value) => SirenForm.TryRead(text, out value);
}

/// <summary>Words of a URL that are written in lower case: validated, declared, csv.</summary>
internal sealed class LowerCaseForm<T> : IForm<T> where T : struct, Enum
{
    public static Text Expected => Text.OneOf(string.Join(", ", Words!));
    public static IReadOnlyList<string>? Words => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];

    public static bool TryRead(string text, out T value)
    {
        value = default;
        var name = Enum.GetNames<T>().FirstOrDefault(name => name.ToLowerInvariant() == text);
        return name is not null && Enum.TryParse(name, out value);
    }
}

internal sealed class VersionForm : IForm<int>
{
    public static Text Expected => new("a version number, from 1", "un numéro de version, à partir de 1");
    public static (long Least, long Most)? Bounds => (1, int.MaxValue);
    public static string? Example => "1";

    public static bool TryRead(string text, out int value) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out value) && value > 0;
}
