namespace Traktor.Web.Api.Documents;

/// <summary>The tutorial's calls and their answers, shown in the OpenAPI document.</summary>
internal static class ApiExamples
{
    private const string Table = """
        {"relation":"multimaster.reptest","status":"committed","policy":"last_update_wins","is_committing":false,"waiting_for":[],
         "needs_resync":[],"findings":[]}
        """;

    private const string Waiting = """
        {"relation":"multimaster.reptest","status":"pending-add","policy":"last_update_wins","is_committing":true,
         "waiting_for":[{"node":1,"reason":"The table does not exist there; create it."}],"needs_resync":[],"findings":[]}
        """;

    private const string Subscription = """
        {"inbound_node":1,"name":"trktr_sub_0_1","state":"streaming",
         "connection_string":"host=localhost dbname=traktor_tutorial port=5434 user=traktor_arbiter password=***","lag_ms":0.6,
         "lag_bytes":0,"wal_retained_bytes":56,"last_contact_at":"2026-11-23T09:00:00Z","last_error":null,"paused_at":null,
         "clock_offset_ms":0.1,"tables":1}
        """;

    private const string Conflict = """
        {"id":17,"occurred":"2026-11-23T09:00:01Z","lsn":"0/1A2B3C8","ordinal":1,"subscription":"trktr_sub_0_1","peer":1,
         "relation":"multimaster.reptest","conflict_type":"insert_exists",
         "state":"pending","operation":"insert","key":{"id":"1"},"value":{"id":"1","payload":"there"},"local_row":{"id":1,
         "payload":"here"},"local_stamp":"2026-11-23T08:59:58Z","local_origin":0,
         "remote_row":{"id":"1","payload":"there"},"remote_stamp":"2026-11-23T08:59:59Z","remote_origin":1,"unique_index":"reptest_pk",
         "sql_state_code":null,
         "reason":"Policy manual: a decision is needed.","policy":"manual","outcome":"decision_needed","decision":null,"merged_row":null,
         "decided_by":null,"decided_at":null,
         "resolution":null,"resolved":null,"resolved_by":null,"revision":null}
        """;

    private const string Transaction = """
        {"subscription":"trktr_sub_0_1","lsn":"0/1A2B3C8","xid":745,"committed":"2026-11-23T08:59:59Z","change_count":1,
         "changes":[{"ordinal":1,"operation":"insert","relation":"multimaster.reptest","key":{"id":"1"},"old":null,"row":{"id":"1",
         "payload":"there"}}],"is_truncated":false}
        """;

    private const string Here = """{"node":0,"result":"done","conflict":null,"decision":null,"detail":null}""";

    private const string Columns = """
        {"name":"id","type":"integer","kind":"whole_number","labels":[],"is_key":true,"is_required":true,"is_generated":false,
         "is_always_identity":false}
        """;

    private const string Found = $$"""
        {"node":0,"relation":"multimaster.reptest","key":{"id":1},"columns":[{{Columns}}],"row":{"id":"1","payload":"here"},
         "stamp":"2026-11-23T08:59:58Z","origin":0}
        """;

    /// <summary>An example of an operation's body; null when it takes none.</summary>
    public static string? Body(string? operation) =>
        operation switch
        {
            "Subscribe" => """
                {"inbound_node":1,
                 "connection_string":"host=localhost dbname=traktor_tutorial port=5434 user=traktor_arbiter password=traktor"}
                """,
            "Unsubscribe" => """{"inbound_node":1}""",
            "DecideConflict" => """
                {"resolution":"merge","row":{"id":1,"payload":"both"},"scope":"mesh","by":"Night shift",
                 "expected":{"stamp":"2026-11-23T08:59:58Z","origin":0}}
                """,
            "RestoreRow" => """{"version":"remote","by":"Night shift"}""",
            "CheckRow" => """{"row":{"id":"one"}}""",
            "SetPolicy" => """{"policy":"node_priority"}""",
            "SetPriorities" => """{"priorities":{"2":-1}}""",
            "ProbeSubscription" =>
                """{"connection_string":"host=localhost dbname=traktor_tutorial port=5434 user=traktor_arbiter password=traktor"}""",
            _ => null,
        };

