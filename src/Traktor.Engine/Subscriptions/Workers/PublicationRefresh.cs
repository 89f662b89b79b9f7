using Dapper;
using Npgsql;
using Traktor.Engine.Detection;
using Traktor.Engine.Marks;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Subscriptions.Workers;

/// <summary>
/// Keeps a subscription equal to what its peer publishes, and answers the peer when it opens a table. Each run compares
/// everything and does not depend on a notification: a lost one costs time, never rows.
/// </summary>
public static class PublicationRefresh
{
    /// <summary>Compares once. Npgsql's exceptions propagate.</summary>
    /// <returns>Whether the peer is still opening tables, and what cannot be received, in a sentence, or
    /// null.</returns>
    public static async Task<(bool IsOpening, string? Problem)> RunAsync(
        NpgsqlConnection local,
        NpgsqlConnection peer,
        int node,
        CatalogSubscription subscription,
        CancellationToken cancel
    )
    {
        var inbound = subscription.InboundNode;
        var name = ObjectNames.Subscription(node, inbound);
        await AskForOursAsync(peer, node, cancel);
        var openings = (
            await peer.QueryAsync<Opening>(
                new CommandDefinition(
                    SqlFile.Read("Subscriptions/Workers/read_openings.sql"),
                    new { subscriber = node },
                    cancellationToken: cancel
                )
            )
        ).AsList();
        var published = (await PublishedTables.ReadAsync(peer, node, cancel)).ToHashSet();
        var subscribed = await PublishedTables.SubscribedAsync(local, name, cancel);

        string? refreshError = null;
        if (!published.SetEquals(subscribed) && subscription.IsEnabled)
        {
            await TriggerReconciler.EnsureAsync(local, [.. published.Where(table => table.Schema != ObjectNames.Schema)], cancel);
            refreshError = await TryRefreshAsync(local, node, subscription, published, cancel);
            subscribed = await PublishedTables.SubscribedAsync(local, name, cancel);
        }

        await AnswerAsync(local, peer, node, subscription, openings, published, subscribed, refreshError, cancel);
        var missing = published.Where(table => !subscribed.Contains(table)).ToList();
        return (
            openings.Count > 0,
            missing.Count == 0 || refreshError is null ? null : $"{string.Join(", ", missing)} cannot be received: {refreshError}"
        );
    }

    /// <summary>
    /// Asks the peer for those of Traktor's tables that this release receives in addition to <c>trktr.node</c>. A peer
    /// of an earlier release has none; a subscriber of one does not ask and is not sent any, because rows of a table
    /// that it lacks would stop it.
    /// </summary>
    private static async Task AskForOursAsync(NpgsqlConnection peer, int node, CancellationToken cancel)
    {
        if (
            await peer.ExecuteScalarAsync<bool>(
                new CommandDefinition("select to_regproc('trktr.offer_tables') is not null", cancellationToken: cancel)
            )
        )
            await peer.ExecuteAsync(
                new CommandDefinition(
                    "select trktr.offer_tables(@node, @tables)",
                    new { node, tables = ObjectNames.OfferedTables },
                    cancellationToken: cancel
                )
            );
    }

    private static async Task AnswerAsync(
        NpgsqlConnection local,
        NpgsqlConnection peer,
        int node,
        CatalogSubscription subscription,
        List<Opening> openings,
        HashSet<TableName> published,
        IReadOnlySet<TableName> subscribed,
        string? refreshError,
        CancellationToken cancel
    )
    {
        var tables = openings.Select(opening => opening.Table).ToList();
        var there = await TableFacts.ReadAsync(peer, tables, cancel);
        var here = await TableFacts.ReadAsync(local, tables, cancel);
        var whyOff = subscription.IsEnabled
            ? null
            : $"Its subscription from node {subscription.InboundNode} is "
                + $"{(subscription.PausedAt is null ? "disabled" : "paused")}: resume it.";
        foreach (var opening in openings)
        {
            if (!there.TryGetValue(opening.Table, out var facts))
                continue;
            var word = Readiness.Of(
                published.Contains(opening.Table),
                subscribed.Contains(opening.Table),
                whyOff,
                TableComparison.WhyNot(facts, here.GetValueOrDefault(opening.Table)),
                refreshError
            );
            var stage = word.Stage.ToString().ToLowerInvariant();
            if (opening.Stage != stage || opening.Reason != word.Reason)
                await peer.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Subscriptions/Workers/report_readiness.sql"),
                        new
                        {
                            node,
                            schema = opening.Schema,
                            name = opening.Name,
                            opening = opening.Id,
                            stage,
                            reason = word.Reason,
                        },
                        cancellationToken: cancel
                    )
                );
        }
    }

    /// <summary>Refreshes, after creating the filters, because rows can arrive from the refresh on.</summary>
    private static async Task<string?> TryRefreshAsync(
        NpgsqlConnection local,
        int node,
        CatalogSubscription subscription,
        IReadOnlySet<TableName> published,
        CancellationToken cancel
    )
    {
        await OriginMarks.BeginRefreshAsync(local, cancel);
        try
        {
            if (
                subscription.IsFiltered
                && await OriginMarks.EnsureFilteredAsync(local, [.. published.Where(table => table != ObjectNames.Marks)], cancel)
                    is { } reason
            )
                return reason;
            await local.ExecuteAsync(
                new CommandDefinition(
                    SubscriptionSql.Refresh(node, subscription.InboundNode),
                    commandTimeout: 30,
                    cancellationToken: cancel
                )
            );
            return null;
        }
        catch (PostgresException e)
        {
            return $"refreshing the subscription failed: {PostgresErrors.InWords(e)}.";
        }
        finally
        {
            if (local.State == System.Data.ConnectionState.Open)
                await OriginMarks.EndRefreshAsync(local, CancellationToken.None);
        }
    }

    private sealed record Opening(string Schema, string Name, Guid Id, string? Stage, string? Reason)
    {
        public TableName Table => new(Schema, Name);
    }
}
