using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Contract;

/// <summary>No release breaks a client: the contract is compared with the last one released (<c>openapi/released</c>).</summary>
public sealed class ReleaseTests
{
    private const string Before = """
        { "paths": { "/a/{id}": {
            "get": { "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 9 } },
                                    { "name": "kind", "in": "query", "schema": { "type": "string", "enum": ["A", "B"] } }],
                     "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } } } },
            "put": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Wish" } } } }, "responses": { "200": {} } } } },
          "components": { "schemas": {
            "Thing": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "state": { "type": "string", "enum": ["X", "Y"] }, "size": { "type": "integer" } } },
            "Wish": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string", "nullable": true }, "size": { "type": "number" } } } } } }
        """;

    [Fact]
    public void The_contract_breaks_no_client_of_the_last_release()
    {
        var released = Directory.GetFiles(Path.Combine(Openapi(), "released"), "*.json")
            .MaxBy(file => Version.Parse(Path.GetFileNameWithoutExtension(file)))!;

        var breaks = ContractBreaks.Between(Read(released), Read(Path.Combine(Openapi(), "gusp-api.v1.json"))).ToList();

        Assert.True(breaks.Count == 0, $"""
            The contract breaks clients of {Path.GetFileName(released)}:
            {string.Join('\n', breaks)}
            Take the change back, or add the new beside the old: a new member, parameter or operation, and the old one marked with
            new Deprecated(since, ends, successor), a line in openapi/changelog.json and twelve months until it goes (openapi/README.md,
            "Versions"). To release what breaks no one: GUSP_UPDATE_CONTRACT=1, then copy openapi/gusp-api.v1.json to
            openapi/released/<version>.json with the version of Directory.Build.props.
            """);
    }

    [Theory]
    [InlineData("\"/a/{id}\"", "\"/b/{id}\"", "GET /a/{id} is gone")]
    [InlineData("\"put\"", "\"post\"", "PUT /a/{id} is gone")]
    [InlineData("\"name\": \"kind\"", "\"name\": \"sort\"", "GET /a/{id}: the parameter kind is gone")]
    [InlineData("\"name\": \"kind\", \"in\": \"query\"", "\"name\": \"kind\", \"required\": true, \"in\": \"query\"",
        "GET /a/{id}: the parameter kind has become required")]
    [InlineData("\"enum\": [\"A\", \"B\"]", "\"enum\": [\"A\"]", "GET /a/{id} kind: B is no longer accepted")]
    [InlineData("\"maxLength\": 9", "\"maxLength\": 8", "GET /a/{id} id: maxLength has become narrower")]
    [InlineData("\"size\": { \"type\": \"integer\" }", "\"weight\": { \"type\": \"integer\" }",
        "GET /a/{id} 200.size is gone from the answer")]
    [InlineData("\"size\": { \"type\": \"integer\" }", "\"size\": { \"type\": \"string\" }",
        "GET /a/{id} 200.size: integer has become string")]
    [InlineData("\"enum\": [\"X\", \"Y\"]", "\"enum\": [\"X\"]", "GET /a/{id} 200.state: Y is gone")]
    [InlineData("\"required\": [\"name\"], \"properties\": { \"name\": { \"type\": \"string\" }",
        "\"properties\": { \"name\": { \"type\": \"string\" }", "GET /a/{id} 200.name may be absent now")]
    [InlineData("\"name\": { \"type\": \"string\" }", "\"name\": { \"type\": \"string\", \"nullable\": true }",
        "GET /a/{id} 200.name may be null now")]
    [InlineData("\"required\": [\"name\"], \"properties\": { \"name\": { \"type\": \"string\", \"nullable\": true }",
        "\"required\": [\"name\", \"size\"], \"properties\": { \"name\": { \"type\": \"string\", \"nullable\": true }",
        "PUT /a/{id} body.size has become required")]
    [InlineData("\"name\": { \"type\": \"string\", \"nullable\": true }", "\"name\": { \"type\": \"string\" }",
        "PUT /a/{id} body.name may no longer be null")]
    [InlineData("\"size\": { \"type\": \"number\" }", "\"length\": { \"type\": \"number\" }", "PUT /a/{id} body.size is no longer taken")]
    public void A_break_is_found(string old, string changed, string expected)
    {
        var after = Before.Replace(old, changed);

        Assert.NotEqual(Before, after);
        Assert.Contains(expected, ContractBreaks.Between(JsonNode.Parse(Before)!, JsonNode.Parse(after)!));
    }

    [Theory]
    [InlineData("\"size\": { \"type\": \"integer\" }", "\"size\": { \"type\": \"integer\" }, \"weight\": { \"type\": \"integer\" }")]
    [InlineData("\"enum\": [\"A\", \"B\"]", "\"enum\": [\"A\", \"B\", \"C\"]")]
    [InlineData("\"maxLength\": 9", "\"maxLength\": 10")]
    [InlineData("\"size\": { \"type\": \"number\" }", "\"size\": { \"type\": \"number\" }, \"unit\": { \"type\": \"string\" }")]
    public void What_is_added_breaks_nobody(string old, string changed) =>
        Assert.Empty(ContractBreaks.Between(JsonNode.Parse(Before)!, JsonNode.Parse(Before.Replace(old, changed))!));

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(file))!;

    private static string Openapi([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "openapi"));
}
