using Dapper;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The statements, functions and procedures that a session has for rows of each shape.</summary>
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

    /// <summary>The statement that applies rows of a shape by a function that was made for it; null when there can be none.</summary>
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
    /// The statement that applies many transactions of one row of a shape each, by a procedure that commits them; null
    /// when there can be none. Not inside a transaction.
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

    /// <summary>A transaction was undone, and the functions that were made in it.</summary>
    public void ForgetProcedures() => procedures.Clear();

    /// <summary>The terms have changed: all are made again.</summary>
    public void Forget()
    {
        statements.Clear();
        procedures.Clear();
        streams.Clear();
    }

    private Task ExecuteAsync(string statement, CancellationToken cancel) =>
        session.Connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
}
