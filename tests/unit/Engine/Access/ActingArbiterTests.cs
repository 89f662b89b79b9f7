using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Convergence;
using Traktor.Engine.Joining;

namespace Traktor.UnitTests.Engine.Access;

/// <summary>Which role may call what. A call that is not in the table fails here.</summary>
public sealed class ActingArbiterTests : IAsyncDisposable
{
    private static readonly Dictionary<string, Role> Least = new()
    {
        [nameof(ActingArbiter.InitializeAsync)] = Role.Admin,
        [nameof(ActingArbiter.UninitializeAsync)] = Role.Admin,
        [nameof(ActingArbiter.SubscribeAsync)] = Role.Admin,
        [nameof(ActingArbiter.UnsubscribeAsync)] = Role.Admin,
        [nameof(ActingArbiter.ProbeAsync)] = Role.Admin,
        [nameof(ActingArbiter.PauseAsync)] = Role.Operator,
        [nameof(ActingArbiter.ResumeAsync)] = Role.Operator,
        [nameof(ActingArbiter.RenewAsync)] = Role.Admin,
        [nameof(ActingArbiter.StageAddAsync)] = Role.Admin,
        [nameof(ActingArbiter.StageRemoveAsync)] = Role.Admin,
        [nameof(ActingArbiter.CommitAsync)] = Role.Admin,
        [nameof(ActingArbiter.SetPolicyAsync)] = Role.Admin,
        [nameof(ActingArbiter.SetPrioritiesAsync)] = Role.Admin,
        [nameof(ActingArbiter.DecideAsync)] = Role.Operator,
        [nameof(ActingArbiter.RestoreAsync)] = Role.Operator,
        [nameof(ActingArbiter.RepairAsync)] = Role.Operator,
        [nameof(ActingArbiter.AnnounceAsync)] = Role.Operator,
        [nameof(ActingArbiter.NoteEqualAsync)] = Role.Operator,
        [nameof(ActingArbiter.CompareAsync)] = Role.Operator,
        [nameof(ActingArbiter.CancelTaskAsync)] = Role.Operator,
        [nameof(ActingArbiter.JoinAsync)] = Role.Admin,
        [nameof(ActingArbiter.ExportSnapshotAsync)] = Role.Admin,
        [nameof(ActingArbiter.EndSnapshotAsync)] = Role.Admin,
        [nameof(ActingArbiter.AuditAsync)] = Role.Admin,
        [nameof(ActingArbiter.VerifyAuditAsync)] = Role.Admin,
        [nameof(ActingArbiter.AccountsAsync)] = Role.Admin,
        [nameof(ActingArbiter.StoredAccountsAsync)] = Role.Admin,
        [nameof(ActingArbiter.ChangePasswordAsync)] = Role.Viewer,
        [nameof(ActingArbiter.SetUserAsync)] = Role.Admin,
        [nameof(ActingArbiter.RemoveUserAsync)] = Role.Admin,
        [nameof(ActingArbiter.CreateKeyAsync)] = Role.Admin,
        [nameof(ActingArbiter.RemoveKeyAsync)] = Role.Admin,
    };

    private static readonly string[] Readings =
    [
        nameof(Arbiter.HistoryAsync),
        nameof(Arbiter.ConflictsAsync),
        nameof(Arbiter.RateAsync),
        nameof(Arbiter.ConflictAsync),
        nameof(Arbiter.ConflictRowsAsync),
        nameof(Arbiter.RowAsync),
        nameof(Arbiter.CheckRowAsync),
        nameof(Arbiter.PoliciesAsync),
        nameof(Arbiter.CatalogAsync),
        nameof(Arbiter.ReplicasetAsync),
        nameof(Arbiter.SubscriptionsAsync),
        nameof(Arbiter.MeshAsync),
        nameof(Arbiter.PreflightAsync),
        nameof(Arbiter.ComparisonsAsync),
        nameof(Arbiter.ComparisonAsync),
        nameof(Arbiter.DifferencesAsync),
        nameof(Arbiter.TasksAsync),
        nameof(Arbiter.TaskAsync),
        nameof(Arbiter.SnapshotAsync),
    ];

    // What the host does with the arbiter itself.
    private static readonly string[] Living = [nameof(Arbiter.StartAsync), nameof(Arbiter.DisposeAsync), nameof(Arbiter.As)];

    // What the audit log has beside actions.
    private static readonly string[] Notes =
    [
        nameof(Arbiter.NoteSignInAsync),
        nameof(Arbiter.NoteSignOutAsync),
        nameof(Arbiter.NoteRefusedSignInAsync),
        nameof(Arbiter.NoteRefusedCallAsync),
    ];

