using Npgsql;

namespace Traktor.Engine.Owners;

/// <summary>
/// A table belongs to another role than the arbiter's since the session began, which prepares statements by name and so
/// must not run that role's code. The session has to be opened anew.
/// </summary>
internal sealed class OwnerChangedException(string owner) : NpgsqlException($"A table belongs to role {owner} since the session began.");
