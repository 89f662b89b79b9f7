using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>
/// The sessions of a node's convergence. The announcing session's commits are replicated to the peers. It also holds
/// the lock by which only one arbiter of the node does this work; the server releases it when the session ends, even if
/// the arbiter was killed. The applying session writes rows under other nodes' stamps, as a replica.
/// </summary>
internal sealed class ConvergenceSession : IAsyncDisposable
{
    // A row or table that an application keeps locked is skipped for a while, so that others are not delayed.
    private const string Settings = $"""
        set datestyle = iso; set intervalstyle = postgres; set row_security = off;
        set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '{LockTimeouts.Usual}';
        set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    /// <summary>Gives values the form that trktr.image gives them.</summary>
    private const string AnnouncingSettings =
        "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set extra_float_digits = 1; set bytea_output = hex";

    private const string ApplyingSettings =
        $"set session_replication_role = replica; set synchronous_commit = off; set {SessionSettings.Restoring} = on";

    // Null: not known, as another arbiter left it.
    private bool? isNothingContested;

    private ConvergenceSession(NpgsqlConnection announcing, NpgsqlConnection applying) => (Announcing, Applying) = (announcing, applying);

    /// <summary>Whether nothing is contested, as far as this session knows.</summary>
    public bool IsNothingContested => isNothingContested == true;

    public NpgsqlConnection Announcing { get; }

    public NpgsqlConnection Applying { get; }

    /// <summary>By which <see cref="Announcing"/> reads tables of other roles.</summary>
    public OwnerSession AnnouncingOwners { get; private set; } = null!;

    /// <summary>By which <see cref="Applying"/> writes tables of other roles.</summary>
    public OwnerSession ApplyingOwners { get; private set; } = null!;

    /// <summary>The sessions of other roles that held its lock, in words; null when there was none.</summary>
    public string? TakenFrom { get; private set; }

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
        SessionDefaults.Pin(settings);
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
            var first = SessionDefaults.FirstStatement(session.Announcing);
            await session.Announcing.ExecuteAsync(new CommandDefinition(first, cancellationToken: cancel));
            var (isTaken, takenFrom) = await NodeLocks.TryTakeForSessionAsync(
                session.Announcing,
                NodeLocks.Convergence,
                isShared: false,
                cancel
            );
            if (!isTaken)
            {
                await session.DisposeAsync();
                return null;
            }

            session.TakenFrom = takenFrom;

            await session.Applying.OpenAsync(cancel);
            await session.Announcing.ExecuteAsync(new CommandDefinition(Settings + ";" + AnnouncingSettings, cancellationToken: cancel));
            await session.Applying.ExecuteAsync(new CommandDefinition(first, cancellationToken: cancel));
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

    /// <summary>
    /// Tells the triggers that nothing is contested, if so. Outside a transaction: they see it at once. Only this
    /// session makes keys contested.
    /// </summary>
    public async Task CertifyAsync(CancellationToken cancel)
    {
        if (isNothingContested == true)
            return;
        isNothingContested = null;
        isNothingContested = await Announcing.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select case when exists (select from trktr.contested_key) then false else "
                    + "setval('trktr.nothing_contested', 1) is not null end",
                cancellationToken: cancel
            )
        );
    }

    /// <summary>
    /// Has the triggers look up each key that they meet. Call it, outside a transaction, before a key becomes contested
    /// and before its row is locked: a change that does not see this has the row's lock, and is seen by who locks it
    /// next.
    /// </summary>
    public async Task RevokeAsync(CancellationToken cancel)
    {
        if (isNothingContested == false)
            return;
        isNothingContested = null;
        await Announcing.ExecuteAsync(
            new CommandDefinition("select setval('trktr.nothing_contested', 1, false)", cancellationToken: cancel)
        );
        isNothingContested = false;
    }

    public async ValueTask DisposeAsync()
    {
        await Applying.DisposeAsync();
        await Announcing.DisposeAsync();
    }
}
