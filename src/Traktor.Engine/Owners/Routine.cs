using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Traktor.Engine.Owners;

/// <summary>
/// A function or procedure in PL/pgSQL that the arbiter keeps in schema <c>trktr_routine</c>. Its name holds a hash of
/// all that it is, so that it is made once and found again by later sessions.
/// </summary>
/// <param name="Prefix">The beginning of its name.</param>
/// <param name="Owner">The role with whose rights it runs; null for those of the session.</param>
/// <param name="Arguments">The types of its arguments, or its arguments with modes and names.</param>
/// <param name="Results">What it returns; null for a procedure.</param>
/// <param name="Body">Its body.</param>
internal sealed record Routine(string Prefix, string? Owner, string Arguments, string? Results, string Body)
{
    /// <summary>A function with the rights of a table's owner that returns the rows of a statement.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="statement">The statement. It refers to the arguments by <c>$1</c> and so on.</param>
    /// <param name="arguments">Their types.</param>
    /// <param name="columns">Names and types of its columns.</param>
    public static Routine Query(string owner, string statement, IEnumerable<string> arguments, string columns) =>
        new(
            "query",
            owner,
            string.Join(", ", arguments),
            $"table ({columns})",
            // A column goes before a variable of its name: the statements have none that is not qualified.
            $"""
            #variable_conflict use_column
            begin
            return query {statement};
            end
            """
        );

    /// <summary>The types under which the parameters of a command reach a routine.</summary>
    public static IEnumerable<string> TypesOf(NpgsqlParameterCollection parameters) => parameters.Select(TypeOf);

    /// <summary>A call with <paramref name="count"/> parameters.</summary>
    public static string Call(string name, int count) =>
        $"{name}({string.Join(", ", Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"${i}")))})";

    // A parameter of unknown type is taken for text, which the statement's own cast reads.
    private static string TypeOf(NpgsqlParameter parameter) =>
        parameter.NpgsqlDbType switch
        {
            NpgsqlDbType.Text or NpgsqlDbType.Unknown => "text",
            NpgsqlDbType.Array | NpgsqlDbType.Text => "text[]",
            NpgsqlDbType.Integer => "integer",
            NpgsqlDbType.Array | NpgsqlDbType.Integer => "integer[]",
            NpgsqlDbType.Bigint => "bigint",
            NpgsqlDbType.PgLsn => "pg_lsn",
            NpgsqlDbType.TimestampTz => "timestamptz",
            var other => throw new ArgumentException($"No routine takes a parameter of type {other}.", nameof(parameter)),
        };
}
