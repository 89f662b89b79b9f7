using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// Where sandboxes are created: in <c>TMPDIR</c> if it is set; else in Linux's memory file system if it has room,
/// because a new server has about a thousand files, which take up to a second of processor time on ext4 and a twentieth
/// of that in memory; else in the temporary folder.
/// </summary>
internal static class SandboxPlace
{
    private const string Memory = "/dev/shm";

    /// <summary>Room for a few servers' data and WAL; a container's usual 64 MB are far too little.</summary>
    private const long RoomInMemory = 8L << 30;

    /// <summary>
    /// A socket's path has at most 103 bytes on macOS; folders and the name below this one take up to 50.
    /// </summary>
    private const int LongestPath = 50;

    /// <summary>Every folder that may contain a sandbox.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Candidates().Distinct().Where(Directory.Exists)];

    private static string Temporary => Path.TrimEndingDirectorySeparator(Path.GetTempPath());

    public static string Choose()
    {
        var temporary = Temporary;
        if (OperatingSystem.IsWindows())
            return temporary;
        if (
            OperatingSystem.IsLinux()
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TMPDIR"))
            && Directory.Exists(Memory)
            && new DriveInfo(Memory).AvailableFreeSpace >= RoomInMemory
        )
            return Memory;

        // The account that runs the servers must have access.
        return temporary.Length <= LongestPath && (!Environment.IsPrivilegedProcess || UnprivilegedAccount.CanBeReachedByOthers(temporary))
            ? temporary
            : "/tmp";
    }

    private static string[] Candidates() => OperatingSystem.IsWindows() ? [Temporary] : [Temporary, Memory, "/tmp"];
}
