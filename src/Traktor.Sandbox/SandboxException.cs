namespace Traktor.Sandbox;

/// <summary>
/// A server is not available or does not run on this machine; the message says what to install or change.
/// </summary>
public sealed class SandboxException : Exception
{
    public SandboxException(string message, Exception? cause = null)
        : base(message, cause) { }
}
