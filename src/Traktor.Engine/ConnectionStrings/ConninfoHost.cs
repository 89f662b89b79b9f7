namespace Traktor.Engine.ConnectionStrings;

/// <summary>One server of a connection string; libpq tries them in order.</summary>
/// <param name="Name">Host name, IP address, or, with a leading slash, the directory of a Unix socket.</param>
/// <param name="Address">The IP address to connect to without resolving the name (<c>hostaddr</c>); null when not
/// given.</param>
/// <param name="Port">TCP port, or the number in the Unix socket's file name.</param>
public sealed record ConninfoHost(string Name, string? Address, int Port);
