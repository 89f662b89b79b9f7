using Traktor.Engine;
using Traktor.Engine.Schema;

namespace Traktor.UnitTests.Web.Commands;

public sealed class GrantsScriptTests
{
    [Theory]
    [InlineData("pg_create_subscription")]
    [InlineData("pg_read_all_stats")]
    [InlineData("GRANT CREATE, CONNECT ON DATABASE \"shop\"")]
    [InlineData("ALTER ROLE \"arbiter\" LOGIN REPLICATION;")]
    [InlineData("GRANT SET ON PARAMETER session_replication_role TO \"arbiter\";")]
    [InlineData("pg_replication_origin_xact_setup(pg_lsn, timestamptz)")]
    [InlineData("pg_catalog.pg_replication_origin_status")]
    public void For_Role_GrantsEachPrivilege(string expected) =>
        Assert.Contains(expected, GrantsScript.For("arbiter", "shop", []), StringComparison.Ordinal);

    [Fact]
    public void For_NamesWithQuotes_QuotesThemAsIdentifiersAndLiterals()
    {
        var script = GrantsScript.For("o'neil\"s", "d'b\"", ["My 'Schema'"]);

        Assert.Contains("ALTER ROLE \"o'neil\"\"s\" LOGIN", script, StringComparison.Ordinal);
        Assert.Contains("the_role constant text := 'o''neil\"s';", script, StringComparison.Ordinal);
        Assert.Contains("the_database constant text := 'd''b\"';", script, StringComparison.Ordinal);
        Assert.Contains("ARRAY['My ''Schema''']", script, StringComparison.Ordinal);
    }

    [Fact]
    public void For_NameThatLooksLikeTheBlocksEnd_DoesNotEndTheBlock()
    {
        var script = GrantsScript.For("a$traktor$; DROP TABLE x; --", "shop", []);

        Assert.DoesNotContain("DO $traktor$\n", script, StringComparison.Ordinal);
        Assert.Contains("DO $traktor_$\n", script, StringComparison.Ordinal);
        Assert.Contains("\n$traktor_$;", script, StringComparison.Ordinal);
    }

    /// <summary>What one script grants by name, the other takes back.</summary>
    [Fact]
    public void Revocation_OfEachStatement_IsItsOpposite()
    {
        var grants = Statements(GrantsScript.For("arbiter", "shop", []), "GRANT");
        var revokes = Statements(RevocationScript.For("arbiter", "shop"), "REVOKE");

        Assert.Equal(7, grants.Count);
        Assert.Equal(
            grants,
            revokes.Select(one =>
                one.Replace("REVOKE", "GRANT", StringComparison.Ordinal)
                    .Replace("FROM \"arbiter\"", "TO \"arbiter\"", StringComparison.Ordinal)
            )
        );
    }

    private static List<string> Statements(string script, string verb) =>
        [.. script.Split(";\n").Select(one => one.Trim()).Where(one => one.StartsWith(verb, StringComparison.Ordinal))];

    [Fact]
    public void For_NameWithNul_IsRefused() => Assert.Throws<RefusedException>(() => GrantsScript.For("a\0", "shop", []));
}
