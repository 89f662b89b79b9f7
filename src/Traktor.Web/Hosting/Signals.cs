using System.Runtime.InteropServices;

namespace Traktor.Web.Hosting;

/// <summary>
/// Turns Ctrl-C, SIGTERM and a closed terminal into a cancellation; a second one ends the process at once.
/// </summary>
public sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Signals() =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];

    public CancellationToken Token => _source.Token;

    /// <summary>Ends at the first signal.</summary>
    public async Task WaitAsync()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (Token.Register(arrived.SetResult))
            await arrived.Task;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        // Not on the signal's thread, so that the next signal is handled.
        _ = Task.Run(_source.Cancel);
    }
}
