using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>What becomes of the statements on subscriptions in a node's server: they pass, fail or wait.</summary>
internal static class SubscriptionFate
{
    private const string Control = "/v1/arbiter/subscription/control";

    /// <summary>
    /// Has the statements on subscriptions take a moment, so that <c>pg_stat_activity</c> can be read meanwhile, and
    /// then do what the table says: fail, or wait.
    /// </summary>
    public const string Trigger = """
        create table public.fate (what text);
        insert into public.fate values ('pass');
        grant select on public.fate to public;
        create function public.meet_fate() returns event_trigger language plpgsql as $$
        begin
            perform pg_sleep(0.2);
            if exists (select from public.fate where what = 'fail') then
                raise exception 'fate' using detail = 'a detail', hint = 'a hint';
            elsif exists (select from public.fate where what = 'wait') then
                perform pg_sleep(100);
            end if;
        end
        $$;
        create event trigger fate on ddl_command_start when tag in ('CREATE SUBSCRIPTION', 'ALTER SUBSCRIPTION')
            execute function public.meet_fate()
        """;

    /// <summary>The statement fails in the server, and is then ended by each of <paramref name="ends"/>.</summary>
    public static async Task FailInTheServerAsync(TestMesh mesh, string role, params (string Function, int Code)[] ends)
    {
        await SetAsync(mesh[1], "fail");
        (await SubscribeAsync(mesh, SecretPassword.Conninfo(mesh[0], role))).ExpectProblem(409, "fate");
        await SetAsync(mesh[1], "wait");
        foreach (var (end, code) in ends)
        {
            var subscribing = SubscribeAsync(mesh, SecretPassword.Conninfo(mesh[0], role));
            await mesh[1]
                .AwaitTextAsync(
                    $"select {end}(pid) from pg_stat_activity where wait_event = 'PgSleep' and query ~ 'run_secretly|SUBSCRIPTION' and "
                        + "query_start < now() - interval '0.5 s'",
                    "True"
                );
            (await subscribing).ExpectProblem(code);
        }

        await SetAsync(mesh[1], "pass");
    }

    public static Task SetAsync(MeshNode node, string what) => node.ExecuteAsync($"update public.fate set what = '{what}'");

    public static Task<Answer> SubscribeAsync(TestMesh mesh, string conninfo) =>
        mesh[1].Api.PutAsync(Control, new { inbound_node = 0, connection_string = conninfo });
}
