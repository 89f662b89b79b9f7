using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>A key with what was decided of it, and its table.</summary>
/// <param name="Name">The key.</param>
/// <param name="Table">Its table.</param>
/// <param name="Entry">What was decided.</param>
/// <param name="Loss">What loses when the row is written; null when nothing does.</param>
internal sealed record UnappliedRow(KeyName Name, ConvergedTable Table, ContestedKey Entry, Loss? Loss = null);
