namespace GuspApi.Model;

/// <summary>A sentence for people, in the two languages of the API. English unless the caller asks for French.</summary>
public readonly record struct Text(string En, string Fr)
{
    public string In(Language language) => language == Language.French ? Fr : En;

    /// <summary>Words, any of which would do.</summary>
    public static Text OneOf(string words) => new($"one of {words}", $"l'un de {words}");
}

/// <summary>The languages messages exist in.</summary>
public enum Language
{
    English,
    French,
}
