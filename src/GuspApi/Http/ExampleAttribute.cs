using System.Diagnostics.CodeAnalysis;

namespace GuspApi.Http;

/// <summary>A body that works when Swagger UI sends it, for the contract.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExampleAttribute([StringSyntax(StringSyntaxAttribute.Json)] string json) : Attribute
{
    public string Json => json;
}
