using System.Net.Sockets;
using Npgsql;
using Traktor.Engine;
using Traktor.Engine.Tasks;

namespace Traktor.UnitTests.Engine.Tasks;

public sealed class TaskRulesTests
{
    [Fact]
    public void IsFinal_OfEachState_IsSoForThoseThatEnd() =>
        Assert.Equal([TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled], Enum.GetValues<TaskState>().Where(TaskRules.IsFinal));

    [Fact]
    public void ToBegin_OfEachKind_TheOldestThatIsNotRunningHere()
    {
        TaskEntry[] unfinished = [Of(1, "repair"), Of(2, "comparison"), Of(3, "comparison"), Of(4, "join")];

        Assert.Equal([1L, 2, 4], TaskRules.ToBegin(unfinished, []).Select(task => task.Id));
        Assert.Equal([1L, 4], TaskRules.ToBegin(unfinished, [unfinished[1]]).Select(task => task.Id));
    }

    [Fact]
    public void ToBegin_AfterAKill_TheInterruptedOneFirst() =>
        Assert.Equal(
            2,
            Assert.Single(TaskRules.ToBegin([Of(1, "comparison"), Of(2, "comparison") with { State = TaskState.Running }], [])).Id
        );

    [Fact]
    public void ToBegin_ManyKinds_NoMoreThanAreAllowed() =>
        Assert.Equal(TaskRules.MostRunning, TaskRules.ToBegin([.. Enumerable.Range(1, 10).Select(id => Of(id, $"kind {id}"))], []).Count);

    [Fact]
    public void MayPass_NoAnswerOrALock_AndNothingElse()
    {
        Assert.True(TaskRules.MayPass(RefusedException.Unavailable("The arbiter of node 1 cannot be reached.")));
        Assert.True(TaskRules.MayPass(new NpgsqlException("", new SocketException())));
        Assert.True(TaskRules.MayPass(new PostgresException("", "", "", PostgresErrorCodes.AdminShutdown)));
        Assert.True(TaskRules.MayPass(new PostgresException("", "", "", PostgresErrorCodes.DeadlockDetected)));
        Assert.False(TaskRules.MayPass(new PostgresException("", "", "", PostgresErrorCodes.UndefinedColumn)));
        Assert.False(TaskRules.MayPass(RefusedException.Conflict("The table has no key.")));
        Assert.False(TaskRules.MayPass(new InvalidOperationException()));
    }

    [Fact]
    public void Rest_AfterMoreFailures_IsLongerUpToALimit()
    {
        Assert.True(TaskRules.Rest(1) < TaskRules.Rest(2));
        Assert.Equal(TaskRules.Rest(50), TaskRules.Rest(1000));
    }

    [Fact]
    public void Item_HalfDone_EstimatesRateBytesAndTimeLeft()
    {
        var item = new TaskItem("public.item", 1000, 500, 8000, 2000, false, null);

        Assert.Equal((250.0, 4000L, 2.0), (item.RowsPerSecond, item.BytesDone, item.SecondsLeft));
        Assert.Equal(
            (8000L, 0.0),
            (item with { IsFinished = true, RowsDone = 400 }) is var done ? (done.BytesDone, done.SecondsLeft) : default
        );
        Assert.Null((item with { RowsTotal = null }).SecondsLeft);
        // The estimate was too low.
        Assert.Equal(0, (item with { RowsDone = 2000 }).SecondsLeft);
    }

    private static TaskEntry Of(long id, string kind) =>
        new(id, kind, null, TaskState.Queued, false, "the user alice", default, null, null, null, null, null, []);
}
