using System.Collections.Concurrent;

namespace Traktor.Web.Live.Works;

/// <summary>
/// The long operations of this arbiter's console, one of each kind at a time. The caller checks the visitor's
/// permission first; the operation then runs until it is done or the arbiter stops.
/// </summary>
public sealed partial class LongWorks(ILogger<LongWorks> log)
{
    /// <summary>Creating the missing subscriptions of a full mesh.</summary>
    public const string FullMesh = "full mesh";

    /// <summary>Committing the replicaset on several nodes.</summary>
    public const string Commit = "commit";

    /// <summary>Deciding many conflicts.</summary>
    public const string Decisions = "decisions";

    private readonly ConcurrentDictionary<string, LongWork> _works = new(StringComparer.Ordinal);

    /// <summary>The running or last operation of a kind; null when there was none, or it was dismissed.</summary>
    public LongWork? Find(string key) => _works.GetValueOrDefault(key);

    /// <summary>Starts an operation, unless one of its kind runs: then it returns that one.</summary>
    /// <param name="key">Its kind.</param>
    /// <param name="total">How many results there will be.</param>
    /// <param name="work">Does it and adds each result, refusals included.</param>
    public LongWork Start(string key, int total, Func<LongWork, Task> work)
    {
        var fresh = new LongWork(key, total);
        var current = _works.AddOrUpdate(key, fresh, (_, last) => last.IsRunning ? last : fresh);
        if (ReferenceEquals(current, fresh))
            _ = Task.Run(() => RunAsync(fresh, work));
        return current;
    }

    /// <summary>Removes an operation that is done.</summary>
    public void Dismiss(LongWork work)
    {
        if (!work.IsRunning)
            _works.TryRemove(new KeyValuePair<string, LongWork>(work.Key, work));
    }

    private async Task RunAsync(LongWork work, Func<LongWork, Task> run)
    {
        try
        {
            await run(work);
        }
        catch (Exception e)
        {
            // The page that started it may be closed: only the log is left.
            LogDefect(log, work.Key, e.GetType().Name, e);
        }
        finally
        {
            work.End();
        }
    }

    [LoggerMessage(640, LogLevel.Error, "The operation '{Key}' failed ({Kind})")]
    private static partial void LogDefect(ILogger log, string key, string kind, Exception error);
}
