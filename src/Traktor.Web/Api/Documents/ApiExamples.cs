namespace Traktor.Web.Api.Documents;

/// <summary>The examples of docs/rest.md, for the OpenAPI document.</summary>
internal static class ApiExamples
{
    private const string RepairTarget = "\"repair\",\"target\":\"comparison 1 by newest, dry run\"";
    private const string Peer = "host=localhost port=5434 user=traktor_arbiter password=traktor dbname=traktor_tutorial";

    /// <summary>An example of an operation's body; null when it takes none.</summary>
    public static string? Body(string? operation) =>
        operation switch
        {
            "Subscribe" => $$"""{"inbound_node":1,"connection_string":"{{Peer}}"}""",
            "Unsubscribe" => """{"inbound_node":1}""",
            "ProbeSubscription" => $$"""{"connection_string":"{{Peer}}"}""",
            "SetPolicy" => """{"policy":"manual"}""",
            "SetPriorities" => """{"priorities":{"1":-1}}""",
            "CheckRow" => """{"row":{"id":"one"}}""",
            "DecideConflict" => """
                {"resolution":"merge","row":{"id":1,"payload":"both"},"scope":"mesh","by":"Night shift",
                 "expected":{"stamp":"2026-11-23T08:59:58.123456+00:00","origin":0}}
                """,
            "Join" => $$"""
                {"connection_string":"{{Peer}}","source":{"node":1,"connection_string":"{{Peer}}"},"structure":"existing"}
                """,
            "ExportSnapshot" => """{"positions":[{"node":1,"lsn":"0/1A2B3C8"}]}""",
            "Compare" => """{"tables":["multimaster.reptest"],"nodes":"all"}""",
            "Repair" => """{"rule":"newest","dry_run":true}""",
            "AnnounceRows" => """
                {"rows":[{"key":{"id":"1"},"stamp":"2026-11-23T08:59:58.123456+00:00","origin":0}]}
                """,
            "NoteProofs" => """
                {"node":1,"comparison":5,"nodes":[0,1],"tables":[{"relation":"multimaster.reptest",
                 "proven_at":"2026-11-23T09:00:00+00:00","rows":1,"resync":["0c4f2a1e-6d0b-4c59-9a53-1d0a5f6f7b21"]}]}
                """,
            "RowHashes" => """{"columns":[{"name":"id","form":"native"}],"ranges":[{"to":["5"]},{"from":["5"]}]}""",
            "RowBounds" => """{"range":{"from":["1"]},"every":5000,"most":1}""",
            "RowVersions" => """{"columns":[{"name":"id","form":"native"}],"keys":[["1"]],"has_rows":true}""",
            "SetUser" => """{"role":"operator","password":"correct horse battery"}""",
            "ChangePassword" => """{"old_password":"correct horse battery","password":"another horse battery"}""",
            "CreateKey" => """{"role":"viewer","expires":"2099-11-23T09:00:00+00:00"}""",
            "RestoreRow" => """{"version":"remote","by":"Night shift"}""",
            _ => null,
        };

