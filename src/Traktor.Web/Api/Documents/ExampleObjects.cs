namespace Traktor.Web.Api.Documents;

/// <summary>The objects of the examples, as in docs/rest.md.</summary>
internal static class ExampleObjects
{
    public const string User = """
        {"name":"alice","role":"operator","changed_at":"2026-11-23T09:00:00.123456+00:00","changed_by":"the APIKey of arbiter.ini"}
        """;

    public const string Key = """
        {"name":"backup","role":"viewer","expires":"2099-11-23T09:00:00+00:00","last_used_at":null,
         "created_at":"2026-11-23T09:00:00.123456+00:00","created_by":"the APIKey of arbiter.ini"}
        """;

    public const string AuditEntry = """
        {"node":0,"incarnation":"6b1f7a52-9d0e-4c7c-8f0e-0d2f6f3c1a55","number":48,"at":"2026-11-23T09:00:00.123456+00:00","request":47,
         "by":{"kind":"configured_key","name":"APIKey","role":"admin","address":"127.0.0.1","channel":"rest","via_node":null},
         "action":"create_key","target":"API key backup","outcome":"done","detail":null,"before":null,
         "after":{"role":"viewer","expires":"2099-11-23T09:00:00+00:00"},
         "previous_hash":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "hash":"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"}
        """;

    public const string Table = """
        {"relation":"multimaster.reptest","status":"committed","policy":"last_update_wins","detector":true,"is_committing":false,
         "waiting_for":[],"needs_resync":[],"findings":[],"proof":null}
        """;

    public const string WaitingTable = """
        {"relation":"multimaster.reptest","status":"pending-add","policy":"last_update_wins","detector":true,"is_committing":true,
         "waiting_for":[{"node":1,"reason":"The table does not exist there; create it."}],"needs_resync":[],"findings":[],"proof":null}
        """;

    public const string CatalogTable = """
        {"relation":"multimaster.reptest","status":"committed","key":["id"],"columns":[
         {"name":"id","type":"integer","full_type":"integer","required":true,"generated":false},
         {"name":"payload","type":"text","full_type":"text","required":false,"generated":false}],"findings":[]}
        """;

    public const string Subscription = """
        {"inbound_node":1,"name":"trktr_sub_0_1","state":"streaming",
         "connection_string":"host=localhost port=5434 user=traktor_arbiter password=*** dbname=traktor_tutorial",
         "lag_ms":0.6,"lag_bytes":0,"wal_retained_bytes":56,"last_contact_at":"2026-11-23T09:00:00.123456+00:00","last_error":null,
         "paused_at":null,"clock_offset_ms":0.1,"tables":1,"last_heartbeat":"2026-11-23T09:00:00.123456+00:00",
         "waits_for":null,"catch_up_ms":null}
        """;

    public const string Pending = """
        {"id":17,"occurred":"2026-11-23T09:00:00.123456+00:00","lsn":"0/1A2B3C8","ordinal":1,"subscription":"trktr_sub_0_1","peer":1,
         "relation":"multimaster.reptest","conflict_type":"insert_exists","state":"pending","operation":"insert","key":{"id":1},
         "value":{"id":1,"payload":"there"},
         "local_row":{"id":1,"payload":"here"},"local_stamp":"2026-11-23T08:59:58.123456+00:00","local_origin":0,
         "remote_row":{"id":1,"payload":"there"},"remote_stamp":"2026-11-23T08:59:57.123456+00:00","remote_origin":1,
         "unique_index":null,"sql_state_code":null,"reason":"Policy manual: a decision is needed.","policy":"manual",
         "outcome":"decision_needed","decision":null,"merged_row":null,"decided_by":null,"decided_at":null,
         "resolution":null,"resolved":null,"resolved_by":null,"revision":null}
        """;

    public const string Transaction = """
        {"subscription":"trktr_sub_0_1","lsn":"0/1A2B3C8","xid":745,"committed":"2026-11-23T08:59:57.123456+00:00","change_count":1,
         "changes":[{"ordinal":1,"operation":"insert","relation":"multimaster.reptest","key":{"id":"1"},"old":null,
         "row":{"id":"1","payload":"there"}}],"is_truncated":false}
        """;

    public const string Columns = """
        [{"name":"id","type":"integer","kind":"whole_number","labels":[],"is_key":true,"is_required":true,"is_generated":false,
         "is_always_identity":false},
         {"name":"payload","type":"text","kind":"text","labels":[],"is_key":false,"is_required":false,"is_generated":false,
         "is_always_identity":false}]
        """;

