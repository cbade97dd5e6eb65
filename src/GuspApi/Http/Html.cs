using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace GuspApi.Http;

/// <summary>A piece of a page. Every value put into it is encoded, unless it is itself a piece.</summary>
internal sealed record Html(string Text)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static Html Of(FormattableString template) =>
        new(string.Format(null, template.Format, [.. template.GetArguments().Select(Encoded)]));

    public static Html Join<T>(IEnumerable<T> items, Func<T, Html> piece) => new(string.Concat(items.Select(item => piece(item).Text)));

    private static string Encoded(object? value) => value is Html html ? html.Text : Encoder.Encode(value?.ToString() ?? "");
}
