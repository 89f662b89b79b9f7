using System.Text.Json;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Replicasets;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Tables;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class ApiJsonTests
{
    [Theory]
    [InlineData(TableState.PendingAdd, "pending-add")]
    [InlineData(TableState.Committed, "committed")]
    [InlineData(TableState.PendingRemove, "pending-remove")]
    public void Replicaset_State_IsInKebabCase(TableState state, string expected)
    {
        var answer = new ReplicasetAnswer(
            0,
            [
                new ReplicasetTable(
                    "multimaster.reptest",
                    state,
                    "last_update_wins",
                    true,
                    false,
                    [new Waiting(1, "It is \"away\".")],
                    [],
                    []
                ),
            ]
        );

        var text = JsonSerializer.Serialize(answer, ApiJsonOptions.Wire.ReplicasetAnswer);

        Assert.StartsWith(
            $$"""{"node":0,"replicaset":[{"relation":"multimaster.reptest","status":"{{expected}}","""
                + "\"policy\":\"last_update_wins\",\"detector\":true,\"is_committing\":false",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("""It is \"away\".""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void History_Empty_HasResolutionsAndNext() =>
        Assert.Equal(
            """{"node":3,"resolutions":[],"next":null}""",
            JsonSerializer.Serialize(new HistoryPage(3, [], null), ApiJsonOptions.Wire.HistoryPage)
        );

    [Theory]
    [InlineData("shop.MixedCase", "shop.MixedCase", TableState.Committed)]
    [InlineData("Shop.Orders", "shop.orders", TableState.PendingRemove)]
    [InlineData("\"shop\".\"orders\"", "shop.orders", TableState.PendingRemove)]
    [InlineData("shop.away", "shop.away", null)]
    public void StageAnswer_NamedTable_HasItsStateInTheReplicaset(string named, string relation, TableState? state)
    {
        ReplicasetTable[] replicaset =
        [
            new("shop.MixedCase", TableState.Committed, "last_update_wins", true, false, [], [], []),
            new("shop.orders", TableState.PendingRemove, "last_update_wins", true, false, [], [], []),
        ];

        Assert.Equal(new StageAnswer(relation, false, state), StageAnswer.Of(named, false, replicaset));
    }
}
