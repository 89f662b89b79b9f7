using System.Text.Json.Serialization;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tables;

/// <summary>
/// A partition of a table, or a table that inherits from it, of another owner. PostgreSQL runs the code attached to it,
/// its triggers and expressions, with the rights of whoever writes or reads the table above: of that table's owner,
/// where the arbiter does. Such a table is not touched.
/// </summary>
/// <param name="Schema">Schema.</param>
/// <param name="Name">Name.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="Above">The owner of the table above.</param>
public sealed record OtherPart(string Schema, string Name, string Owner, string Above)
{
    [JsonIgnore]
    public TableName Table => new(Schema, Name);

    /// <summary>What is wrong.</summary>
    /// <param name="above">The table above.</param>
    public string Problem(TableName above) =>
        $"{Table}, a part of {above}, belongs to role {Owner}, but {above} to role {Above}: code attached to the part would run with "
        + $"the rights of {Above}.";

    /// <summary>How to mend it.</summary>
    [JsonIgnore]
    public string Hint => $"ALTER TABLE {Table.Quoted} OWNER TO {Quote.Identifier(Above)};";
}
