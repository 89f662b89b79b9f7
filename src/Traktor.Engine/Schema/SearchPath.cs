namespace Traktor.Engine.Schema;

/// <summary>
/// <c>search_path</c> of every session of ours: no schema in which others may create what fits our statements better
/// than PostgreSQL's own, and temporary objects last. See
/// <see href="https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY"/>.
/// </summary>
public static class SearchPath
{
    /// <summary>As <c>current_setting</c> writes it.</summary>
    public const string Pinned = "pg_catalog, pg_temp";
}
