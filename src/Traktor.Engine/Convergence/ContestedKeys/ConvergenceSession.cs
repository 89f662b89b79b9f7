using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>
/// The sessions of a node's convergence. The announcing session's commits are replicated to the peers. It also holds
/// two advisory locks: that an arbiter is running and, while that is so, that nothing is contested. The applying
/// session writes rows under other nodes' stamps, as a replica. The server releases the locks when the session ends,
/// even if the arbiter was killed.
/// </summary>
internal sealed class ConvergenceSession : IAsyncDisposable
{
    // A row or table that an application keeps locked is skipped for a while, so that others are not delayed.
    private const string Settings = """
        set datestyle = iso; set intervalstyle = postgres; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off; set lock_timeout = '250ms';
        set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    /// <summary>Gives values the form that trktr.image gives them.</summary>
    private const string AnnouncingSettings =
        "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set extra_float_digits = 1; set bytea_output = hex";

    private const string ApplyingSettings =
        $"set session_replication_role = replica; set synchronous_commit = off; set {SessionSettings.Restoring} = on";

    private bool isHeld;

    private ConvergenceSession(NpgsqlConnection announcing, NpgsqlConnection applying) => (Announcing, Applying) = (announcing, applying);

    public NpgsqlConnection Announcing { get; }

    public NpgsqlConnection Applying { get; }

    /// <summary>By which <see cref="Announcing"/> reads tables of other roles.</summary>
    public OwnerSession AnnouncingOwners { get; private set; } = null!;

    /// <summary>By which <see cref="Applying"/> writes tables of other roles.</summary>
    public OwnerSession ApplyingOwners { get; private set; } = null!;

    /// <summary>The nodes whose replication origins are known to exist here.</summary>
    public HashSet<int> Origins { get; } = [];

    /// <summary>
    /// Opens the sessions; null while another arbiter of this node has them. Npgsql's exceptions propagate.
    /// </summary>
    public static async Task<ConvergenceSession?> OpenAsync(LocalNode local, CancellationToken cancel)
    {
        var settings = local.Database.Conninfo.ToNpgsql();
        settings.Pooling = false;
        settings.CommandTimeout = 60;
        settings.ApplicationName = ObjectNames.ConvergenceSession(local.NodeId);
        settings.IncludeErrorDetail = true;
        settings.SearchPath = SearchPath.Pinned;
        var hasOtherOwners = await OwnerSession.HasOtherOwnersAsync(local.Database, cancel);
        settings.MaxAutoPrepare = hasOtherOwners ? 0 : 100;
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
            var routines = new Routines(local.Database);
            session.AnnouncingOwners = await OwnerSession.BeginAsync(session.Announcing, routines, hasOtherOwners, cancel);
            session.ApplyingOwners = await OwnerSession.BeginAsync(session.Applying, routines, hasOtherOwners, cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Acquires the "nothing contested" lock if nothing is contested. Never waits.</summary>
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

    /// <summary>
    /// Releases the "nothing contested" lock. Call it before a key becomes contested and before its row is locked.
    /// </summary>
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
