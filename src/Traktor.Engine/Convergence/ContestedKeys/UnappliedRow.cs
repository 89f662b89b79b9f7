using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>A key, its table and the decision on it.</summary>
/// <param name="Name">The key.</param>
/// <param name="Table">Its table.</param>
/// <param name="Entry">The decision.</param>
/// <param name="Loss">The version that loses when the row is written; null when there is none.</param>
internal sealed record UnappliedRow(KeyName Name, ConvergedTable Table, ContestedKey Entry, Loss? Loss = null);
