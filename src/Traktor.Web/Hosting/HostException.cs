namespace Traktor.Web.Hosting;

/// <summary>The command failed; the message is for the user.</summary>
public sealed class HostException(string message, Exception? cause = null) : Exception(message, cause);
