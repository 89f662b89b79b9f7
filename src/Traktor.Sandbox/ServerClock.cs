using System.Globalization;
using System.Runtime.InteropServices;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox;

/// <summary>
/// A server's own clock, which can be set forward and back while the server runs: libfaketime (a Debian package) gives
/// the server's processes another wall clock. The monotonic clock, and so time-outs, are not affected.
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

    /// <summary>Whether it is available on this machine.</summary>
    public static bool IsAvailable => Array.Exists(Places, File.Exists);

    internal ServerClock(string folder, UnprivilegedAccount? account)
    {
        Library =
            Places.FirstOrDefault(File.Exists)
            ?? throw new SandboxException(
                "A server with its own clock needs libfaketime, which is not installed. Install it: apt-get install libfaketime."
            );
        file = Path.Combine(folder, "clock");
        Set(TimeSpan.Zero);
        UnprivilegedAccount.Give(file, account);
    }

    private static string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64";

    private string Library { get; }

    /// <summary>
    /// Sets the server's wall clock ahead of the machine's by an offset, or behind it if negative. Every process of the
    /// server follows within a second.
    /// </summary>
    public void Set(TimeSpan offset)
    {
        // The file keeps its owner. A concurrent reader sees either the old or the new text, because both are short
        // enough for a single write.
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(
            System.Text.Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+000000.000;-000000.000;+000000.000}\n")
            )
        );
    }

    /// <summary>The environment variables that give a program this clock.</summary>
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
