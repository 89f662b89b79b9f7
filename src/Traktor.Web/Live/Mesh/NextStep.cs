using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live.Mesh;

/// <summary>The steps by which a new node joins the mesh.</summary>
public enum NextStep
{
    /// <summary>PUT control.</summary>
    Initialize,

    /// <summary>PUT subscription/control.</summary>
    Subscribe,

    /// <summary>PUT replicaset/{table}.</summary>
    AddTables,

    /// <summary>PATCH replicaset.</summary>
    Commit,

    /// <summary>All steps are done.</summary>
    Done,
}

/// <summary>Finds the next step of a node.</summary>
public static class NextSteps
{
    public static NextStep Of(NodeSeen view)
    {
        // Without its server no step can be taken, and the headline says what is wrong.
        if (view.Status is not { IsReachable: true } status)
            return NextStep.Done;
        if (!status.IsInitialized)
            return NextStep.Initialize;
        if (status.Peers.Count == 0)
            return NextStep.Subscribe;
        if (view.Tables is not { } tables)
            return NextStep.Done;
        if (tables.Count == 0)
            return NextStep.AddTables;
        return tables.Any(t => t is { Status: not TableState.Committed, IsCommitting: false }) ? NextStep.Commit : NextStep.Done;
    }
}
