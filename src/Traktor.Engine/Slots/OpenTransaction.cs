using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Slots;

/// <summary>An open transaction for whose end others wait, as a new slot does.</summary>
/// <param name="Pid">Its session's process; null for a prepared transaction.</param>
/// <param name="Gid">The identifier of a prepared transaction; else null.</param>
/// <param name="Role">Whose it is.</param>
/// <param name="State">The session's state, or prepared; null when the arbiter's role may not see it.</param>
/// <param name="Age">How long it is open, as the server writes it.</param>
public sealed record OpenTransaction(int? Pid, string? Gid, string? Role, string? State, string? Age)
{
    private const int MostNamed = 3;

    /// <summary>What it is, in words.</summary>
    public string InWords =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(Gid is { } gid ? $"prepared transaction {gid}" : $"session {Pid}")} of role {Role ?? "unknown"}"
                + $"{(Gid is null && State is not null ? $", {State}" : "")}{(Age is null ? "" : $", open for {Age}")}"
        );

    /// <summary>The statement that ends it.</summary>
    public string Ending =>
        Gid is { } gid
            ? $"ROLLBACK PREPARED {Quote.Literal(gid)}; (or COMMIT PREPARED)"
            : string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({Pid});");

    /// <summary>The oldest ones. Npgsql's exceptions propagate.</summary>
    public static async Task<IReadOnlyList<OpenTransaction>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (
            await connection.QueryAsync<OpenTransaction>(
                new CommandDefinition(SqlFile.Read("Slots/read_open_transactions.sql"), new { most = MostNamed }, cancellationToken: cancel)
            )
        ).AsList();

    /// <summary>The refusal of a request that waited for them in vain.</summary>
    public static RefusedException Refusal(int node, IReadOnlyList<OpenTransaction> open, Exception cause) =>
        new(
            RefusalKind.Conflict,
            open.Count == 0
                ? $"A new slot on node {node} waited too long for transactions that were open there."
                : $"A new slot on node {node} waits for the end of transactions that are open there: "
                    + $"{string.Join("; ", open.Select(one => one.InWords))}.",
            open.Count == 0
                ? "Subscribe again; long transactions on that server delay it."
                : $"End them on node {node}, then subscribe again: {string.Join(" ", open.Select(one => one.Ending))}",
            cause
        );
}
