using System.Buffers.Binary;

namespace Traktor.Engine.Joining;

/// <summary>
/// Counts the rows of a stream in the binary format of COPY as it passes by, whatever the sizes of its pieces
/// (<see href="https://www.postgresql.org/docs/current/sql-copy.html"/>).
/// </summary>
internal sealed class BinaryRows
{
    // The signature and the flags.
    private const int Header = 15;

    private readonly byte[] number = new byte[4];
    private long skip = Header;
    private int filled;
    private int fields = -1;
    private bool isInHeader = true;
    private bool isOver;

    /// <summary>The rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads the next piece.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        Bytes += piece.Length;
        while (!piece.IsEmpty && !isOver)
        {
            if (skip > 0)
            {
                var passed = (int)Math.Min(skip, piece.Length);
                skip -= passed;
                piece = piece[passed..];
                continue;
            }

            // A row begins with the number of its fields in two bytes; everything else has four.
            var wanted = !isInHeader && fields <= 0 ? 2 : 4;
            var taken = Math.Min(wanted - filled, piece.Length);
            piece[..taken].CopyTo(number.AsSpan(filled));
            filled += taken;
            piece = piece[taken..];
            if (filled < wanted)
                return;
            filled = 0;
            Read(wanted);
        }
    }

    private void Read(int length)
    {
        if (isInHeader)
        {
            (isInHeader, skip) = (false, BinaryPrimitives.ReadInt32BigEndian(number));
            return;
        }

        if (length == 4)
        {
            fields--;
            skip = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(number));
            return;
        }

        fields = BinaryPrimitives.ReadInt16BigEndian(number);
        isOver = fields < 0;
        if (!isOver)
            Count++;
    }
}
