using System.ComponentModel;
using System.Diagnostics;

namespace Traktor.E2ETests;

/// <summary>
/// Installs what tests need of the system, where we may: as root on a Debian. Tests never skip for want of something.
/// </summary>
internal static class SystemPackage
{
    private static readonly SemaphoreSlim Gate = new(1);

    /// <summary>Whether it is installed now.</summary>
    public static async Task<bool> InstallAsync(string package)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return false;
        await Gate.WaitAsync();
        try
        {
            return await RunAsync("apt-get", "update", "-qq")
                && await RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", package);
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
            start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
