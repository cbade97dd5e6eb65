using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Tests.Http;

/// <summary>Every refusal says what it is, in the caller's language, and its type leads to its page.</summary>
public sealed partial class ProblemTests(Api api) : IClassFixture<Api>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static IEnumerable<ProblemKind> Kinds => ProblemKinds.All.Values.Concat(ErrorKinds.All.Values);

    [Fact]
    public async Task The_type_of_a_problem_leads_to_its_cause_and_cure()
    {
        var refused = (await api.Anonymous.Read("/v1/landlords?nonsense=1")).Body;

        var (status, page, _) = await api.Anonymous.Read((string)refused["type"]!);

        Assert.Equal(200, status);
        Assert.Equal("INVALID_PARAMETERS", (string)page["code"]!);
        Assert.Equal(400, (int)page["status"]!);
        Assert.Equal("Paramètres invalides", (string)page["title"]!["fr"]!);
        Assert.NotEmpty((string)page["cure"]!["en"]!);
        Assert.Equal(404, (await api.Anonymous.Read("/v1/problems/NO_SUCH_CODE")).Status);
    }

    [Fact]
    public async Task Every_code_has_its_page()
    {
        var codes = new List<string>();
        for (var next = "/v1/problems?limit=50"; next is not null;)
        {
            var page = (await api.Anonymous.Read(next)).Body;
            codes.AddRange(page["data"]!.AsArray().Select(kind => (string)kind!["code"]!));
            next = (string?)page["links"]!["next"];
        }

        Assert.Equal(Kinds.Select(kind => kind.Code).Order(StringComparer.Ordinal), codes);
    }

    [Fact]
    public void No_text_of_a_code_lacks_its_French()
    {
        var texts = Kinds.SelectMany(kind => new[] { kind.Title, kind.Cause, kind.Cure });

        Assert.DoesNotContain(texts, text => text.En.Length == 0 || text.Fr.Length == 0 || (text.En == text.Fr && !text.En.Contains('≤')));
    }

    [Fact]
    public void No_message_of_a_validator_lacks_its_French()
    {
        var rules = typeof(Program).Assembly.GetTypes().Where(type => typeof(IValidator).IsAssignableFrom(type) && !type.IsAbstract)
            .SelectMany(type => ((IValidator)Activator.CreateInstance(type)!).CreateDescriptor()
                .Rules.SelectMany(rule => rule.Components, (rule, part) => (type, rule, part)))
            .ToList();

        Assert.True(rules.Count > 20);
        Assert.Empty(rules
            .Where(item => item.part.GetType().GetProperty(
                "CustomStateProvider", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(item.part) is null)
            .Select(item => $"{item.type.DeclaringType!.Name}.{item.rule.PropertyName} has a message that is not from Says"));
    }

    [Fact]
    public void No_form_of_a_parameter_lacks_its_French()
    {
        var forms = typeof(Program).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, ContainsGenericParameters: false } && type.GetInterfaces()
                .Any(form => form.IsGenericType && form.GetGenericTypeDefinition() == typeof(IForm<>)))
            .Select(
                type => (type.Name, Text: (Text)type.GetProperty("Expected", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!))
            .ToList();

        Assert.True(forms.Count > 20);
        Assert.Empty(forms.Where(form => form.Text.En == form.Text.Fr && Sentence().IsMatch(form.Text.En)).Select(form => form.Name));
    }

    /// <summary>Numbers, codes and names of the API are alike in both languages; sentences are not.</summary>
    [Fact]
    public void What_is_written_once_for_both_languages_is_no_sentence()
    {
        var source = Path.Combine(Contract.ContractTests.RootOf(), "src", "GuspApi");
        var once = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => WrittenOnce().Matches(File.ReadAllText(file)).Select(match => match.Groups["words"].Value))
            .ToList();

        Assert.True(once.Count > 10);
        Assert.DoesNotContain(once, Sentence().IsMatch);
    }

    [Theory]
    [InlineData("PUT", "/v1/declarations/999590011/2022/QP059001", """{ "lines": {}, "nom": 1 }""")]
    [InlineData("PUT", "/v1/declarations/999590011/2022/QP059001",
        """{ "lines": [5, { "ref": 1, "axis": 1.5, "family": [], "actual": "1", "planned": {} }] }""")]
    [InlineData("PUT", "/v1/declarations/999590011/2022/QP059001",
        """{ "lines": [{ "ref": "A", "axis": 9, "family": "X", "planned": 1.005 }, { "ref": "A", "action": "\u0000" }] }""")]
    [InlineData("PUT", "/v1/declarations/999590011/2022/QP059001", "{}")]
    [InlineData("PUT", "/v1/holdings/999590011/2100/QP059001", """{ "dwellings": 1, "abatement": 1 }""")]
    [InlineData("PUT", "/v1/landlords/999590011", """{ "name": "A", "family": "OPH", "successorSiren": "552100554" }""")]
    [InlineData("PUT", "/v1/qpvs/QP059001", """{ "name": "A", "communes": ["59999"], "predecessors": ["QP059002"] }""")]
    [InlineData("PUT", "/v1/rules/EXPENSE_PER_DWELLING", """{ "minimum": 3, "maximum": 2 }""")]
    [InlineData("PUT", "/v1/rules/DWELLINGS_CHANGE", """{ "minimum": -1 }""")]
    [InlineData("POST", "/v1/keys",
        """{ "name": "A", "scopes": ["declare", "review"], "landlords": ["552100554"], "departments": ["99"], "expiresAt": "2001-01-01T00:00:00Z" }""")]
    [InlineData("POST", "/v1/imports?dataset=x&mode=y&submit=z&atomicity=a", "a;b")]
    [InlineData("GET", "/v1/indicators?groupBy=year,region,department,epci&sort=qpv&format=geojson", null)]
    [InlineData("GET", "/v1/indicators?groupBy=axis&measures=completeness", null)]
    [InlineData("GET", "/v1/indicators?from=2022&to=2019&asOf=999999999999", null)]
    [InlineData("GET", "/v1/qpvs?bbox=1&generation=2&cursor=x&limit=0&q=&department=x&department=y&qpv=1&format=x&dialect=y", null)]
    public async Task What_was_expected_is_in_the_callers_language(string method, string address, string? body)
    {
        var (english, french) = (await RefusedAsync("en"), await RefusedAsync("fr"));

        Assert.NotEmpty(english);
        Assert.Equal(english.Select(error => error.Code), french.Select(error => error.Code));
        foreach (var (en, fr) in english.Zip(french))
        {
            Assert.NotEqual(en.Message, fr.Message);
            Assert.True(en.Expected != fr.Expected || en.Expected is null || !Sentence().IsMatch(en.Expected), $"{en.Code}: {en.Expected}");
        }

        async Task<List<(string Code, string Message, string? Expected)>> RefusedAsync(string language)
        {
            using var request = new HttpRequestMessage(new(method), address);
            if (body is not null)
                request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation("Accept-Language", language);
            if (address.Contains("/declarations/", StringComparison.Ordinal) || address.Contains("/holdings/", StringComparison.Ordinal))
                request.Headers.TryAddWithoutValidation("If-None-Match", "*");
            var answer = await api.Admin.SendAsync(request, Ct);
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
            return [.. problem["errors"]!.AsArray()
                .Select(error => ((string)error!["code"]!, (string)error["message"]!, (string?)error["expected"]))];
        }
    }

    /// <summary>Every code written in the source as that of an error or a problem is described.</summary>
    [Fact]
    public void No_code_is_given_that_is_not_described()
    {
        var source = Path.Combine(Contract.ContractTests.RootOf(), "src", "GuspApi");
        var given = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.EndsWith("Kinds.cs", StringComparison.Ordinal))
            .SelectMany(file => GivenCode().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct();

        Assert.Empty(given.Except(Kinds.Select(kind => kind.Code)));
    }

    [Theory]
    [InlineData("fr", "fr", "n'est pas")]
    [InlineData("fr-FR, en;q=0.5", "fr", "n'est pas")]
    [InlineData("en, fr;q=0.5", "en", "There is no")]
    [InlineData("de", "en", "There is no")]
    public async Task Accept_Language_is_honoured(string asked, string language, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/landlords?departement=59&limit=0&family=HLM");
        request.Headers.TryAddWithoutValidation("Accept-Language", asked);

        var answer = await api.Anonymous.SendAsync(request, Ct);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;

        Assert.Equal(language, answer.Content.Headers.ContentLanguage.Single());
        Assert.Equal(3, problem["errors"]!.AsArray().Count);
        var unknown = problem["errors"]!.AsArray().Single(error => (string)error!["code"]! == "UNKNOWN_PARAMETER")!;
        Assert.Contains(language == "fr" ? "Il n'y a pas de paramètre departement" : words, (string)unknown["message"]!);
        var family = problem["errors"]!.AsArray().Single(error => (string?)error!["parameter"] == "family")!;
        Assert.StartsWith(language == "fr" ? "l'un de OPH" : "one of OPH", (string)family["expected"]!);
    }

    [Fact]
    public async Task Messages_of_validators_are_in_the_callers_language()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/landlords/999590011")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { name = "" }),
        };
        request.Headers.TryAddWithoutValidation("Accept-Language", "fr");

        var answer = await api.Admin.SendAsync(request, Ct);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;

        Assert.Equal("RULES_BROKEN", (string)problem["code"]!);
        Assert.Equal(
            ["Donnez un nom de 1 à 200 caractères.", "Donnez une famille : OPH, ESH, COOP, SEM ou OTHER."],
            problem["errors"]!.AsArray().Select(error => (string)error!["message"]!));
    }

    /// <summary>Two words of English, or of any language, in a row.</summary>
    [GeneratedRegex(@"(?<!\{[^}]*)\b[a-z]{2,} [a-z]{2,}\b")]
    internal static partial Regex Sentence();

    /// <summary>Of a text, or of one in several pieces.</summary>
    [GeneratedRegex(@"Alike\(\s*\$?""(?<words>(?:[^""\\]|\\.)*)"""
        + @"|new\(\s*\$?""(?<words>(?:[^""\\]|\\.|""\s*\+\s*\$?"")+)"",\s*\$?""\k<words>""\)")]
    private static partial Regex WrittenOnce();

    [GeneratedRegex(@"(?:OfParameter|OfBody|Conflict|Says|ImportFileException\.Of|DeclarationFindings\.Of|Refusal|Gives|Row|new Problem)"
        + @"\(\s*(?:\w+ is null\s*\? )?""([A-Z][A-Z0-9]*_[A-Z0-9_]+)""")]
    private static partial Regex GivenCode();
}
