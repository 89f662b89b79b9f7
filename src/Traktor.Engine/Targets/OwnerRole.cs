using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Targets;

/// <summary>
/// Statements that touch a user's table are run as the table's owner: triggers and expressions there must not run with
/// the arbiter's rights.
/// </summary>
internal static class OwnerRole
{
    /// <summary>Commands as the owner of the table, in the transaction that is open.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Commands(TargetTable target, params IEnumerable<NpgsqlBatchCommand> commands) =>
        target.IsForeignOwner
            ? [new($"set local role {Quote.Identifier(target.Owner)}"), .. commands, new("set local role none")]
            : commands;

    /// <summary>Statements in PL/pgSQL as the owner of the table, with a function call in place of a command.</summary>
    public static string Script(TargetTable target, string statements) =>
        target.IsForeignOwner
            ? $"perform set_config('role', {Quote.Literal(target.Owner)}, true);\n{statements}perform set_config('role', 'none', true);\n"
            : statements;
}
