using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence;

/// <summary>
/// The sessions of a node's convergence. One tells: what it commits is sent to the peers; it also holds the locks that
/// say that an arbiter lives, and vouches for an empty register while it is. One writes rows under other stamps than
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
    private const string TellerSettings =
        "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set extra_float_digits = 1; set bytea_output = hex";

    private const string WriterSettings = "set session_replication_role = replica; set synchronous_commit = off; set trktr.restoring = on";

    private bool isCertified;

    private ConvergenceSession(NpgsqlConnection teller, NpgsqlConnection writer) => (Teller, Writer) = (teller, writer);

    public NpgsqlConnection Teller { get; }

    public NpgsqlConnection Writer { get; }

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
            await session.Teller.OpenAsync(cancel);
            if (
                !await session.Teller.ExecuteScalarAsync<bool>(
                    new CommandDefinition("select pg_catalog.pg_try_advisory_lock(7824051, 2)", cancellationToken: cancel)
                )
            )
            {
                await session.DisposeAsync();
                return null;
            }

            await session.Writer.OpenAsync(cancel);
            await session.Teller.ExecuteAsync(new CommandDefinition(Settings + ";" + TellerSettings, cancellationToken: cancel));
            await session.Writer.ExecuteAsync(new CommandDefinition(Settings + ";" + WriterSettings, cancellationToken: cancel));
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Vouches that the register is empty, if it is; never waits.</summary>
    public async Task CertifyAsync(CancellationToken cancel)
    {
        if (isCertified)
            return;
        isCertified = await Teller.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select case when exists (select from trktr.register) then false else pg_try_advisory_lock(7824051, 1) end",
                cancellationToken: cancel
            )
        );
    }

    /// <summary>Vouches for nothing any more; before anything is put into the register, and before its row is locked.</summary>
    public async Task WithdrawAsync(CancellationToken cancel)
    {
        if (!isCertified)
            return;
        await Teller.ExecuteAsync(new CommandDefinition("select pg_advisory_unlock(7824051, 1)", cancellationToken: cancel));
        isCertified = false;
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Teller.DisposeAsync();
    }
}
