using GuspApi.Model;

namespace GuspApi.Features.Imports;

/// <summary>
/// One thing wrong in a file: where (line of the file, header = 1), what was found, what was expected, what would mend it.
/// </summary>
internal sealed record ImportFault(
    int? Line, string? Column, string Code, Text Message, string? Value = null, Text? Expected = null, string? Suggestion = null)
{
    /// <summary>What an empty cell lacks.</summary>
    public static Text Filled => new("a value", "une valeur");

    public Severity Severity { get; init; } = Severity.Error;

    /// <summary>Key of the object concerned (<c>siren/year/qpvCode</c>), where the row tells it.</summary>
    public string? Key { get; init; }
}

/// <summary>What stops the reading of a whole file: after it no row can be trusted.</summary>
internal sealed class ImportFileException(ImportFault fault) : Exception(fault.Message.En)
{
    public ImportFault Fault => fault;

    public static ImportFileException Of(string code, Text message, int? line = null, Text? expected = null, string? value = null) =>
        new(new(line, null, code, message, value, expected));
}
