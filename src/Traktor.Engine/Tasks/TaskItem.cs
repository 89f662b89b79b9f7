namespace Traktor.Engine.Tasks;

/// <summary>The progress of one part of a task, for instance of a table.</summary>
/// <param name="Name">Which part.</param>
/// <param name="RowsTotal">How many rows it has, estimated; null when that is not known.</param>
/// <param name="RowsDone">How many are done.</param>
/// <param name="BytesTotal">Its size in bytes; null when that is not known.</param>
/// <param name="WorkedMs">How long was worked on it, without interruptions, in milliseconds.</param>
/// <param name="IsFinished">Whether it is done.</param>
/// <param name="Problem">Why it could not be done; else null.</param>
public sealed record TaskItem(
    string Name,
    long? RowsTotal,
    long RowsDone,
    long? BytesTotal,
    long WorkedMs,
    bool IsFinished,
    string? Problem
)
{
    /// <summary>How many bytes are done, estimated from the rows; null when that is not known.</summary>
    public long? BytesDone =>
        BytesTotal is not { } total ? null
        : IsFinished ? total
        : RowsTotal is > 0 and { } rows ? (long)(total * Math.Min(1.0, (double)RowsDone / rows))
        : null;

    /// <summary>Rows a second so far; null before there are any.</summary>
    public double? RowsPerSecond => WorkedMs > 0 && RowsDone > 0 ? Math.Round(RowsDone * 1000.0 / WorkedMs, 1) : null;

    /// <summary>The seconds that it still needs, estimated; null when that is not known, 0 when it is done.</summary>
    public double? SecondsLeft =>
        IsFinished ? 0
        : RowsTotal is { } total && RowsPerSecond is { } rate ? Math.Round(Math.Max(0, total - RowsDone) / rate, 1)
        : null;
}