    /// <summary>Examples of an operation's answers by status; null when there are none.</summary>
    public static IReadOnlyDictionary<string, string>? Of(string? operation) =>
        operation switch
        {
            "Initialize" => new Dictionary<string, string>
            {
                ["201"] = """{"node":0,"created":true,"schema_version":1,"findings":[]}""",
                ["200"] = """{"node":0,"created":false,"schema_version":1,"findings":[]}""",
            },
            "Uninitialize" => One("""{"node":0,"removed":true,"leftovers":[]}"""),
            "Status" => One(
                """
                {"node":0,"is_initialized":true,"is_replicating":true,"is_tainted":false,"conflicts_pending":0,"conflicts_resolved":0,
                 "replication_lag_ms":0.057,
                 "server_version":16.14,"server_version_num":160014,"is_reachable":true,"problem":null,"as_of":"2026-11-23T09:00:00Z",
                 "peers":[{"node":1,"state":"streaming","lag_ms":0.057,"lag_bytes":0,"last_contact_at":"2026-11-23T09:00:00Z",
                 "arbiter_url":"http://127.0.0.1:8081/"}],
                 "replicating":true,"tainted":false,"auto_resolved":0}
                """
            ),
            "ListSubscriptions" => One($$"""{"node":0,"subscriptions":[{{Subscription}}]}"""),
            "Subscribe" => new Dictionary<string, string>
            {
                ["201"] = """{"inbound_node":1,"name":"trktr_sub_0_1","created":true}""",
                ["200"] = """{"inbound_node":1,"name":"trktr_sub_0_1","created":false}""",
            },
            "Unsubscribe" => One("""{"inbound_node":1,"leftovers":[]}"""),
            "ProbeSubscription" => One(
                """
                {"node":1,"is_initialized":true,"is_self":false,"is_standby":false,"server_version_num":160014,"problem":null,"hint":null}
                """
            ),
            "PauseSubscription" => One(Subscription.Replace("streaming", "paused", StringComparison.Ordinal)),
            "ResumeSubscription" => One(Subscription),
            "StageAdd" => new Dictionary<string, string>
            {
                ["201"] = """{"relation":"multimaster.reptest","changed":true,"status":"pending-add"}""",
            },
            "StageRemove" => One("""{"relation":"multimaster.reptest","changed":true,"status":"pending-remove"}"""),
            "CommitReplicaset" => new Dictionary<string, string>
            {
                ["200"] = """{"node":0,"is_complete":true,"opened":["multimaster.reptest"],"removed":[],"pending":[]}""",
                ["202"] = $$"""{"node":0,"is_complete":false,"opened":[],"removed":[],"pending":[{{Waiting}}]}""",
            },
            "ReplicasetStatus" => One($$"""{"node":0,"replicaset":[{{Table}}]}"""),
            "History" => One("""{"node":0,"resolutions":[],"next":null}"""),
            "ListConflicts" => One($$"""{"node":0,"conflicts":[{{Conflict}}],"next":null}"""),
            "Conflict" => One($$"""{"node":0,"conflict":{{Conflict}},"transaction":{{Transaction}},"undecided":[]}"""),
            "ConflictRows" => One(
                $$"""
                {"node":0,"columns":[{{Columns}}],"local":[{"id":"1","payload":"here"}],"remote":{"id":"1","payload":"there"},
                 "merged":null,"now":{{Found}},"problem":null}
                """
            ),
            "Row" => One(Found),
            "CheckRow" => One(
                """
                {"node":0,"relation":"multimaster.reptest","row":{},"errors":[{"column":"id",
                 "problem":"invalid input syntax for type integer: \"one\" (SQLSTATE 22P02)."}]}
                """
            ),
            "RestoreRow" => One(
                """
                {"node":0,"conflict":17,"relation":"multimaster.reptest","key":{"id":1},"version":"remote","row":{"id":"1",
                 "payload":"there"}}
                """
            ),
            "DecideConflict" => One($$"""{"node":0,"conflict":{{Conflict}},"undecided":[],"nodes":[{{Here}}]}"""),
            "Policies" => One(
                """
                {"node":0,"policies":[{"relation":"multimaster.reptest","policy":"last_update_wins"}],"priorities":[{"node":0,
                 "priority":0,"is_set":false}],"tracks_commits":true}
                """
            ),
            "SetPolicy" => One($$"""{"relation":"multimaster.reptest","policy":"node_priority","changed":true,"nodes":[{{Here}}]}"""),
            "SetPriorities" => One(
                $$"""
                {"priorities":[{"node":2,"priority":-1,"is_set":true},{"node":0,"priority":0,"is_set":false}],"changed":true,
                 "nodes":[{{Here}}]}
                """
            ),
            _ => null,
        };

    private static Dictionary<string, string> One(string answer) => new() { ["200"] = answer };
}
