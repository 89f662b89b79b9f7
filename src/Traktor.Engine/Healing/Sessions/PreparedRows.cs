using Dapper;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The statements, functions and procedures that a session has prepared for rows of each shape.</summary>
internal sealed class PreparedRows(ApplySession session)
{
    private readonly Dictionary<(RowShape Shape, bool IsMany, bool IsDecided), IReadOnlyList<RowStatement>> statements = [];
    private readonly Dictionary<(RowShape Shape, bool IsMany), string?> procedures = [];
    private readonly Dictionary<RowShape, string?> streams = [];
    private int made;

    /// <summary>The statements that apply rows of a shape.</summary>
    public IReadOnlyList<RowStatement> StatementsFor(RowShape shape, bool isMany, bool isDecided)
    {
        if (!statements.TryGetValue((shape, isMany, isDecided), out var known))
            statements[(shape, isMany, isDecided)] = known = RowStatements.For(shape, session.Terms, isMany, isDecided);
        return known;
    }

    /// <summary>
    /// The statement that applies rows of a shape through a function created for it; null when that is impossible.
    /// </summary>
    public async ValueTask<string?> ProcedureForAsync(RowShape shape, bool isMany, CancellationToken cancel)
    {
        if (procedures.TryGetValue((shape, isMany), out var call))
            return call;
        if (!session.MayMakeProcedures || !RowProcedure.Fits(shape, isMany))
            return procedures[(shape, isMany)] = null;
        var number = ++made;
        await ExecuteAsync(RowProcedure.Create(number, shape, session.Terms, isMany), cancel);
        return procedures[(shape, isMany)] = RowProcedure.Call(number, shape, isMany);
    }

    /// <summary>
    /// The statement that applies many transactions of one row each through a procedure that commits them; null when
    /// that is impossible. It must run outside a transaction.
    /// </summary>
    public async ValueTask<string?> StreamForAsync(RowShape shape, CancellationToken cancel)
    {
        if (streams.TryGetValue(shape, out var call))
            return call;
        if (!session.MayMakeProcedures || !RowProcedure.FitsStream(shape))
            return streams[shape] = null;
        var number = ++made;
        await ExecuteAsync(RowProcedure.Create(number, shape, session.Terms, isMany: false), cancel);
        await ExecuteAsync(RowProcedure.CreateStream(number, shape), cancel);
        return streams[shape] = RowProcedure.CallStream(number, shape);
    }

    /// <summary>Forgets the functions that were created in a transaction that was rolled back.</summary>
    public void ForgetProcedures() => procedures.Clear();

    /// <summary>Forgets everything because the terms have changed.</summary>
    public void Forget()
    {
        statements.Clear();
        procedures.Clear();
        streams.Clear();
    }

    private Task ExecuteAsync(string statement, CancellationToken cancel) =>
        session.Connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
}
