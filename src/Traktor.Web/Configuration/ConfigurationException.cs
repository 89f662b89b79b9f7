namespace Traktor.Web.Configuration;

/// <summary>
/// The arbiter cannot start with this configuration. It has all errors, each as a line for the user without secrets.
/// </summary>
public sealed class ConfigurationException : Exception
{
    public ConfigurationException(string source, IReadOnlyList<string> errors)
        : base($"{source}:{string.Concat(errors.Select(error => Environment.NewLine + "  " + error))}")
    {
        Errors = errors;
    }

    /// <summary>One or two sentences each, beginning with the key if the error is about one.</summary>
    public IReadOnlyList<string> Errors { get; }
}
