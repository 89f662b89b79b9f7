namespace Traktor.Web.Live.Works;

/// <summary>An operation that outlives the page that started it, and is shown to every visitor of the page.</summary>
public sealed class LongWork
{
    private readonly Lock _gate = new();
    private readonly List<NodeResult> _results = [];

    internal LongWork(string key, int total) => (Key, Total) = (key, total);

    /// <summary>Called at every result and at the end, on any thread.</summary>
    public event Action? Changed;

    /// <summary>Which operation it is.</summary>
    public string Key { get; }

    /// <summary>How many results there will be.</summary>
    public int Total { get; }

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>The results so far.</summary>
    public IReadOnlyList<NodeResult> Results
    {
        get
        {
            lock (_gate)
                return [.. _results];
        }
    }

    /// <summary>Adds a result.</summary>
    public void Note(NodeResult result)
    {
        lock (_gate)
            _results.Add(result);
        Changed?.Invoke();
    }

    internal void End()
    {
        IsRunning = false;
        Changed?.Invoke();
    }
}
