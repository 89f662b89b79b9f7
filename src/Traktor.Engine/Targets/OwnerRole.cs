using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Targets;

/// <summary>
/// Runs statements that touch a user's table as the table's owner, because triggers and expressions of the table must
/// not run with the arbiter's rights.
/// </summary>
internal static class OwnerRole
{
    /// <summary>Commands that run as the table's owner, in the current transaction.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Commands(TargetTable target, params IEnumerable<NpgsqlBatchCommand> commands) =>
        target.IsForeignOwner
            ? [new($"set local role {Quote.Identifier(target.Owner)}"), .. commands, new("set local role none")]
            : commands;

    /// <summary>PL/pgSQL statements that run as the table's owner. It calls set_config in place of SET.</summary>
    public static string Script(TargetTable target, string statements) =>
        target.IsForeignOwner
            ? $"perform set_config('role', {Quote.Literal(target.Owner)}, true);\n{statements}perform set_config('role', 'none', true);\n"
            : statements;
}
