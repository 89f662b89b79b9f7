using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NpgsqlTypes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Reading;

/// <summary>
/// Decodes the messages of pgoutput, protocol version 1, with values as text
/// (<see href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html"/>).
/// </summary>
/// <param name="marker">The peer whose marks tell its own transactions from forwarded ones; null when it sends only its
/// own.</param>
internal sealed class PgOutputDecoder(int? marker = null)
{
    private const long Epoch = 946684800L * 1_000_000;
    private readonly Dictionary<uint, RemoteRelation> relations = [];
    private int ordinal;
    private bool hasOrigin;

    /// <summary>The transaction being received; null between two transactions.</summary>
    public RemoteTransaction? Transaction { get; private set; }

    /// <summary>
    /// Whether the peer merely forwards the transaction. Where marks are needed a transaction counts as forwarded until
    /// its mark arrives, which is before its first change: the origin message alone is not enough, because PostgreSQL
    /// does not send it once the subscription that brought the transaction to the peer has been dropped.
    /// </summary>
    public bool IsForwarded { get; private set; }

    /// <summary>Decodes one message. Returns its change, if it has one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="end">The position after the commit, if the message is a commit.</param>
    public RemoteChange? Read(ReadOnlySpan<byte> message, out NpgsqlLogSequenceNumber? end)
    {
        end = null;
        var reader = new Cursor(message[1..]);
        switch (message[0])
        {
            case (byte)'B':
                var lsn = reader.UInt64();
                var micros = reader.Int64();
                Transaction = new RemoteTransaction(
                    new NpgsqlLogSequenceNumber(lsn),
                    DateTime.UnixEpoch.AddTicks((micros + Epoch) * 10),
                    reader.UInt32()
                );
                (IsForwarded, hasOrigin, ordinal) = (marker is not null, false, 0);
                return null;
            case (byte)'O':
                IsForwarded = hasOrigin = true;
                return null;
            case (byte)'C':
                reader.Byte();
                reader.UInt64();
                end = new NpgsqlLogSequenceNumber(reader.UInt64());
                return null;
            case (byte)'R':
                ReadRelation(ref reader);
                return null;
            case (byte)'I':
                return ReadInsert(ref reader);
            case (byte)'U':
                return ReadUpdate(ref reader);
            case (byte)'D':
                return ReadDelete(ref reader);
            case (byte)'T':
                return ReadTruncate(ref reader);
            default:
                // Type and custom messages are not needed for text values.
                return null;
        }
    }

    /// <summary>Ends the transaction after its commit was processed.</summary>
    public void Finish() => Transaction = null;

    private void ReadRelation(ref Cursor reader)
    {
        var oid = reader.UInt32();
        var schema = reader.Text();
        var name = reader.Text();
        reader.Byte();
        var columns = new RemoteColumn[reader.Int16()];
        for (var i = 0; i < columns.Length; i++)
        {
            var isKey = (reader.Byte() & 1) != 0;
            columns[i] = new RemoteColumn(reader.Text(), isKey);
            reader.UInt32();
            reader.UInt32();
        }

        relations[oid] = new RemoteRelation(oid, new TableName(schema.Length == 0 ? "pg_catalog" : schema, name), columns);
    }

    private RowChange? ReadInsert(ref Cursor reader)
    {
        var relation = relations[reader.UInt32()];
        reader.Byte();
        if (relation.Table == ObjectNames.Marks)
        {
            if (!hasOrigin && marker is { } peer && reader.Tuple() is [var node, ..] && node == peer.ToString(CultureInfo.InvariantCulture))
                IsForwarded = false;
            return null;
        }

        return new RowChange(ChangeKind.Insert, ++ordinal, relation, null, reader.Tuple());
    }

    private RowChange ReadUpdate(ref Cursor reader)
    {
        var relation = relations[reader.UInt32()];
        string?[]? old = null;
        if (reader.Byte() is (byte)'K' or (byte)'O')
        {
            old = reader.Tuple();
            reader.Byte();
        }

        return new RowChange(ChangeKind.Update, ++ordinal, relation, old, reader.Tuple());
    }

    private RowChange ReadDelete(ref Cursor reader)
    {
        var relation = relations[reader.UInt32()];
        reader.Byte();
        return new RowChange(ChangeKind.Delete, ++ordinal, relation, reader.Tuple(), null);
    }

    private Truncation ReadTruncate(ref Cursor reader)
    {
        var count = reader.UInt32();
        var flags = reader.Byte();
        var truncated = new RemoteRelation[count];
        for (var i = 0; i < count; i++)
            truncated[i] = relations[reader.UInt32()];
        return new Truncation(++ordinal, truncated, (flags & 2) != 0);
    }

    private ref struct Cursor(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;

        public byte Byte()
        {
            var value = rest[0];
            rest = rest[1..];
            return value;
        }

        public short Int16()
        {
            var value = BinaryPrimitives.ReadInt16BigEndian(rest);
            rest = rest[2..];
            return value;
        }

        public uint UInt32()
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(rest);
            rest = rest[4..];
            return value;
        }

        public long Int64() => (long)UInt64();

        public ulong UInt64()
        {
            var value = BinaryPrimitives.ReadUInt64BigEndian(rest);
            rest = rest[8..];
            return value;
        }

        public string Text()
        {
            var length = rest.IndexOf((byte)0);
            var value = Encoding.UTF8.GetString(rest[..length]);
            rest = rest[(length + 1)..];
            return value;
        }

        public string?[] Tuple()
        {
            var values = new string?[Int16()];
            for (var i = 0; i < values.Length; i++)
            {
                switch (Byte())
                {
                    case (byte)'u':
                        values[i] = RowChange.Unchanged;
                        break;
                    case (byte)'t':
                        var length = (int)UInt32();
                        values[i] = Encoding.UTF8.GetString(rest[..length]);
                        rest = rest[length..];
                        break;
                }
            }

            return values;
        }
    }
}
