using System.Globalization;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// The <see cref="FaultPoint"/>s inside a transaction that is sent in one round trip, which the server reaches, not
/// this process. An armed point sleeps on the server until this process notices it and kills itself; the server then
/// notices that its client is gone and rolls back. When no point is armed the statements are unchanged.
/// </summary>
internal static class ServerFaultPoint
{
    private const string Function = "pg_temp.trktr_fault_point()";

    /// <summary>
    /// What a session runs first; null when no such point is armed. The counter is a sequence, because a rollback does
    /// not reset it.
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

    /// <summary>A PL/pgSQL statement; empty when the point is not armed.</summary>
    public static string Script(string name) => FaultPoint.CountOf(name) is null ? "" : $"perform {Function};\n";
}
