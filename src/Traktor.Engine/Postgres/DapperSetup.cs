using System.Runtime.CompilerServices;
using Dapper;

namespace Traktor.Engine.Postgres;

/// <summary>How Dapper maps rows: columns in snake_case, members in PascalCase.</summary>
internal static class DapperSetup
{
#pragma warning disable CA2255 // The one place where a library must set up another before any of its code runs.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run() => DefaultTypeMap.MatchNamesWithUnderscores = true;
}
