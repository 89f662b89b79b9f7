using Traktor.Sandbox;

namespace Traktor.Bench.Contested;

/// <summary>Servers that replicate all their tables to one another, by one of the systems that are compared.</summary>
internal interface IReplicationSystem : IAsyncDisposable
{
    /// <summary>Their databases' name.</summary>
    const string Database = "bench";

    IReadOnlyList<IPostgresServer> Servers { get; }

    /// <summary>Whether conflicting changes end in the same row on all nodes.</summary>
    bool DecidesConflicts { get; }

    /// <summary>Has each node receive these tables, which are on all nodes, from all others.</summary>
    Task ReplicateAsync(IReadOnlyList<string> tables);

    /// <summary>Has no node receive anything until <see cref="ResumeAsync"/>.</summary>
    Task PauseAsync();

    Task ResumeAsync();
}
