using System.Collections.Concurrent;

namespace Traktor.Web.Live.Works;

/// <summary>
/// The long works of this arbiter's console, one of each kind at a time. Who begins one has been asked whether he may;
/// it then goes on without him, until it is done or the arbiter stops.
/// </summary>
public sealed partial class LongWorks(ILogger<LongWorks> log)
{
    /// <summary>Making the missing subscriptions of a full mesh.</summary>
    public const string FullMesh = "full mesh";

    /// <summary>Committing the replicaset on several nodes.</summary>
    public const string Commit = "commit";

    /// <summary>Deciding many conflicts.</summary>
    public const string Decisions = "decisions";

    private readonly ConcurrentDictionary<string, LongWork> _works = new(StringComparer.Ordinal);

    /// <summary>The work of a kind that goes on, or was the last; null when there was none, or it was dismissed.</summary>
    public LongWork? Find(string key) => _works.GetValueOrDefault(key);

    /// <summary>Begins a work, unless one of its kind goes on: then that is returned.</summary>
    /// <param name="key">Its kind.</param>
    /// <param name="total">How many results there will be.</param>
    /// <param name="work">Does it and notes each result; what it refuses is to be a result, too.</param>
    public LongWork Start(string key, int total, Func<LongWork, Task> work)
    {
        var fresh = new LongWork(key, total);
        var current = _works.AddOrUpdate(key, fresh, (_, last) => last.IsRunning ? last : fresh);
        if (ReferenceEquals(current, fresh))
            _ = Task.Run(() => RunAsync(fresh, work));
        return current;
    }

    /// <summary>Forgets a work that is done.</summary>
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
            // Whoever began it may be gone: nobody else would hear of it.
            LogDefect(log, work.Key, e.GetType().Name, e);
        }
        finally
        {
            work.End();
        }
    }

    [LoggerMessage(640, LogLevel.Error, "The work '{Key}' failed ({Kind})")]
    private static partial void LogDefect(ILogger log, string key, string kind, Exception error);
}
