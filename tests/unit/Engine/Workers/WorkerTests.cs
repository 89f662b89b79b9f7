using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Traktor.Engine;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.UnitTests.Engine.Workers;

public sealed class WorkerTests
{
    private static readonly PostgresException Missing = new("relation \"x\" does not exist", "ERROR", "ERROR", "42P01");

    private readonly FakeTimeProvider time = new();
    private readonly Worker worker;

    public WorkerTests() => worker = new Worker("heartbeat", "the heartbeat", time, NullLogger.Instance);

    [Fact]
    public async Task Try_OneFailure_IsTolerated()
    {
        Assert.False(await FailAsync(Missing));
        Assert.Null(worker.Failure);
    }

    [Fact]
    public async Task Try_FailuresInARow_AreToldWithTheTimeOfTheFirstThatWasTold()
    {
        await FailAsync(Missing);
        var since = time.GetUtcNow();
        await FailAsync(Missing);
        time.Advance(TimeSpan.FromMinutes(1));
        await FailAsync(new PostgresException("out of memory", "ERROR", "ERROR", "53200"));

        Assert.Equal(new FailingWorker("heartbeat", "the heartbeat", "out of memory (SQLSTATE 53200)", since), worker.Failure);
        Assert.Equal("The heartbeat fails: out of memory (SQLSTATE 53200).", worker.Failure!.InWords());
    }

    [Fact]
    public async Task Try_ARoundThatSucceeds_EndsTheFailure()
    {
        await FailAsync(Missing);
        await FailAsync(Missing);
        Assert.True(await worker.TryAsync(_ => Task.CompletedTask, CancellationToken.None));
        Assert.Null(worker.Failure);
        await FailAsync(Missing);
        Assert.Null(worker.Failure);
    }

    /// <summary>
    /// The node's own status says that it is down or not initialised; but not that it refuses a statement.
    /// </summary>
    [Fact]
    public async Task Try_WhileTheNodeDoesNotWork_IsNoFailureOfTheWorker()
    {
        for (var round = 0; round < 3; round++)
        {
            await FailAsync(RefusedException.Unavailable("This node's PostgreSQL cannot be reached."));
            await FailAsync(RefusedException.Conflict("Node 0 is not initialised."));
        }

        Assert.Null(worker.Failure);
        await FailAsync(PostgresErrors.ToRefusal(Missing, "this node's PostgreSQL"));
        await FailAsync(PostgresErrors.ToRefusal(Missing, "this node's PostgreSQL"));
        Assert.NotNull(worker.Failure);
    }

    [Fact]
    public async Task Try_ADefect_IsToldAtOnceWithoutItsText()
    {
        await FailAsync(new InvalidOperationException("secret detail"));
        Assert.Equal("An internal error, which the arbiter's log has.", worker.Failure?.Problem);
    }

    [Fact]
    public async Task Try_ARoundThatDoesNotEnd_IsAFailureUntilItDoes()
    {
        var end = new TaskCompletionSource();
        var since = time.GetUtcNow();
        var round = worker.TryAsync(_ => end.Task, CancellationToken.None);
        Assert.Null(worker.Failure);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(since, worker.Failure?.Since);
        end.SetResult();
        Assert.True(await round);
        Assert.Null(worker.Failure);
    }

    [Fact]
    public async Task Try_WhenTheArbiterStops_IsNoFailure()
    {
        using var stop = new CancellationTokenSource();
        for (var round = 0; round < 2; round++)
            Assert.False(
                await worker.TryAsync(
                    async cancel =>
                    {
                        await stop.CancelAsync();
                        cancel.ThrowIfCancellationRequested();
                    },
                    stop.Token
                )
            );
        Assert.Null(worker.Failure);
    }

    private Task<bool> FailAsync(Exception error) => worker.TryAsync(_ => Task.FromException(error), CancellationToken.None);
}
