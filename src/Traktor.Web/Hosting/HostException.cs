namespace Traktor.Web.Hosting;

/// <summary>The process cannot do what it was started for; the message is for the one who started it.</summary>
public sealed class HostException(string message, Exception? cause = null) : Exception(message, cause);
