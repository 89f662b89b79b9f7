using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Peers;

namespace Traktor.UnitTests.Web.Live.Mesh;

public sealed class MeshWatchTests
{
    [Fact]
    public async Task Follow_AsTheLastFollowerHasJustLeft_IsCalled()
    {
        await using var arbiter = SomeArbiter();
        var time = new EndingTime();
        await using var watch = Watch(arbiter, time);
        var isCalled = new TaskCompletionSource();

        // The next page comes after the watch has seen that nobody follows, and before it has ended.
        time.Ends += () =>
            watch.Follow(() =>
            {
                isCalled.TrySetResult();
                return Task.CompletedTask;
            });
        watch.Follow(() => Task.CompletedTask).Dispose();
        time.Tick();

        await isCalled.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Follow_BesideOneThatFails_IsCalled()
    {
        await using var arbiter = SomeArbiter();
        var time = new EndingTime();
        await using var watch = Watch(arbiter, time);
        var hasFailed = new TaskCompletionSource();
        var isCalled = new TaskCompletionSource();

        watch.Follow(() =>
        {
            hasFailed.TrySetResult();
            throw new InvalidOperationException();
        });
        await hasFailed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        watch.Follow(() =>
        {
            isCalled.TrySetResult();
            return Task.CompletedTask;
        });
        time.Tick();

        await isCalled.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static Arbiter SomeArbiter() =>
        new(
            new ArbiterSettings
            {
                NodeId = 0,
                ConnectionString = "host=127.0.0.1 port=1 dbname=x user=x",
                ArbiterUrl = new Uri("http://127.0.0.1:1/"),
            },
            NullLoggerFactory.Instance
        );

    private static MeshWatch Watch(Arbiter arbiter, TimeProvider time) =>
        new(arbiter, new NodeClients(arbiter, new ArbiterCalls(new KeyDirectory(0, TimeProvider.System), TimeProvider.System)), time);

    /// <summary>A clock that goes on when told, and tells when a timer is given up.</summary>
    private sealed class EndingTime : TimeProvider
    {
        private readonly TaskCompletionSource<Action> made = new();

        public event Action? Ends;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            made.TrySetResult(() => callback(state));
            return new Timer(this);
        }

        public void Tick() => made.Task.GetAwaiter().GetResult()();

        private sealed class Timer(EndingTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                var ends = time.Ends;
                time.Ends = null;
                ends?.Invoke();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
