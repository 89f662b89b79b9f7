namespace Traktor.Engine.ConnectionStrings;

/// <summary>One server of a connection string; libpq tries them in order.</summary>
/// <param name="Name">Host name, IP address, or a Unix socket's directory when it starts with a slash.</param>
/// <param name="Address">The numeric address to dial instead of resolving the name (<c>hostaddr</c>); null when not given.</param>
/// <param name="Port">TCP port, or the number in the Unix socket's file name.</param>
public sealed record ConninfoHost(string Name, string? Address, int Port);
