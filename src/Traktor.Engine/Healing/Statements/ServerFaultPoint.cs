using System.Globalization;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// The <see cref="FaultPoint"/>s inside a transaction that is sent in one round trip: the server reaches them, not this
/// process. An armed one sleeps there until this process, which looks for that, is killed; then the server notices that
/// its client is gone and undoes the transaction. Where none is armed nothing is added to any statement.
/// </summary>
internal static class ServerFaultPoint
{
    private const string Function = "pg_temp.trktr_fault_point()";

    /// <summary>
    /// What a session runs before; null when no such point is armed. A sequence is not rolled back, so that it counts
    /// what was undone too.
    /// </summary>
    public static string? Prepare =>
        (FaultPoint.CountOf(FaultPoint.RowsWritten) ?? FaultPoint.CountOf(FaultPoint.BeforeCommit)) is { } count
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"""
                set client_connection_check_interval = '50ms';
                create temporary sequence trktr_fault_points;
                create function {Function} returns void language plpgsql as $$
                begin
                    if nextval('pg_temp.trktr_fault_points') = {count} then
                        perform pg_sleep(3600);
                    end if;
                end
                $$
                """
            )
            : null;

    /// <summary>A statement for a batch; null when the point is not armed.</summary>
    public static string? Statement(string name) => FaultPoint.CountOf(name) is null ? null : $"select {Function}";

    /// <summary>A statement in PL/pgSQL; empty when the point is not armed.</summary>
    public static string Script(string name) => FaultPoint.CountOf(name) is null ? "" : $"perform {Function};\n";
}
