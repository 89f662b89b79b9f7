using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>Users and keys are the mesh's, and each has the rights of its role and no more.</summary>
public sealed class AccountTests
{
    private const string Password = "correct horse battery";

    [Fact]
    [Trait("Tier", "turn")]
    public async Task User_MadeOnOneNode_EntersEveryNodeUntilItIsChangedOrRemoved()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        (await mesh[0].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        // Before the other node receives anything: it gets what is there when it begins.
        (await PutAsync(mesh[0], "alice", new { role = "operator", password = Password })).Expect(201);
        (await mesh[1].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.SubscribeAsync(0, 1);
        await mesh.SubscribeAsync(1, 0);
        // The first admin of a mesh can be made on the machine of an arbiter.
        Assert.Equal(0, (await CommandAsync(mesh[1], Password, "add", "root", "--role", "admin")).Code);
        Assert.Equal(2, (await CommandAsync(mesh[1], Password, "add", "root", "--role", "owner")).Code);
        Assert.Equal(2, (await CommandAsync(mesh[1], "short", "add", "root")).Code);
        await Eventually.TrueAsync(
            "node 0 knows the admin",
            async () => (await mesh[0].Api.GetAsync("/v1/arbiter/users/root")).Code == 200,
            mesh.Diagnose
        );
        using var here = new ConsoleSession(mesh[0].Api.Address);
        using var there = new ConsoleSession(mesh[1].Api.Address);
        await EnterAsync(here, "alice", Password, mesh);
        await EnterAsync(there, "alice", Password, mesh);
        Assert.Equal(HttpStatusCode.Forbidden, (await there.SignInAsync("alice", "wrong", null)).StatusCode);

        // The accounts of this life of the arbiters are known while the server is gone.
        await mesh[0].Server.StopAsync();
        using var another = new ConsoleSession(mesh[0].Api.Address);
        await EnterAsync(another, "alice", Password, mesh);
        using var elsewhere = new ConsoleSession(mesh[1].Api.Address);
        await EnterAsync(elsewhere, "alice", Password, mesh);
        (await PutAsync(mesh[0], "alice", new { role = "viewer" })).ExpectProblem(503, "");
        await mesh[0].Server.StartAsync();

        // A narrower role, set on the other node, ends the sessions; so does the removal.
        await Eventually.TrueAsync(
            "node 1 changes the user",
            async () => (await PutAsync(mesh[1], "alice", new { role = "viewer" })).Code == 200,
            mesh.Diagnose
        );
        foreach (var session in new[] { here, there, another, elsewhere })
            await EndsAsync(session, mesh);
        await EnterAsync(here, "alice", Password, mesh);
        (await PutAsync(mesh[1], "alice", new { password = "another horse battery" })).Expect(200);
        await EndsAsync(here, mesh);
        Assert.Equal(HttpStatusCode.Forbidden, (await here.SignInAsync("alice", Password, null)).StatusCode);
        await EnterAsync(here, "alice", "another horse battery", mesh);
        await ChangeByTheOldAsync(mesh);
        await EndsAsync(here, mesh);
        await EnterAsync(here, "alice", "a third horse battery", mesh);
        var list = await CommandAsync(mesh[1], "", "list");
        Assert.Matches(
            @"^alice\tviewer\t[^\t]+Z\tthe user alice\nroot\tadmin\t[^\t]+Z\tthe account \w+ of the arbiter's machine\n$",
            list.Output
        );
        Assert.Equal((0, "The user root is removed.\n"), await CommandAsync(mesh[1], "", "remove", "root"));
        Assert.Equal(1, (await CommandAsync(mesh[1], "", "remove", "root")).Code);
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/users/alice")).Expect(200);
        await EndsAsync(here, mesh);
        await Eventually.TrueAsync(
            "the user is gone on node 1",
            async () => (await mesh[1].Api.GetAsync("/v1/arbiter/users/alice")).Code == 404,
            mesh.Diagnose
        );
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/users/alice")).ExpectProblem(404, "does not exist");
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].AwaitStateAsync(0, "streaming");
        Assert.All(mesh.Nodes, node => Assert.DoesNotContain(node.Arbiter.Log, line => line.Contains("horse", StringComparison.Ordinal)));
        Assert.All(
            mesh.Nodes,
            node => Assert.DoesNotContain(node.Api.Transcript, text => text.Contains("AQAAAA", StringComparison.Ordinal))
        );
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Node_MadeAnewInTheMesh_GetsTheAccountsAndSendsThemOn()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        (await PutAsync(mesh[1], "alice", new { role = "operator", password = Password })).Expect(201);
        using var there = new ConsoleSession(mesh[1].Api.Address);
        await EnterAsync(there, "alice", Password, mesh);
        await mesh[0].AwaitTextAsync("select count(*) from trktr.account where node_id = 1", "1");

        // With its schema the node forgets the user. Node 0 still has the row that it wrote before.
        (await mesh[1].Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        await EndsAsync(there, mesh);
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 1 })).Expect(200);
        (await mesh[1].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.SubscribeAsync(1, 0);
        await EnterAsync(there, "alice", Password, mesh);
        // Now it sends a row with the key of that one.
        await mesh.SubscribeAsync(0, 1);
        await mesh[1].AwaitTextAsync("select count(*) from trktr.account where node_id = 1", "1");
        (await PutAsync(mesh[1], "alice", new { role = "viewer" })).Expect(200);
        await mesh[0].AwaitTextAsync("select role from trktr.accounts", "viewer");
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].AwaitStateAsync(0, "streaming");
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from trktr.history"));
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Key_WithARoleAndAnEnd_IsGoodForItsRoleUntilThen()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        var viewer = await KeyAsync(mesh, "looks", new { role = "viewer" });
        var oper = await KeyAsync(mesh, "night.shift", new { role = "operator" });
        var admin = await KeyAsync(mesh, "terraform", new { role = "admin", expires = DateTimeOffset.UtcNow.AddDays(1) });
        var expired = await KeyAsync(mesh, "old", new { role = "admin", expires = DateTimeOffset.UtcNow.AddSeconds(-1) });
        (await mesh[0].Api.PostAsync("/v1/arbiter/keys/looks", new { role = "admin" })).ExpectProblem(409, "exists");
        (await mesh[0].Api.PostAsync("/v1/arbiter/keys/a%2Fb", new { role = "admin" })).ExpectProblem(400, "A name must have");

        foreach (var node in mesh.Nodes)
        {
            using var looks = new RestApi(node.Api.Address, viewer);
            using var night = new RestApi(node.Api.Address, oper);
            using var terraform = new RestApi(node.Api.Address, admin);
            using var old = new RestApi(node.Api.Address, expired);
            await Eventually.TrueAsync(
                $"node {node.Id} knows the keys",
                async () => (await terraform.GetAsync("/v1/arbiter/users")).Code == 200,
                mesh.Diagnose
            );
            var peer = 1 - node.Id;
            (await looks.GetAsync("/v1/arbiter/status")).Expect(200);
            (await looks.GetAsync("/v1/arbiter/users")).ExpectProblem(403, "needs the role admin; the API key looks has the role viewer.");
            (await looks.PostAsync($"/v1/arbiter/subscription/{peer}/pause")).ExpectProblem(403, "allows GET only");
            (await night.PostAsync($"/v1/arbiter/subscription/{peer}/pause")).Expect(200);
            (await night.PostAsync($"/v1/arbiter/subscription/{peer}/resume")).Expect(200);
            (await night.DeleteAsync("/v1/arbiter/control")).ExpectProblem(403, "the API key night.shift has the role operator.");
            (await night.PutAsync("/v1/arbiter/users/eve", new { role = "admin", password = Password })).ExpectProblem(403, "role admin");
            (await night.PutAsync("/v1/arbiter/replicaset/public.x")).ExpectProblem(403, "role admin");
            (await terraform.PutAsync("/v1/arbiter/control")).Expect(200);
            (await old.GetAsync("/v1/arbiter/status")).ExpectProblem(403, "nor a valid key");
        }

        await Eventually.TrueAsync(
            "the last use is known",
            async () => (await mesh[0].Api.GetAsync("/v1/arbiter/keys/looks")).Expect(200).Json["last_used_at"] is not null,
            mesh.Diagnose
        );
        (await mesh[1].Api.DeleteAsync("/v1/arbiter/keys/terraform")).Expect(200);
        using var gone = new RestApi(mesh[0].Api.Address, admin);
        await Eventually.TrueAsync(
            "the key is refused on node 0",
            async () => (await gone.GetAsync("/v1/arbiter/status")).Code == 403,
            mesh.Diagnose
        );

        // The key is in one answer, its hash in none; and no other role reads the table.
        var transcript = string.Join('\n', mesh.Nodes.SelectMany(node => node.Api.Transcript));
        Assert.Single(transcript.Split(viewer).Skip(1));
        var hash = await mesh[0].TextAsync("select secret_hash from trktr.accounts where name = 'looks'");
        Assert.Equal(64, hash.Length);
        Assert.DoesNotContain(hash, transcript, StringComparison.Ordinal);
        await mesh[0].ExecuteAsync("create role anybody login password 'anybody'");
        await using var stranger = await mesh[0].OpenAsAsync("anybody", "anybody");
        foreach (var table in new[] { "account", "accounts", "key_use" })
        {
            await using var command = new NpgsqlCommand($"select * from trktr.{table}", stranger);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await mesh[0].ExecuteAsync("drop role anybody");
    }

    private static Task<Answer> PutAsync(MeshNode node, string name, object body) => node.Api.PutAsync($"/v1/arbiter/users/{name}", body);

    /// <summary>
    /// Any key will do, and none without the old password. Wrong ones count as at the sign-in; then the right one waits
    /// too.
    /// </summary>
    private static async Task ChangeByTheOldAsync(TestMesh mesh)
    {
        var viewer = await KeyAsync(mesh, "reader", new { role = "viewer" });
        using var reader = new RestApi(mesh[0].Api.Address, viewer);
        Task<Answer> ChangeAsync(string name, string old, string password) =>
            reader.PutAsync($"/v1/arbiter/users/{name}/password", new { old_password = old, password });
        const string Now = "another horse battery";
        using var stranger = new RestApi(mesh[0].Api.Address, key: null);
        (await stranger.PutAsync("/v1/arbiter/users/alice/password", new { old_password = Now, password = Password })).Expect(401);
        (await ChangeAsync("alice", Now, "short")).ExpectProblem(400, "12 to 256 characters");
        (await reader.PutAsync("/v1/arbiter/users/alice/password", new { password = Password })).Expect(400);
        var changed = (await ChangeAsync("alice", Now, "a third horse battery")).Expect(200).Json;
        Assert.Equal(("viewer", "the user alice"), ((string?)changed["role"], (string?)changed["changed_by"]));
        var wrong = (await ChangeAsync("alice", Now, Password)).ExpectProblem(403, "The name or the old password is wrong.");
        Assert.Equal(wrong.Text, (await ChangeAsync("nobody", Now, Password)).Expect(403).Text);
        for (var i = 0; i < 5 && (await ChangeAsync("alice", "wrong", Password)).Code != 429; i++)
            ;
        (await ChangeAsync("alice", "a third horse battery", Password)).ExpectProblem(429, "Too many attempts from your address.");
        using var session = new ConsoleSession(mesh[0].Api.Address);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await session.SignInAsync("alice", "a third horse battery", null)).StatusCode);
        // Whoever has the admin's key has nothing left to guess.
        await Eventually.TrueAsync(
            "the admin signs in",
            async () => (await session.SignInAsync(ArbiterProcess.ApiKey)).StatusCode == HttpStatusCode.Redirect,
            mesh.Diagnose
        );
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/keys/reader")).Expect(200);
    }

    /// <summary>Runs a command about users as an administrator would.</summary>
    private static async Task<(int Code, string Output)> CommandAsync(MeshNode node, string input, params string[] arguments)
    {
        using var command = Process.Start(
            new ProcessStartInfo("dotnet", [ArbiterProcess.Assembly, "user", .. arguments, "--config", node.Arbiter.ConfigurationFile])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await command.StandardInput.WriteLineAsync(input);
        command.StandardInput.Close();
        var output = await command.StandardOutput.ReadToEndAsync() + await command.StandardError.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.DoesNotContain(Password, output, StringComparison.Ordinal);
        return (command.ExitCode, output);
    }

    private static async Task<string> KeyAsync(TestMesh mesh, string name, object body)
    {
        JsonNode made = (await mesh[0].Api.PostAsync($"/v1/arbiter/keys/{name}", body)).Expect(201).Json;
        Assert.Equal(name, (string?)made["name"]);
        return (string)made["key"]!;
    }

    // By then replication may not have brought the account; wrong attempts would make the next ones wait.
    private static async Task EnterAsync(ConsoleSession session, string name, string password, TestMesh mesh)
    {
        // Before the arbiter knows the user, each try would count as a guess.
        var arbiter = mesh.Nodes.Single(node => node.Api.Address == session.Client.BaseAddress).Api;
        await Eventually.TrueAsync(
            $"{arbiter.Address} knows {name}",
            async () => (await arbiter.GetAsync($"/v1/arbiter/users/{name}")).Code == 200,
            mesh.Diagnose
        );
        Assert.Contains("name=\"password\"", await session.Client.GetStringAsync("/sign-in"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync(name, password, null)).StatusCode);
        Assert.True(await session.IsSignedInAsync());
    }

    private static Task EndsAsync(ConsoleSession session, TestMesh mesh) =>
        Eventually.TrueAsync(
            $"the session at {session.Client.BaseAddress} ends",
            async () => !await session.IsSignedInAsync(),
            mesh.Diagnose
        );
}
