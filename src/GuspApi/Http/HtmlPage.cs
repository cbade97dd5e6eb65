using System.Text;
using System.Text.RegularExpressions;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>
/// A page for people: one quiet style, no script, nothing fetched from elsewhere. What is written between tags gets the typography of
/// its language, so that no author has to think of it.
/// </summary>
internal static partial class HtmlPage
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static IResult Answer(HttpContext http, Language language, string title, Html style, Html body)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.ContentLanguage = Code(language);
        return TypedResults.Text(Write(language, title, style, body), "text/html", Encoding.UTF8);
    }

    private static string Write(Language language, string title, Html style, Html body) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="{Code(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <style>{Css("Http/page.css")}{style}</style>

        """).Text + Set(language, Html.Of($"""
        <title>{title}</title></head>
        <body>{body}</body></html>
        """).Text);

    /// <summary>A style sheet of the program, by its path in the source; it goes into the page.</summary>
    public static Html Css(string path)
    {
        using var sheet = new StreamReader(typeof(HtmlPage).Assembly.GetManifestResourceStream(path)!);
        return new(sheet.ReadToEnd());
    }

    public static string Code(Language language) => language == Language.French ? "fr" : "en";

    /// <summary>
    /// ’ for the straight apostrophe, in both languages; in French U+202F before ; ! ? and U+00A0 before : » % €, and after «. Tags
    /// are left alone.
    /// </summary>
    private static string Set(Language language, string html) => Words().Replace(html, match =>
    {
        var text = match.Value.Replace("&#x27;", "’", StringComparison.Ordinal).Replace('\'', '’').Replace("...", "…", StringComparison.Ordinal);
        return language == Language.French
            ? HighMarks().Replace(NoBreakMarks().Replace(text, "\u00A0$1"), "\u202F$1").Replace("« ", "«\u00A0", StringComparison.Ordinal)
            : text;
    });

    [GeneratedRegex("""(?<=>)(?<!<code>|<pre>)[^<>]+(?=<)""")]
    private static partial Regex Words();

    [GeneratedRegex(" ([:»%€])")]
    private static partial Regex NoBreakMarks();

    [GeneratedRegex(" ([;!?])")]
    private static partial Regex HighMarks();
}
