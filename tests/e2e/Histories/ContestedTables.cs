using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// The tables that random histories write: a plain one, one with a composite key, names that need quotes and values
/// that are stored out of line, one with a second unique key, and an append-only one on which a trigger counts, on
/// every node, how often each row was applied.
/// </summary>
internal sealed record ContestedTable(string Name, string Key, string Columns)
{
    /// <summary>Whether another value has to be unique too.</summary>
    public const string Member = "public.h_member";

    private const string Schema = """
        create table public.h_note (id int primary key, said text not null, n int);
        create table public."H Part" ("Left id" int, "right" text, said text not null, long text, primary key ("Left id", "right"));
        create table public.h_member (id int primary key, email text unique, said text not null);
        create table public.h_audit (id text primary key);
        create table public.h_applied (id text not null);
        create function public.h_count() returns trigger language plpgsql as '
        begin
            insert into public.h_applied values (new.id);
            return null;
        end';
        create trigger h_count after insert or update on public.h_audit for each row execute function public.h_count();
        alter table public.h_audit enable always trigger h_count;
        """;

    public static IReadOnlyList<ContestedTable> All { get; } =
    [
        new("public.h_note", "id = {0}", "id, said, n"),
        new("public.\"H Part\"", "\"Left id\" = {0} and \"right\" = 'k{0}'", "\"Left id\", \"right\", said, long"),
        new(Member, "id = {0}", "id, email, said"),
    ];

    public static async Task CreateAsync(TestMesh mesh)
    {
        await mesh.EverywhereAsync(Schema);
        foreach (var node in mesh.Nodes)
        foreach (var table in All.Select(table => table.Name).Append("public.h_audit"))
            await node.StageAsync(table);
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await mesh.AgreeAsync(
            "select count(*) from pg_subscription_rel r join pg_class c on c.oid = r.srrelid where c.relname like 'h\\_%' or "
                + "c.relname = 'H Part'",
            $"{4 * (mesh.Nodes.Count - 1)}"
        );
    }

    /// <summary>The condition that finds a key's row.</summary>
    public string Where(int key) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Key, key);

    /// <summary>Writes a row whether or not it is there; <paramref name="isThere"/> says which.</summary>
    public string Put(int key, string said, Random random, bool isThere)
    {
        var (values, assignments) = Name switch
        {
            Member => (
                $"{key}, {Email(random)}, '{said}'",
                random.Next(2) == 0 ? $"said = '{said}', email = {Email(random)}" : $"said = '{said}'"
            ),
            "public.h_note" => (
                $"{key}, '{said}', {random.Next(100)}",
                random.Next(2) == 0 ? $"said = '{said}'" : $"said = '{said}', n = {random.Next(100)}"
            ),
            // Long values are stored out of line, and an update that leaves them alone does not send them.
            _ => (
                $"{key}, 'k{key}', '{said}', {Long(random)}",
                random.Next(2) == 0 ? $"said = '{said}'" : $"said = '{said}', long = {Long(random)}"
            ),
        };
        return isThere ? $"update {Name} set {assignments} where {Where(key)}" : $"insert into {Name} ({Columns}) values ({values})";
    }

    /// <summary>Gives a row another key.</summary>
    public string Move(int from, int to, string said) =>
        Name == All[1].Name
            ? $"update {Name} set \"Left id\" = {to}, \"right\" = 'k{to}', said = '{said}' where {Where(from)}"
            : $"update {Name} set id = {to}, said = '{said}' where {Where(from)}";

    private static string Email(Random random) => random.Next(4) == 0 ? "null" : $"'e{random.Next(6)}'";

    private static string Long(Random random) =>
        random.Next(3) == 0 ? "null" : $"(select string_agg(md5(i::text || {random.Next(1000)}), '') from generate_series(1, 120) i)";
}
