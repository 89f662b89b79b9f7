using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Reading;

/// <summary>A column as the peer describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsKey">Whether it is part of the peer's replica identity.</param>
internal sealed record RemoteColumn(string Name, bool IsKey);

/// <summary>A table as the peer describes it before its first change.</summary>
/// <param name="Oid">The table's oid on the peer. It only identifies the relation in the peer's messages.</param>
/// <param name="Table">Its name. The local table of the same name receives its rows.</param>
/// <param name="Columns">The columns that the peer sends, in its order.</param>
internal sealed record RemoteRelation(uint Oid, TableName Table, IReadOnlyList<RemoteColumn> Columns);
