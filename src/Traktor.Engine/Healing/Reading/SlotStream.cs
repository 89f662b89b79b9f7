using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using NpgsqlTypes;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Healing.Reading;

/// <summary>
/// The messages of a subscription's own slot on the peer. Only positions passed to
/// <see cref="RemoteTransactionReader.ConfirmAsync"/> are confirmed, so that unapplied transactions can be read again.
/// The walsender uses the same settings as for the apply worker, so that values have the same text forms.
/// </summary>
internal static class SlotStream
{
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Opens a session on the peer that can read a slot. Npgsql's exceptions propagate.</summary>
    public static async Task<LogicalReplicationConnection> OpenAsync(Conninfo conninfo, int node, int inbound, CancellationToken cancel)
    {
        // Hosts are tried in turn, as libpq does for the apply worker.
        for (var i = 0; ; i++)
        {
            var host = conninfo.Hosts[i];
            var settings = conninfo.For(host).ToNpgsql();
            settings.ApplicationName = ObjectNames.Subscription(node, inbound) + "_heal";
            settings.Timeout = conninfo.Get("connect_timeout") is null ? 5 : settings.Timeout;
            SessionDefaults.Pin(settings);
            settings.Options = $"{settings.Options} -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3".Trim();
            var connection = new LogicalReplicationConnection(settings.ConnectionString)
            {
                WalReceiverStatusInterval = TimeSpan.FromSeconds(3),
                WalReceiverTimeout = PeerTimeout,
            };
            try
            {
                await connection.Open(cancel);
                return connection;
            }
            catch (Exception e)
            {
                await connection.DisposeAsync();
                if (i + 1 == conninfo.Hosts.Count || !PostgresErrors.IsFromServer(e))
                    throw;
            }
        }
    }

    /// <summary>
    /// The messages from <paramref name="from"/> on, without end. A message is valid until the next one is requested.
    /// Throws 55006 (object_in_use) while the walsender of the stopped apply worker still holds the slot.
    /// </summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        LogicalReplicationConnection connection,
        int node,
        int inbound,
        bool isFiltered,
        NpgsqlLogSequenceNumber from,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var publications = string.Join(",", SubscriptionSql.Publications(node, isFiltered).Select(Quote.Identifier));
        List<KeyValuePair<string, string>> options = [new("proto_version", "1"), new("publication_names", publications)];
        // PostgreSQL 15 has no origin option and sends everything.
        if (connection.PostgreSqlVersion.Major >= ServerVersion.KnowsOrigin / 10000)
            options.Add(new("origin", "none"));
        var buffer = new ArrayBufferWriter<byte>(8192);
        var messages = connection.StartLogicalReplication(new Slot(ObjectNames.Subscription(node, inbound)), cancel, from, options!);
        await foreach (var message in messages.WithCancellation(cancel))
        {
            buffer.ResetWrittenCount();
            int read;
            do
            {
                read = await message.Data.ReadAsync(buffer.GetMemory(1024), cancel);
                buffer.Advance(read);
            } while (read > 0);

            yield return buffer.WrittenMemory;
        }
    }

    private sealed class Slot(string name)
        : LogicalReplicationSlot("pgoutput", new ReplicationSlotOptions(name, default(NpgsqlLogSequenceNumber)));
}
