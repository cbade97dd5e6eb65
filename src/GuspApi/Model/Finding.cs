namespace GuspApi.Model;

/// <summary>What a rule has to say of a value: the rule's stable code, where, what was found and what was expected.</summary>
/// <param name="Code">Stable code of the rule, in capitals: <c>AXIS_UNKNOWN</c>.</param>
/// <param name="Severity">ERROR refuses the write (or the submission), WARNING never blocks.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Field">The field concerned, in the API's camelCase (<c>actual</c>); null when the rule speaks of the whole object.</param>
/// <param name="Value">The value found, as it was sent.</param>
/// <param name="Expected">What would have been accepted.</param>
public sealed record Finding(string Code, Severity Severity, Text Message, string? Field = null,
    string? Value = null, Text? Expected = null)
{
    /// <summary>Index of the line (from 0) in its declaration, when the finding speaks of one line.</summary>
    public int? Line { get; init; }
}

/// <summary>ERROR refuses, WARNING informs.</summary>
public enum Severity
{
    Error,
    Warning,
}