    public const string Row = $$"""
        {"node":0,"relation":"multimaster.reptest","key":{"id":1},"columns":{{Columns}},"row":{"id":"1","payload":"here"},
         "stamp":"2026-11-23T08:59:58.123456+00:00","origin":0}
        """;

    public const string Done = """
        [{"node":0,"result":"done","conflict":null,"decision":null,"detail":null},
         {"node":1,"result":"done","conflict":null,"decision":null,"detail":null}]
        """;

    public const string Nodes = """
        [{"node":0,"is_self":true,"arbiter_url":"http://127.0.0.1:8080/","server_version_num":160014,
         "announced":"2026-11-23T09:00:00.123456+00:00","pre16_compatibility":false},
         {"node":1,"is_self":false,"arbiter_url":"http://127.0.0.1:8081/","server_version_num":160014,
         "announced":"2026-11-23T09:00:00.123456+00:00","pre16_compatibility":false}]
        """;

    public const string ComparisonResult = """
        {"tables":1,"equal":1,"rows":1,"different":0,"in_flight":0,"problem":null}
        """;

    public const string RepairResult = """
        {"comparison":1,"dry_run":true,"repaired":1,"changed":0,"undecided":0,"left":1,"nodes":[{"node":1,"inserted":1,"replaced":0,
         "deleted":0}],"keys":[{"id":1,"relation":"multimaster.reptest","key":{"id":"1"},"from":0,"changed":[1]}],"problem":null}
        """;

    public const string Task = $$"""
        {"id":1,"kind":"comparison","target":"multimaster.reptest","state":"succeeded","is_cancelling":false,
         "started_by":"the APIKey of arbiter.ini","created_at":"2026-11-23T09:00:00.123456+00:00",
         "started_at":"2026-11-23T09:00:00.123456+00:00","finished_at":"2026-11-23T09:00:03.123456+00:00",
         "waits_for":null,"problem":null,"result":{{ComparisonResult}},
         "items":[{"name":"multimaster.reptest","rows_total":1,"rows_done":1,"bytes_total":16384,"worked_ms":12,
         "is_finished":true,"problem":null,"bytes_done":16384,"rows_per_second":83.3,"seconds_left":0}]}
        """;

    public const string Comparison = $$"""
        {"id":1,"task":{{Task}},"nodes":[0,1],"share":100,"tables":[{"relation":"multimaster.reptest",
         "began_at":"2026-11-23T09:00:00.123456+00:00","finished_at":"2026-11-23T09:00:03.123456+00:00","rows":1,"different":0,
         "in_flight":0,"unchecked":0,"is_proven":true,"columns_left_out":[],"problem":null}]}
        """;

    public const string JoinResult = """
        {"source":1,"nodes":[0,1],"tables":1,"rows":1,"comparison":2,"equal":1,"different":0,"in_flight":0,"problem":null}
        """;

    public const string Snapshot = """
        {"node":0,"for_node":3,"snapshot":"00000007-0000001B-1","applied":[{"node":1,"lsn":"0/1A2B3C8"}]}
        """;

    public const string TaskReport = $$"""
        {"node":0,"task":{{Task}},"log":[{"at":"2026-11-23T09:00:00.123456+00:00","text":"Started."}]}
        """;

    /// <summary>The conflict after the decision of the example.</summary>
    public static string Decided { get; } =
        Pending
            .Replace(
                "\"decision\":null,\"merged_row\":null",
                "\"decision\":\"merge\",\"merged_row\":{\"id\":1,\"payload\":\"both\"}",
                StringComparison.Ordinal
            )
            .Replace(
                "\"decided_by\":null,\"decided_at\":null",
                "\"decided_by\":\"Night shift\",\"decided_at\":\"2026-11-23T09:05:00.123456+00:00\"",
                StringComparison.Ordinal
            )
            .Replace("\"revision\":null", "\"revision\":4", StringComparison.Ordinal);

    /// <summary>The conflict when its transaction is applied.</summary>
    public static string Resolved { get; } =
        Decided
            .Replace("\"state\":\"pending\"", "\"state\":\"resolved\"", StringComparison.Ordinal)
            .Replace(
                "\"resolution\":null,\"resolved\":null,\"resolved_by\":null,\"revision\":4",
                "\"resolution\":\"merge\",\"resolved\":\"2026-11-23T09:05:01.123456+00:00\",\"resolved_by\":\"Night shift\",\"revision\":6",
                StringComparison.Ordinal
            );
}
