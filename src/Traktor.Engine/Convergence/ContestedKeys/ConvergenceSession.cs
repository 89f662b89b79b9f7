using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>
/// The sessions of a node's convergence. One tells: what it commits is sent to the peers; it also holds the locks that
/// say that an arbiter lives, and vouches for nothing contested while it is. One writes rows under other stamps than
/// its own, as a replica. Locks end with their session, so that a killed arbiter vouches for nothing.
/// </summary>
internal sealed class ConvergenceSession : IAsyncDisposable
{
    // A row or table that an application holds longer is left alone for a while, and others have their turn.
    private const string Settings = """
        set search_path = ''; set datestyle = iso; set intervalstyle = postgres; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off; set lock_timeout = '250ms';
        set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    /// <summary>Values as trktr.image writes them.</summary>
    private const string AnnouncingSettings =
        "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set extra_float_digits = 1; set bytea_output = hex";

    private const string ApplyingSettings =
        $"set session_replication_role = replica; set synchronous_commit = off; set {SessionSettings.Restoring} = on";

    private bool isHeld;

    private ConvergenceSession(NpgsqlConnection announcing, NpgsqlConnection applying) => (Announcing, Applying) = (announcing, applying);

    public NpgsqlConnection Announcing { get; }

    public NpgsqlConnection Applying { get; }

    /// <summary>The node's origins that were made sure of.</summary>
    public HashSet<int> Origins { get; } = [];

    /// <summary>Opens them; null while another arbiter of this node works. Throws what Npgsql throws.</summary>
    public static async Task<ConvergenceSession?> OpenAsync(LocalNode local, CancellationToken cancel)
    {
        var settings = local.Database.Conninfo.ToNpgsql();
        settings.Pooling = false;
        settings.CommandTimeout = 60;
        settings.ApplicationName = ObjectNames.ConvergenceSession(local.NodeId);
        settings.IncludeErrorDetail = true;
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        var session = new ConvergenceSession(
            new NpgsqlConnection(settings.ConnectionString),
            new NpgsqlConnection(settings.ConnectionString)
        );
        try
        {
            await session.Announcing.OpenAsync(cancel);
            if (
                !await session.Announcing.ExecuteScalarAsync<bool>(
                    new CommandDefinition($"select pg_catalog.pg_try_advisory_lock({AdvisoryLocks.Convergence})", cancellationToken: cancel)
                )
            )
            {
                await session.DisposeAsync();
                return null;
            }

            await session.Applying.OpenAsync(cancel);
            await session.Announcing.ExecuteAsync(new CommandDefinition(Settings + ";" + AnnouncingSettings, cancellationToken: cancel));
            await session.Applying.ExecuteAsync(new CommandDefinition(Settings + ";" + ApplyingSettings, cancellationToken: cancel));
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Vouches that nothing is contested, if it is; never waits.</summary>
    public async Task AcquireNothingContestedAsync(CancellationToken cancel)
    {
        if (isHeld)
            return;
        isHeld = await Announcing.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                $"select case when exists (select from trktr.contested_key) then false else "
                    + $"pg_try_advisory_lock({AdvisoryLocks.NothingContested}) end",
                cancellationToken: cancel
            )
        );
    }

    /// <summary>Vouches for nothing any more; before anything is put into the contested keys, and before its row is locked.</summary>
    public async Task ReleaseNothingContestedAsync(CancellationToken cancel)
    {
        if (!isHeld)
            return;
        await Announcing.ExecuteAsync(
            new CommandDefinition($"select pg_advisory_unlock({AdvisoryLocks.NothingContested})", cancellationToken: cancel)
        );
        isHeld = false;
    }

    public async ValueTask DisposeAsync()
    {
        await Applying.DisposeAsync();
        await Announcing.DisposeAsync();
    }
}
