using System.Text.Json;
using System.Text.Json.Serialization;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Audit;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.Joining;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Nodes;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;
using Traktor.Web.Contracts.Access;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Mesh;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Status;
using Traktor.Web.Contracts.Tables;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Json;

/// <summary>
/// How the API writes JSON: snake_case, nulls kept, table states in kebab-case as the original does, other states in
/// snake_case.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [
        typeof(TableStateJson),
        typeof(SubscriptionStateJson),
        typeof(SeverityJson),
        typeof(SnakeCaseJson<ConflictType>),
        typeof(SnakeCaseJson<ConflictState>),
        typeof(SnakeCaseJson<Policy>),
        typeof(SnakeCaseJson<Outcome>),
        typeof(SnakeCaseJson<Resolution>),
        typeof(SnakeCaseJson<AnswerKind>),
        typeof(SnakeCaseJson<FeedKind>),
        typeof(SnakeCaseJson<Scope>),
        typeof(SnakeCaseJson<RowSide>),
        typeof(SnakeCaseJson<ColumnKind>),
        typeof(SnakeCaseJson<Role>),
        typeof(SnakeCaseJson<AuditOutcome>),
        typeof(SnakeCaseJson<SubscriptionWait>),
        typeof(SnakeCaseJson<TaskState>),
        typeof(SnakeCaseJson<KeyVerdict>),
        typeof(SnakeCaseJson<ColumnForm>),
    ]
)]
[JsonSerializable(typeof(InitializeReport))]
[JsonSerializable(typeof(UninitializeReport))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(SubscriptionRequest))]
[JsonSerializable(typeof(UnsubscribeRequest))]
[JsonSerializable(typeof(SubscribeAnswer))]
[JsonSerializable(typeof(UnsubscribeAnswer))]
[JsonSerializable(typeof(SubscriptionsAnswer))]
[JsonSerializable(typeof(SubscriptionStatus))]
[JsonSerializable(typeof(ProbeRequest))]
[JsonSerializable(typeof(ProbeReport))]
[JsonSerializable(typeof(CatalogAnswer))]
[JsonSerializable(typeof(StageAnswer))]
[JsonSerializable(typeof(CommitReport))]
[JsonSerializable(typeof(ReplicasetAnswer))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(ConflictPage))]
[JsonSerializable(typeof(ConflictCase))]
[JsonSerializable(typeof(ConflictRate))]
[JsonSerializable(typeof(FeedMessage))]
[JsonSerializable(typeof(FeedRequest))]
[JsonSerializable(typeof(MissedEvent))]
[JsonSerializable(typeof(ResolutionBody))]
[JsonSerializable(typeof(DecisionReport))]
[JsonSerializable(typeof(ConflictRows))]
[JsonSerializable(typeof(RowFound))]
[JsonSerializable(typeof(RowBody))]
[JsonSerializable(typeof(RowCheck))]
[JsonSerializable(typeof(RestorationBody))]
[JsonSerializable(typeof(RestorationReport))]
[JsonSerializable(typeof(PolicyReport))]
[JsonSerializable(typeof(PolicyRequest))]
[JsonSerializable(typeof(PolicyChange))]
[JsonSerializable(typeof(PriorityRequest))]
[JsonSerializable(typeof(PriorityChange))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
[JsonSerializable(typeof(MeshStatus))]
[JsonSerializable(typeof(PreflightReport))]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(RemovalAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(ComparisonRequest))]
[JsonSerializable(typeof(ComparisonPage))]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(DifferencePage))]
[JsonSerializable(typeof(RepairRequest))]
[JsonSerializable(typeof(AnnouncementRequest))]
[JsonSerializable(typeof(RepairedRows))]
[JsonSerializable(typeof(ProofRequest))]
[JsonSerializable(typeof(NotedProofs))]
[JsonSerializable(typeof(RowHashRequest))]
[JsonSerializable(typeof(RowBoundRequest))]
[JsonSerializable(typeof(RowVersionRequest))]
[JsonSerializable(typeof(TableShape))]
[JsonSerializable(typeof(RangeHashes))]
[JsonSerializable(typeof(RangeBounds))]
[JsonSerializable(typeof(KeyVersions))]
[JsonSerializable(typeof(AppliedPositions))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(SnapshotRequest))]
[JsonSerializable(typeof(SourceSnapshot))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(TaskReport))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(bool))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary><c>pending-add</c>, <c>committed</c>, <c>pending-remove</c>.</summary>
internal sealed class TableStateJson() : JsonStringEnumConverter<TableState>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary><c>streaming</c>, <c>catching_up</c> and so on.</summary>
internal sealed class SubscriptionStateJson()
    : JsonStringEnumConverter<SubscriptionState>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

/// <summary><c>ok</c>, <c>warning</c>, <c>error</c>.</summary>
internal sealed class SeverityJson() : JsonStringEnumConverter<Severity>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

/// <summary>Words joined by underscores, as in the database.</summary>
internal sealed class SnakeCaseJson<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
