using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// The columns of <c>trktr.history</c> for a conflict of a row that was found by its key. The local version is
/// <c>l</c>: <c>local_row</c>, its stamp's <c>ts</c> and <c>node</c>, <c>is_here</c>, the values that the peer did not
/// send as <c>kept</c>, and whether the remote version <c>wins</c>.
/// </summary>
/// <param name="Names">The names of the remote row's values.</param>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Contention">How the table's conflicts are decided.</param>
/// <param name="Value">How a value of the remote row is written.</param>
internal sealed record ConflictRecord(RowNames Names, ApplyTerms Terms, Contention Contention, Func<string, string> Value)
{
    private const string Columns =
        "subscription, peer, lsn, ordinal, relation, conflict_type, operation, key, local_row, local_stamp, local_origin, "
        + "remote_row, remote_stamp, remote_origin, "
        + "policy, outcome, resolution, reason, resolved, resolved_by";

    private RowShape Shape => Names.Shape;

    /// <summary>
    /// Columns of <c>l</c> with the key and the remote row, where the owner's function has made them; null where they
    /// are made here.
    /// </summary>
    public (string Key, string RemoteRow)? Made { get; init; }

    /// <summary>The beginning of the INSERT.</summary>
    public const string Insert = $"insert into trktr.history ({Columns})";

    /// <summary>The clause that updates a conflict that was recorded before. It keeps who decided.</summary>
    public string Again =>
        Names.IsDecided
            ? " on conflict (subscription, lsn, ordinal) do update set conflict_type = excluded.conflict_type, local_row = "
                + "excluded.local_row, local_stamp = excluded.local_stamp, "
                + "local_origin = excluded.local_origin, remote_row = excluded.remote_row, policy = excluded.policy, outcome = "
                + "excluded.outcome, resolution = excluded.resolution, "
                + "reason = excluded.reason, resolved = excluded.resolved, resolved_by = case when excluded.resolved is not null "
                + "then coalesce(history.decided_by, 'policy') end"
            : "";

    /// <summary>The values of its columns.</summary>
    /// <param name="here">The conflict type if the row exists.</param>
    /// <param name="missing">The conflict type if the row is missing; null for a conflict that needs a row.</param>
    /// <param name="isHere">Whether the row exists: true, false, or an expression.</param>
    public string Values(ConflictType here, ConflictType? missing = null, string isHere = "true")
    {
        const string Outcome = "case when l.wins then 'apply_remote' else 'keep_local' end";
        var waits =
            !PolicyRules.NeedsDecision(Contention.Policy, here) ? "false"
            : missing is { } gone && !PolicyRules.NeedsDecision(Contention.Policy, gone) ? isHere
            : "true";
        var undecided = Names.IsDecided ? $"({waits} and {Value("decision")} is null)" : waits;
        var resolution = Names.IsDecided ? $"case when {Value("decision")} = 'merge' then 'merge' else {Outcome} end" : Outcome;
        var reason =
            $"case when l.wins then {Quote.Literal(Contention.Reason(true, Shape.TakesRowAway))} else "
            + $"{Quote.Literal(Contention.Reason(false, Shape.TakesRowAway))} end";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Quote.Literal(Terms.Name)}, {Terms.Inbound}, {Names.Lsn}, {Value("ord")}, {Quote.Literal(
                Shape.Relation.Target.Table.ToString()
            )},
            {If(
                isHere,
                $"'{ConflictWords.Of(here)}'",
                missing is { } absent ? $"'{ConflictWords.Of(absent)}'" : "null"
            )}, '{ConflictWords.Of(Shape.Kind)}', {Key},
            l.local_row, case when l.ts >= {Stamp.LeastKnownSql} then l.ts end, case when l.ts is not null then l.node end, {(
                Shape.Absent.Count > 0 ? $"coalesce(l.kept, '{{}}') || {RemoteRow}" : RemoteRow
            )}, {Names.At}, {Terms.Inbound},
            '{ConflictWords.Of(Contention.Policy)}', {If(waits, "'decision_needed'", Outcome)}, {If(undecided, "null", resolution)},
            {If(
                isHere,
                reason,
                Quote.Literal(missing == ConflictType.DeleteMissing ? PolicyRules.NothingToDelete : PolicyRules.RowIsMissing)
            )}, {If(
                undecided,
                "null",
                "clock_timestamp()"
            )}, {If(undecided, "null", "'policy'")}
            """
        );
    }

    /// <summary>The key, as an object of its columns.</summary>
    public string Key =>
        Made?.Key ?? Object(Shape.Relation.Key.Select((column, i) => (Shape.Relation.Columns[column].Name, Value(Names.KeyValue(i)))));

    /// <summary>The values of the remote row that were sent; null for a delete.</summary>
    public string RemoteRow =>
        Shape.Kind == ChangeKind.Delete ? "null::jsonb"
        : Made is { } made ? made.RemoteRow
        : Object(Shape.Present.Select((column, i) => (Shape.Relation.Columns[column].Name, Value($"c{i}"))));

    /// <summary>The values of row <c>t</c> that the peer did not send because its update did not change them.</summary>
    public string Kept => Object(Shape.Absent.Select(name => (name, $"t.{Quote.Identifier(name)}")));

    /// <summary>One value or the other. A constant condition needs no CASE.</summary>
    private static string If(string condition, string value, string otherwise) =>
        condition switch
        {
            "true" => value,
            "false" => otherwise,
            _ => $"case when {condition} then {value} else {otherwise} end",
        };

    /// <summary>A jsonb object. A function takes at most 100 arguments, so that wide rows are concatenated.</summary>
    private string Object(IEnumerable<(string Name, string Value)> members)
    {
        var pieces = members
            .Chunk(50)
            .Select(chunk => string.Join(", ", chunk.Select(member => $"{Quote.Literal(member.Name)}::text, {member.Value}")))
            .Select(list =>
                Shape.Relation.Target.HoldsJson ? $"trktr.row_as_jsonb(json_build_object({list}))" : $"jsonb_build_object({list})"
            )
            .ToList();
        return pieces.Count == 0 ? "'{}'::jsonb" : $"({string.Join(" || ", pieces)})";
    }
}
