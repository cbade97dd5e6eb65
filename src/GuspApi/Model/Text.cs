namespace GuspApi.Model;

/// <summary>A sentence for people, in the two languages of the API. English unless the caller asks for French.</summary>
public readonly record struct Text(string En, string Fr)
{
    public string In(Language language) => language == Language.French ? Fr : En;

    /// <summary>What is written alike in both: numbers, codes, names of the API.</summary>
    public static Text Alike(string words) => new(words, words);

    /// <summary>A code that a list of the API knows.</summary>
    public static Text CodeOf(string list) => new($"a code of {list}", $"un code de {list}");

    /// <summary>Words, any of which would do.</summary>
    public static Text OneOf(string words) => new($"one of {words}", $"l'un de {words}");
}

/// <summary>The languages messages exist in.</summary>
public enum Language
{
    English,
    French,
}
