using Traktor.Engine.Tables;

namespace Traktor.UnitTests.Engine.Tables;

/// <summary>A table with a primary key that can be replicated, to be altered by each test.</summary>
internal static class SomeTable
{
    public static readonly TableFacts Plain = Named("app", "orders");

    public static TableFacts Named(string schema, string name) =>
        new(
            schema,
            name,
            'r',
            'p',
            'd',
            Root: null,
            Key: ["id"],
            Deferrable: null,
            Candidate: $"{name}_pkey",
            Primary: true,
            Foreign: false,
            Stranger: null,
            [Column("id", "integer", required: true), Column("note", "text")]
        );

    public static ColumnFacts Column(string name, string type, bool required = false, bool generated = false) =>
        new(name, type, type, required, generated);

    public static TableFacts With(this TableFacts table, params ColumnFacts[] more) => table with { Columns = [.. table.Columns, .. more] };
}