    private readonly Arbiter arbiter = new(
        new ArbiterSettings
        {
            NodeId = 0,
            ConnectionString = "host=127.0.0.1 port=1 dbname=x user=x",
            ArbiterUrl = new Uri("http://127.0.0.1:1/"),
        },
        NullLoggerFactory.Instance
    );

    public static TheoryData<string, Role> Calls()
    {
        var calls = new TheoryData<string, Role>();
        foreach (var call in Least.Keys)
        foreach (var role in Enum.GetValues<Role>())
            calls.Add(call, role);
        return calls;
    }

    public ValueTask DisposeAsync() => arbiter.DisposeAsync();

    [Fact]
    public void ActingArbiter_EveryCall_IsInTheTable() =>
        Assert.Equal(Least.Keys.Order(), MethodsOf(typeof(ActingArbiter)).Select(method => method.Name).Order());

    [Fact]
    public void Arbiter_EveryCall_OnlyReads() =>
        Assert.Equal(Readings.Concat(Living).Concat(Notes).Order(), MethodsOf(typeof(Arbiter)).Select(method => method.Name).Order());

    [Fact]
    public void ArbiterAction_EachOne_HasANameOfItsOwn()
    {
        var actions = typeof(ArbiterAction)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (ArbiterAction)field.GetValue(null)!)
            .ToList();

        // The accounts are read in two ways, and so is the audit log; a repair has two parts, and an exported snapshot.
        Assert.Equal(Least.Count - 4, actions.Select(action => action.Name).Distinct().Count());
        Assert.Equal(actions, ArbiterAction.All);
    }

    [Fact]
    public void Documentation_TheTableOfRoles_NamesEveryAction()
    {
        var page = Traktor.Documents.DocumentFile.Read("access.md");

        foreach (var field in typeof(ArbiterAction).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var action = (ArbiterAction)field.GetValue(null)!;
            var row = page.Split('\n').Single(line => line.StartsWith('|') && line.Contains($"`{action.Name}`", StringComparison.Ordinal));
            // The columns are viewer, operator, admin.
            Assert.Equal(3 - (int)action.Least, row.Split('|').Count(cell => cell.Trim() == "yes"));
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_ByARole_IsForbiddenBelowTheLeastOne(string call, Role role)
    {
        var actor = new Actor(ActorKind.User, "alice", role);
        var method = MethodsOf(typeof(ActingArbiter)).Single(one => one.Name == call);
        using var limited = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var arguments = method.GetParameters().Select(parameter => Argument(parameter, limited.Token)).ToArray();

        // Without a server, what is allowed ends with some other refusal.
        var refused = await Record.ExceptionAsync(() => (Task)method.Invoke(arbiter.As(actor), arguments)!);

        Assert.Equal(role < Least[call], refused is RefusedException { Kind: RefusalKind.Forbidden });
        if (role < Least[call])
            Assert.Contains(
                $"needs the role {AccessWords.Of(Least[call])}; the user alice has the role {AccessWords.Of(role)}.",
                refused!.Message,
                StringComparison.Ordinal
            );
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(method => !method.IsSpecialName);

    private static object? Argument(ParameterInfo parameter, CancellationToken cancel) =>
        parameter.ParameterType switch
        {
            var type when type == typeof(CancellationToken) => cancel,
            var type when type == typeof(string) => parameter.Name == "connectionString"
                ? "host=127.0.0.1 port=1 dbname=x user=x"
                : "public.anything",
            var type when type == typeof(RepairOrder) => new RepairOrder(1, new RepairRule(RepairRuleKind.Newest), null, null, true),
            var type when type == typeof(IReadOnlyList<RowChoice>) => Array.Empty<RowChoice>(),
            var type when type == typeof(EqualTables) => new EqualTables(1, 1, [0, 1], []),
            var type when type == typeof(JoinOrder) => new JoinOrder(
                "host=127.0.0.1 port=1 dbname=x user=x",
                1,
                "host=127.0.0.1 port=1 user=x"
            ),
            var type when type == typeof(IReadOnlyList<NodePosition>) => Array.Empty<NodePosition>(),
            var type when type == typeof(ComparisonOrder) => new ComparisonOrder(null, null, 100),
            var type when type == typeof(HandDecision) => new HandDecision(Resolution.Newest, null, "alice"),
            var type when type == typeof(IReadOnlyDictionary<int, int>) => new Dictionary<int, int>(),
            { IsValueType: true } type when Nullable.GetUnderlyingType(type) is null => Activator.CreateInstance(type),
            _ => null,
        };
}