    /// <summary>Examples of an operation's answers by status; null when there are none.</summary>
    public static IReadOnlyDictionary<string, string>? Of(string? operation) =>
        operation switch
        {
            "Initialize" => Two(
                """{"node":0,"created":true,"schema_version":1,"findings":[],"mended":[]}""",
                """{"node":0,"created":false,"schema_version":1,"findings":[],"mended":["table trktr.heartbeat"]}"""
            ),
            "Uninitialize" => One("""{"node":0,"removed":true,"leftovers":[]}"""),
            "Status" => One(
                """
                {"node":0,"is_initialized":true,"is_replicating":true,"is_tainted":false,"conflicts_pending":0,"conflicts_resolved":0,
                 "replication_lag_ms":0.6,"server_version":16.14,"server_version_num":160014,"is_reachable":true,"problem":null,
                 "as_of":"2026-11-23T09:00:00.123456+00:00",
                 "peers":[{"node":1,"state":"streaming","lag_ms":0.6,"lag_bytes":0,
                 "last_contact_at":"2026-11-23T09:00:00.123456+00:00","arbiter_url":"http://127.0.0.1:8081/"}],
                 "replicating":true,"tainted":false,"auto_resolved":0,
                 "convergence":{"overwrites":0,"contested":0,"winners":0,"set_aside":0},"failing_workers":[]}
                """
            ),
            "ListUsers" => One($$"""{"node":0,"users":[{{ExampleObjects.User}}]}"""),
            "User" => One(ExampleObjects.User),
            "SetUser" => Two(ExampleObjects.User, ExampleObjects.User),
            "ChangePassword" => One(ExampleObjects.User.Replace("the APIKey of arbiter.ini", "the user alice", StringComparison.Ordinal)),
            "RemoveUser" => One("""{"name":"alice","removed":true}"""),
            "ListAudit" => One($$"""{"node":0,"entries":[{{ExampleObjects.AuditEntry}}],"next":null}"""),
            "VerifyAudit" => One(
                """
                {"node":0,"is_intact":true,"chains":[{"node":0,"incarnation":"6b1f7a52-9d0e-4c7c-8f0e-0d2f6f3c1a55","is_own":true,
                 "entries":48,"first":1,"last":48,
                 "last_hash":"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752","problems":[]}],
                 "others":[{"node":1,"is_compared":true,"detail":null}]}
                """
            ),
            "ListKeys" => One($$"""{"node":0,"keys":[{{ExampleObjects.Key}}]}"""),
            "Key" => One(ExampleObjects.Key),
            "CreateKey" => new Dictionary<string, string>
            {
                ["201"] = """
                    {"name":"backup","role":"viewer","expires":"2099-11-23T09:00:00+00:00",
                     "key":"traktor_3f1d0c7a9b5e2d4486f0a1c3b7d9e5f2081220a4c6e8b1d3"}
                    """,
            },
            "RemoveKey" => One("""{"name":"backup","removed":true}"""),
            "ListSubscriptions" => One($$"""{"node":0,"subscriptions":[{{ExampleObjects.Subscription}}]}"""),
            "Subscribe" => Two(
                """{"inbound_node":1,"name":"trktr_sub_0_1","created":true}""",
                """{"inbound_node":1,"name":"trktr_sub_0_1","created":false}"""
            ),
            "Unsubscribe" => One("""{"inbound_node":1,"leftovers":[]}"""),
            "ProbeSubscription" => One(
                """
                {"node":1,"is_initialized":true,"is_self":false,"is_standby":false,"server_version_num":160014,"problem":null,"hint":null}
                """
            ),
            "PauseSubscription" => One(
                ExampleObjects
                    .Subscription.Replace("streaming", "paused", StringComparison.Ordinal)
                    .Replace("\"paused_at\":null", "\"paused_at\":\"2026-11-23T09:00:00.123456+00:00\"", StringComparison.Ordinal)
            ),
            "ResumeSubscription" => One(ExampleObjects.Subscription),
            "RenewSubscription" => One(ExampleObjects.Subscription),
            "StageAdd" => Two(
                """{"relation":"multimaster.reptest","changed":true,"status":"pending-add"}""",
                """{"relation":"multimaster.reptest","changed":false,"status":"pending-add"}"""
            ),
            "StageRemove" => One("""{"relation":"multimaster.reptest","changed":true,"status":"pending-remove"}"""),
            "CommitReplicaset" => new Dictionary<string, string>
            {
                ["200"] = """{"node":0,"is_complete":true,"opened":["multimaster.reptest"],"removed":[],"pending":[]}""",
                ["202"] = $$"""{"node":0,"is_complete":false,"opened":[],"removed":[],"pending":[{{ExampleObjects.WaitingTable}}]}""",
            },
            "ReplicasetStatus" => One($$"""{"node":0,"replicaset":[{{ExampleObjects.Table}}]}"""),
            "Catalog" => One($$"""{"node":0,"tables":[{{ExampleObjects.CatalogTable}}]}"""),
            "Policies" => One(
                """
                {"node":0,"policies":[{"relation":"multimaster.reptest","policy":"last_update_wins"}],
                 "priorities":[{"node":0,"priority":0,"is_set":false},{"node":1,"priority":1,"is_set":false}],"tracks_commits":true}
                """
            ),
            "SetPolicy" => One(
                $$"""{"relation":"multimaster.reptest","policy":"manual","detector":true,"changed":true,"nodes":{{ExampleObjects.Done}}}"""
            ),
            "SetPriorities" => One(
                $$"""
                {"priorities":[{"node":1,"priority":-1,"is_set":true},{"node":0,"priority":0,"is_set":false}],"changed":true,
                 "nodes":{{ExampleObjects.Done}}}
                """
            ),
            "ListConflicts" => One($$"""{"node":0,"conflicts":[{{ExampleObjects.Pending}}],"next":null}"""),
            "Conflict" => One(
                $$"""{"node":0,"conflict":{{ExampleObjects.Pending}},"transaction":{{ExampleObjects.Transaction}},"undecided":[]}"""
            ),
            "ConflictRows" => One(
                $$"""
                {"node":0,"columns":{{ExampleObjects.Columns}},"local":[{"id":"1","payload":"here"}],
                 "remote":{"id":"1","payload":"there"},"merged":null,"now":{{ExampleObjects.Row}},"problem":null}
                """
            ),
            "ConflictRate" => One(
                """
                {"node":0,"last_id":17,"is_complete":true,"minutes":[{"minute":"2026-11-23T09:00:00+00:00",
                 "relation":"multimaster.reptest","conflict_type":"insert_exists","conflicts":1}]}
                """
            ),
            "Row" => One(ExampleObjects.Row),
            "CheckRow" => One(
                """
                {"node":0,"relation":"multimaster.reptest","row":{},
                 "errors":[{"column":"id","problem":"invalid input syntax for type integer: \"one\" (SQLSTATE 22P02)."}]}
                """
            ),
            "DecideConflict" => One(
                $$"""
                {"node":0,"conflict":{{ExampleObjects.Decided}},"undecided":[],
                 "nodes":[{"node":0,"result":"done","conflict":17,"decision":"merge","detail":null},
                 {"node":1,"result":"done","conflict":9,"decision":"apply_remote","detail":null}]}
                """
            ),
            "History" => One($$"""{"node":0,"resolutions":[{{ExampleObjects.Resolved}}],"next":null}"""),
            "RestoreRow" => One(
                """
                {"node":0,"conflict":17,"relation":"multimaster.reptest","key":{"id":1},"version":"remote",
                 "row":{"id":"1","payload":"there"}}
                """
            ),
            "Cluster" => One(
                $$"""
                {"node":0,"nodes":{{ExampleObjects.Nodes}},"inbound":[{{ExampleObjects.Subscription}}],
                 "outbound":[{"node":1,"slot":"trktr_sub_1_0","is_active":true,"has_arbiter":true,"wal_retained_bytes":56,
                 "lag_bytes":0,"lag_ms":0.6}]}
                """
            ),
            "Preflight" => One(
                """
                {"node":0,"is_ready":true,
                 "findings":[{"check":"server_version","severity":"ok","found":"PostgreSQL 16.14","hint":null}]}
                """
            ),
            "ListTasks" => One($$"""{"node":0,"tasks":[{{ExampleObjects.Task}}],"next":null}"""),
            "Task" => One(ExampleObjects.TaskReport),
            "CancelTask" => One(ExampleObjects.TaskReport),
            "ListComparisons" => One($$"""{"node":0,"comparisons":[{{ExampleObjects.Comparison}}],"next":null}"""),
            "Comparison" => One(ExampleObjects.Comparison),
            "Compare" => new Dictionary<string, string> { ["202"] = ExampleObjects.TaskReport },
            "Repair" => new Dictionary<string, string>
            {
                ["202"] = ExampleObjects
                    .TaskReport.Replace("\"comparison\",\"target\":\"multimaster.reptest\"", RepairTarget, StringComparison.Ordinal)
                    .Replace(ExampleObjects.ComparisonResult, ExampleObjects.RepairResult, StringComparison.Ordinal),
            },
            "NoteProofs" => One("""{"node":0,"tables":1}"""),
            "Join" => new Dictionary<string, string>
            {
                ["202"] = ExampleObjects
                    .TaskReport.Replace(
                        "\"comparison\",\"target\":\"multimaster.reptest\"",
                        "\"join\",\"target\":\"the mesh of node 1, 1 tables\"",
                        StringComparison.Ordinal
                    )
                    .Replace(ExampleObjects.ComparisonResult, ExampleObjects.JoinResult, StringComparison.Ordinal),
            },
            "ExportSnapshot" => One(ExampleObjects.Snapshot),
            "Snapshot" => One(ExampleObjects.Snapshot),
            "EndSnapshot" => One("""{"node":0,"for_node":3,"snapshot":null,"applied":[]}"""),
            "AnnounceRows" => One("""{"node":0,"taken":[true]}"""),
            "Differences" => One(
                """
                {"node":0,"comparison":1,"differences":[{"id":1,"relation":"multimaster.reptest","key":{"id":"1"},"verdict":"different",
                 "is_changed":false,"rows":[{"node":0,"row":{"id":"1","payload":"here"},"stamp":"2026-11-23T08:59:58.123456+00:00",
                 "origin":0,"is_newest":true},{"node":1,"row":null,"stamp":null,"origin":null,"is_newest":false}]}],"next":null}
                """
            ),
            "Positions" => One("""{"node":0,"sent":1785579,"applied":{"1":1785412},"receives_from":[1]}"""),
            "TableShape" => One(
                """
                {"node":0,"relation":"multimaster.reptest","rows":1,"bytes":16384,"hash_check":"-3155692331407204571",
                 "columns":[{"name":"id","type":"integer","form":"native"},{"name":"payload","type":"text","form":"native"}],
                 "key":[{"name":"id","order":"integer"}],
                 "resync":[{"id":"0c4f2a1e-6d0b-4c59-9a53-1d0a5f6f7b21","node":1}]}
                """
            ),
            "RowHashes" => One(
                """
                {"node":0,"hashes":[{"rows":1,"sum":"-1905060026315188410","xor":"-1905060026315188410"},{"rows":0,"sum":"0","xor":"0"}],
                 "worked_ms":1}
                """
            ),
            "RowBounds" => One("""{"node":0,"bounds":[["5001"]]}"""),
            "RowVersions" => One(
                """
                {"node":0,"versions":[{"key":["1"],"hash":"-1905060026315188410","xmin":"745","stamp":"2026-11-23T08:59:58.123456+00:00",
                 "origin":0,"row":{"id":"1","payload":"here"}}],"is_complete":true}
                """
            ),
            "Live" => One("""{"status":"live"}"""),
            "Ready" => One("""{"status":"ready"}"""),
            _ => null,
        };

    private static Dictionary<string, string> One(string answer) => new() { ["200"] = answer };

    private static Dictionary<string, string> Two(string created, string known) => new() { ["201"] = created, ["200"] = known };
}
