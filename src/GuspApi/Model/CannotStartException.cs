namespace GuspApi.Model;

/// <summary>The process cannot serve for a reason its operator can mend. Program prints the message, one line, and exits with 1.</summary>
internal sealed class CannotStartException(string message) : Exception(message);
