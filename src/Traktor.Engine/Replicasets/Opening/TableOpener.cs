using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Marks;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>
/// Advances the tables that are being opened as far as their peers' answers allow, one step each. A waiting commit and
/// the background loop may call it at any time: it reads the database each time, so a kill between two steps loses
/// nothing.
/// </summary>
public sealed partial class TableOpener(LocalNode local, ILogger<TableOpener> log)
{
    /// <summary>Takes one step for every table that is being opened, all in one commit.</summary>
    /// <returns>Whether a step was taken, so that another may be possible at once.</returns>
    public async Task<bool> AdvanceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // Usually there is nothing to do, and finding that out takes no lock.
        if ((await StepsAsync(connection, cancel)).Steps.Count == 0)
            return false;

        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ReplicasetLock.TakeAsync(connection, cancel);
        var (steps, subscribers) = await StepsAsync(connection, cancel);
        var moved = false;
        foreach (var (entry, step) in steps)
            moved |= await TryAsync(transaction, entry, step, subscribers, cancel);
        if (moved)
            await connection.ExecuteAsync(new CommandDefinition(PublicationSql.Notify, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return moved;
    }

    /// <summary>
    /// The possible steps. A peer that creates a slot after the peers were counted gets it only when this transaction
    /// is over, and then sees what is published.
    /// </summary>
    private async Task<(IReadOnlyList<(ReplicasetEntry Entry, OpeningStep Step)> Steps, IReadOnlyList<int> Subscribers)> StepsAsync(
        NpgsqlConnection connection,
        CancellationToken cancel
    )
    {
        var entries = (await ReplicasetEntry.ReadAsync(connection, cancel))
            .Where(entry => entry is { Opening: not null, Exists: true })
            .ToList();
        if (entries.Count == 0)
            return ([], []);
        var facts = await TableFacts.ReadAsync(connection, [.. entries.Select(entry => entry.Table)], cancel);
        IReadOnlyList<int> subscribers =
        [
            .. (await Subscriber.ReadAsync(connection, local.NodeId, cancel)).Select(subscriber => subscriber.Node),
        ];
        var steps = (
            from entry in entries
            where facts.TryGetValue(entry.Table, out var table) && TableRules.Findings(table).Count == 0
            let step = OpeningStep.Next(entry, subscribers)
            where step.Action != OpeningAction.Wait
            select (entry, step)
        ).ToList();
        // A lock that waits for a transaction that lasts would keep all other writers waiting too. Where nobody
        // subscribes, the slot of the first who does waits for it.
        var opening = steps.Where(one => one.step.SendsRows && subscribers.Count > 0).Select(one => one.entry.Table).ToList();
        var writers = await TableWriters.ReadAsync(connection, opening, cancel);
        return ([.. steps.Where(one => !writers.Contains(one.entry.Table))], subscribers);
    }

    private async Task<bool> TryAsync(
        NpgsqlTransaction transaction,
        ReplicasetEntry entry,
        OpeningStep step,
        IReadOnlyList<int> subscribers,
        CancellationToken cancel
    )
    {
        const string Savepoint = "step";
        await transaction.SaveAsync(Savepoint, cancel);
        try
        {
            var connection = transaction.Connection!;
            if (step.SendsRows && subscribers.Count > 0)
                await TableWriters.KeepOutAsync(connection, entry.Table, cancel);
            if (step.Action is not (OpeningAction.Withdraw or OpeningAction.WithdrawAhead))
                await OriginMarks.EnsureMarkedAsync(connection, local.NodeId, entry.Table, cancel);
            foreach (var statement in Statements(entry, step))
                await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
            await NoteAsync(connection, entry, step, subscribers, cancel);
            LogStep(log, entry.Table, step.Action, string.Join(", ", step.Nodes));
            return true;
        }
        catch (PostgresException e)
        {
            // The table is locked or being altered: the next round tries again; the other tables continue.
            await transaction.RollbackAsync(Savepoint, cancel);
            LogStepFailed(log, entry.Table, PostgresErrors.InWords(e));
            return false;
        }
    }

    private static IEnumerable<string> Statements(ReplicasetEntry entry, OpeningStep step) =>
        step.Action switch
        {
            OpeningAction.Close => [PublicationSql.AddClosed(ObjectNames.Publication, entry.Table)],
            OpeningAction.Withdraw => [PublicationSql.Remove(ObjectNames.Publication, entry.Table)],
            OpeningAction.Open => [.. entry.Removals(), PublicationSql.AddOpen(ObjectNames.Publication, entry.Table)],
            OpeningAction.CloseAhead => step.Nodes.Select(node => PublicationSql.AddClosed(ObjectNames.PublicationFor(node), entry.Table)),
            OpeningAction.WithdrawAhead => step.Nodes.Select(node => PublicationSql.Remove(ObjectNames.PublicationFor(node), entry.Table)),
            OpeningAction.OpenAhead => step.Nodes.SelectMany(node =>
                new[]
                {
                    PublicationSql.Remove(ObjectNames.PublicationFor(node), entry.Table),
                    PublicationSql.AddOpen(ObjectNames.PublicationFor(node), entry.Table),
                }
            ),
            _ => [],
        };

    private static async Task NoteAsync(
        NpgsqlConnection connection,
        ReplicasetEntry entry,
        OpeningStep step,
        IReadOnlyList<int> subscribers,
        CancellationToken cancel
    )
    {
        var table = new { schema = entry.Table.Schema, name = entry.Table.Name };
        switch (step.Action)
        {
            case OpeningAction.Open:
                await connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Replicasets/Opening/note_open.sql"), table, cancellationToken: cancel)
                );
                break;
            case OpeningAction.OpenAhead:
                await connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Replicasets/Opening/note_open_ahead.sql"), table, cancellationToken: cancel)
                );
                break;
            default:
                await connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Replicasets/Opening/begin_opening.sql"), table, cancellationToken: cancel)
                );
                break;
        }

        foreach (var node in step.WhoLacksRows(entry, subscribers))
            await ResyncNote.AddAsync(connection, entry.Table, node, ResyncReason.Excluded, cancel);
    }
}
