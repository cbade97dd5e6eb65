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

    public static string Write(Language language, string title, Html style, Html body) => Set(language, Html.Of($"""
        <!DOCTYPE html>
        <html lang="{Code(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title}</title><style>{new Html(Style)}{style}</style></head>
        <body>{body}</body></html>
        """).Text);

    public static string Code(Language language) => language == Language.French ? "fr" : "en";

    /// <summary>Ink on white, one blue; figures in columns; everything at least 4.5:1, and no meaning by colour alone.</summary>
    private const string Style = """
        :root{--ink:#1b2430;--soft:#4f5b69;--line:#c6ced8;--blue:#1d4e80;--wash:#f3f6fa}
        *{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
        body{font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);background:#fff;margin:0;font-variant-numeric:lining-nums tabular-nums}
        main,header,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
        h1{font-size:clamp(1.9rem,5vw,2.8rem);line-height:1.1;margin:.1em 0 .25em;letter-spacing:-.01em}
        h2{font-size:1.3rem;line-height:1.25;margin:2.6rem 0 .8rem;padding-top:.7rem;border-top:2px solid var(--ink)}
        h3{font-size:1rem;line-height:1.35;margin:1.2rem 0 .3rem}p,ul,ol,dl{margin:.5rem 0}ul,ol{padding-left:1.2rem}
        a{color:var(--blue);text-underline-offset:.15em}a:focus-visible,[tabindex]:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
        .kicker{color:var(--blue);font-weight:600;margin:2.2rem 0 0}.lead{font-size:1.15rem;max-width:46rem;color:var(--soft);margin-top:0}.small{font-size:.875rem;color:var(--soft)}
        table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;font-weight:600;padding-bottom:.4rem}
        th,td{border-bottom:1px solid var(--line);padding:.35rem .45rem;text-align:left;vertical-align:baseline;font-weight:400}thead th{font-weight:600;font-size:.8125rem;color:var(--soft);vertical-align:bottom;line-height:1.25}
        tbody th{font-weight:600}.n{text-align:right;white-space:nowrap}thead .n{white-space:normal}
        .scroll{overflow-x:auto;background:linear-gradient(90deg,#fff 30%,#fff0) local,linear-gradient(270deg,#fff 30%,#fff0) right/2.5rem local,radial-gradient(farthest-side at 100% 50%,#1b243055,#1b243000) right/1rem 100% no-repeat scroll}code,pre{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:.875rem}pre{background:var(--wash);padding:.8rem 1rem;width:max-content;min-width:100%;border-left:3px solid var(--blue)}

        """;

    /// <summary>
    /// ’ for the straight apostrophe, in both languages; in French U+202F before ; ! ? and U+00A0 before : » % €, and after «. Outside tags
    /// and style alone.
    /// </summary>
    internal static string Set(Language language, string html) => Words().Replace(html, match =>
    {
        var text = match.Value.Replace("&#x27;", "’", StringComparison.Ordinal).Replace('\'', '’').Replace("...", "…", StringComparison.Ordinal);
        return language == Language.French
            ? HighMarks().Replace(NoBreakMarks().Replace(text, "\u00A0$1"), "\u202F$1").Replace("« ", "«\u00A0", StringComparison.Ordinal)
            : text;
    });

    [GeneratedRegex("""(?<=>)(?<!<style>|<code>|<pre>)[^<>]+(?=<)""")]
    private static partial Regex Words();

    [GeneratedRegex(" ([:»%€])")]
    private static partial Regex NoBreakMarks();

    [GeneratedRegex(" ([;!?])")]
    private static partial Regex HighMarks();
}
