using System.Diagnostics;

namespace Traktor.E2ETests.Conflicts;

/// <summary>The live stream of a real arbiter.</summary>
public sealed class ConflictStreamTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    [Fact]
    public async Task Stream_RecordedDecidedResolved_AreToldInOrder()
    {
        using var stream = await EventStream.OpenAsync(conflicts.Mesh[0].Api);
        var id = await conflicts.WaitingAsync(0, 1001);
        await ExpectAsync(stream, "recorded", id);
        (
            await conflicts
                .Mesh[0]
                .Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution", new { resolution = "keep_local", scope = "node" })
        ).Expect(200);
        await ExpectAsync(stream, "decided", id);
        await conflicts.ResolveAsync(0, id);
        await ExpectAsync(stream, "resolved", id);
    }

    [Fact]
    public async Task Stream_ComingBack_GetsWhatItMissed()
    {
        string? last;
        using (var stream = await EventStream.OpenAsync(conflicts.Mesh[0].Api))
        {
            await ExpectAsync(stream, "recorded", await conflicts.WaitingAsync(0, 1002));
            last = stream.LastId;
        }

        var missed = await conflicts.WaitingAsync(0, 1003);
        await conflicts.ResolveAsync(0, missed);
        var another = await conflicts.WaitingAsync(0, 1004);
        using var back = await EventStream.OpenAsync(conflicts.Mesh[0].Api, last);
        await ExpectAsync(back, "resolved", missed);
        await ExpectAsync(back, "recorded", another);
        using var byNumber = await EventStream.OpenAsync(conflicts.Mesh[0].Api, $"{missed}");
        await ExpectAsync(byNumber, "recorded", another);
    }

    [Fact]
    public async Task Stream_TransactionThatCommitsLate_IsNotLost()
    {
        using var stream = await EventStream.OpenAsync(conflicts.Mesh[0].Api);
        await using var slow = await conflicts.Mesh[0].OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await using (
            var insert = new Npgsql.NpgsqlCommand(
                "insert into trktr.history (subscription, peer, lsn, ordinal, relation, conflict_type) values "
                    + "('trktr_sub_0_1', 1, '0/1005', 1, 'shop.orders', 'insert_exists')",
                slow,
                transaction
            )
        )
            await insert.ExecuteNonQueryAsync();
        var quick = await conflicts.WaitingAsync(0, 1006);
        await ExpectAsync(stream, "recorded", quick);
        var idMeanwhile = stream.LastId;
        await transaction.CommitAsync();
        await ExpectAsync(stream, "recorded", quick - 1);
        // Who was cut off before it came would have got it with the id that stood there.
        using var back = await EventStream.OpenAsync(conflicts.Mesh[0].Api, idMeanwhile);
        await ExpectAsync(back, "recorded", quick - 1);
    }

    [Fact]
    public async Task Stream_WrongId_Is400()
    {
        (await conflicts.Mesh[0].Api.GetAsync("/v1/arbiter/conflicts/stream?after=x")).Expect(400);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Stream_ArbiterStops_EndsPromptly()
    {
        var arbiter = conflicts.Mesh[1].Arbiter;
        using var stream = await EventStream.OpenAsync(arbiter.Api);
        var clock = Stopwatch.StartNew();
        var ended = stream.NextAsync();
        var took = await arbiter.TerminateAsync();
        Assert.Null(await ended);
        Assert.True(took < TimeSpan.FromSeconds(2), $"ended after {took}");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3));
        await arbiter.StartAsync();
    }

    private static async Task ExpectAsync(EventStream stream, string kind, long id)
    {
        // Tests of this class share the node: what others did is passed over.
        while (await stream.NextAsync() is { } next)
            if ((long?)next.Data["id"] == id)
            {
                Assert.Equal(kind, next.Event);
                return;
            }

        Assert.Fail($"The stream ended without {kind} {id}.");
    }
}
