namespace Traktor.Engine.Workers;

/// <summary>A round found something that it cannot do.</summary>
/// <param name="problem">What, in words for the user.</param>
internal sealed class WorkerException(string problem) : Exception(problem);
