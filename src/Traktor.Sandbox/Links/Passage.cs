namespace Traktor.Sandbox.Links;

/// <summary>A gate that callers wait at while it is closed.</summary>
internal sealed class Passage
{
    private volatile TaskCompletionSource opened = Opened();

    public void Open() => opened.TrySetResult();

    public void Close()
    {
        if (opened.Task.IsCompleted)
            opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Returns when the gate is open.</summary>
    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        for (var now = opened; ; now = opened)
        {
            if (!now.Task.IsCompleted)
                await now.Task.WaitAsync(cancel);
            else if (now == opened)
                return;
        }
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
