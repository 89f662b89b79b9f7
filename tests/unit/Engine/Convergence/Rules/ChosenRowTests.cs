using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence.Rules;

/// <summary>A row that was chosen by hand becomes the greatest version of its key, or nothing happens.</summary>
public sealed class ChosenRowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly RowVersion Row = new(new Stamp(Noon, 1), "{}");
    private static readonly KeyState State = new(new Stamp(Noon.AddMinutes(1), 0), Row, null, [], []);

    [Fact]
    public void Choose_UnderItsOwnStamp_IsOnlyAnnounced()
    {
        var entry = KeyRules.Choose(State, Row.Stamp, isDeletion: false, after: null, 7)!;

        Assert.Equal((Row, 7, false, true), (entry.Version, entry.Touched, entry.IsUnapplied, entry.IsToBeSent));
        // The next round announces it for good and writes nothing.
        var outcome = KeyRules.Decide(State with { Contested = entry }, 8)!;
        Assert.Equal((SendReasons.Unsent, false, null), (outcome.Reasons, outcome.Contested.IsUnapplied, outcome.RowLoss));
    }

    [Fact]
    public void Choose_UnderANewStamp_IsWrittenFirstAndAfterAllOthers()
    {
        var later = new Stamp(Noon.AddHours(1), 2);
        var entry = KeyRules.Choose(State, Row.Stamp, isDeletion: false, later, 7)!;

        Assert.Equal(new Stamp(later.Committed.AddMicroseconds(1), 0), entry.Version.Stamp);
        Assert.Equal((true, false, (Stamp?)Row.Stamp), (entry.IsWritable, entry.IsToBeSent, entry.Replaces));
        Assert.Equal(Row, KeyRules.Decide(State with { Contested = entry }, 8)!.RowLoss!.Local);
    }

    [Fact]
    public void Choose_Deletion_IsATombstoneOfNow()
    {
        var entry = KeyRules.Choose(State, Row.Stamp, isDeletion: true, Row.Stamp, 7)!;

        Assert.True(entry.Version.IsTombstone);
        Assert.Equal(State.Now, entry.Version.Stamp);
    }

    [Fact]
    public void Choose_AnythingElseIsGoingOn_IsLeftAlone()
    {
        Assert.Null(KeyRules.Choose(State, new Stamp(Noon, 2), false, null, 7));
        Assert.Null(KeyRules.Choose(State, null, false, null, 7));
        Assert.Null(KeyRules.Choose(State with { Row = null }, Row.Stamp, false, null, 7));
        Assert.Null(KeyRules.Choose(State with { Winners = [Row] }, Row.Stamp, false, null, 7));
        var entry = KeyRules.Choose(State, Row.Stamp, false, null, 7);
        Assert.Null(KeyRules.Choose(State with { Contested = entry }, Row.Stamp, false, null, 7));
    }

    [Fact]
    public void Choose_ForgottenStamp_IsExpectedAsSuch()
    {
        var forgotten = State with { Row = new RowVersion(new Stamp(DateTimeOffset.UnixEpoch, 0), "{}") };

        Assert.NotNull(KeyRules.Choose(forgotten, null, false, Row.Stamp, 7));
    }
}
