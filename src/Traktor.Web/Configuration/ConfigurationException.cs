namespace Traktor.Web.Configuration;

/// <summary>
/// A configuration that the arbiter cannot start with: everything that is wrong with it at once, each error a line for
/// the user, free of secrets.
/// </summary>
public sealed class ConfigurationException : Exception
{
    public ConfigurationException(string source, IReadOnlyList<string> errors)
        : base($"{source}:{string.Concat(errors.Select(error => Environment.NewLine + "  " + error))}")
    {
        Errors = errors;
    }

    /// <summary>One sentence or two each, beginning with the key where the error is about one.</summary>
    public IReadOnlyList<string> Errors { get; }
}
