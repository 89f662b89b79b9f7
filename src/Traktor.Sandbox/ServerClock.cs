using System.Globalization;
using System.Runtime.InteropServices;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox;

/// <summary>
/// A clock of a server's own, which can be set while the server runs, ahead and back: libfaketime (Debian's package of
/// that name) gives the server's processes another wall clock. What they measure by the monotonic clock, time-outs
/// above all, is left alone.
/// </summary>
public sealed class ServerClock
{
    private static readonly string[] Places =
    [
        $"/usr/lib/{Architecture}-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
        "/usr/lib64/faketime/libfaketime.so.1",
    ];

    private readonly string file;

    /// <summary>Whether servers on this machine can have one.</summary>
    public static bool IsAvailable => Array.Exists(Places, File.Exists);

    internal ServerClock(string folder, UnprivilegedAccount? account)
    {
        Library =
            Places.FirstOrDefault(File.Exists)
            ?? throw new SandboxException(
                "A server with a clock of its own needs libfaketime, which is not here. Install it: apt-get install libfaketime."
            );
        file = Path.Combine(folder, "clock");
        Set(TimeSpan.Zero);
        UnprivilegedAccount.Give(file, account);
    }

    private static string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64";

    private string Library { get; }

    /// <summary>
    /// Puts the server's wall clock this far ahead of the machine's, or behind it when negative; every process of the
    /// server follows within a second.
    /// </summary>
    public void Set(TimeSpan offset)
    {
        // The account that owns the file keeps it; whoever reads it meanwhile sees the old text or the new one, both
        // short enough for one write.
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(
            System.Text.Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+000000.000;-000000.000;+000000.000}\n")
            )
        );
    }

    /// <summary>What a program must have in its environment to live by this clock.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Environment() =>
        [
            new("LD_PRELOAD", Library),
            new("FAKETIME_TIMESTAMP_FILE", file),
            new("FAKETIME_CACHE_DURATION", "1"),
            new("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            new("FAKETIME_DONT_RESET", "1"),
            new("FAKETIME_DISABLE_SHM", "1"),
        ];
}
