using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Owners;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The statements, functions and procedures that a session has prepared for rows of each shape.</summary>
internal sealed class PreparedRows(ApplySession session)
{
    private readonly Dictionary<(RowShape Shape, bool IsMany, bool IsDecided), IReadOnlyList<RowStatement>> statements = [];
    private readonly Dictionary<(RowShape Shape, bool IsMany, bool IsDecided, bool IsRecorded), string> owners = [];
    private readonly Dictionary<(RowShape Shape, bool IsMany), string?> procedures = [];
    private readonly Dictionary<RowShape, string?> streams = [];

    /// <summary>The statements that apply rows of a shape to a table of the arbiter's own role.</summary>
    public IReadOnlyList<RowStatement> StatementsFor(RowShape shape, bool isMany, bool isDecided)
    {
        if (!statements.TryGetValue((shape, isMany, isDecided), out var known))
            statements[(shape, isMany, isDecided)] = known = RowStatements.For(shape, session.Terms, isMany, isDecided);
        return known;
    }

    /// <summary>
    /// The one statement that applies rows of a shape to a table of another role, with that role's rights.
    /// </summary>
    public async ValueTask<string> OwnersStatementForAsync(
        RowShape shape,
        bool isMany,
        bool isDecided,
        bool isRecorded,
        CancellationToken cancel
    )
    {
        if (owners.TryGetValue((shape, isMany, isDecided, isRecorded), out var known))
            return known;
        var name = await NameAsync(RowStatements.ForOwner(shape, session.Terms, isMany, isDecided), cancel);
        return owners[(shape, isMany, isDecided, isRecorded)] = OwnerRows.ManyStatement(shape, session.Terms, isDecided, isRecorded, name);
    }

    /// <summary>
    /// The statement that applies rows of a shape through a function created for it; null when that is impossible.
    /// </summary>
    public async ValueTask<string?> ProcedureForAsync(RowShape shape, bool isMany, CancellationToken cancel)
    {
        if (procedures.TryGetValue((shape, isMany), out var call))
            return call;
        if (!RowProcedure.Fits(shape, isMany))
            return procedures[(shape, isMany)] = null;
        return procedures[(shape, isMany)] = RowProcedure.Call(await FunctionForAsync(shape, isMany, cancel), shape, isMany);
    }

    /// <summary>
    /// The statement that applies many transactions of one row each through a procedure that commits them; null when
    /// that is impossible. It must run outside a transaction.
    /// </summary>
    public async ValueTask<string?> StreamForAsync(RowShape shape, CancellationToken cancel)
    {
        if (streams.TryGetValue(shape, out var call))
            return call;
        if (!RowProcedure.FitsStream(shape))
            return streams[shape] = null;
        var function = await FunctionForAsync(shape, isMany: false, cancel);
        return streams[shape] = RowProcedure.CallStream(await NameAsync(RowProcedure.Stream(function, shape), cancel), shape);
    }

    /// <summary>Forgets everything because the terms have changed.</summary>
    public void Forget()
    {
        statements.Clear();
        owners.Clear();
        procedures.Clear();
        streams.Clear();
    }

    private async ValueTask<string> FunctionForAsync(RowShape shape, bool isMany, CancellationToken cancel)
    {
        var owner = shape.Relation.Target.IsForeignOwner ? await NameAsync(OwnerRows.Single(shape, session.Terms), cancel) : null;
        return await NameAsync(RowProcedure.Of(shape, session.Terms, isMany, owner), cancel);
    }

    private ValueTask<string> NameAsync(Routine routine, CancellationToken cancel) => session.Owners.Routines.NameAsync(routine, cancel);
}
