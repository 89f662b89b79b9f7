namespace Traktor.Web.Api;

/// <summary>Ends a request with a problem that is about HTTP itself; what the engine refuses is a RefusedException.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
