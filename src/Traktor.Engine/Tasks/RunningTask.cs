namespace Traktor.Engine.Tasks;

/// <summary>A task that this arbiter works on.</summary>
internal sealed class RunningTask(StoredTask task, CancellationTokenSource source) : IDisposable
{
    private readonly Lock gate = new();
    private bool isOver;

    public StoredTask Task { get; } = task;

    public CancellationToken Cancelled { get; } = source.Token;

    public Task Work { get; set; } = System.Threading.Tasks.Task.CompletedTask;

    public Task CancelAsync()
    {
        lock (gate)
            return isOver ? System.Threading.Tasks.Task.CompletedTask : source.CancelAsync();
    }

    public void Dispose()
    {
        lock (gate)
            isOver = true;
        source.Dispose();
    }
}
