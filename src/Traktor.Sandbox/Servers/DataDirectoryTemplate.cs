using System.Globalization;
using System.Security.Cryptography;
using Traktor.Sandbox.Binaries;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Servers;

/// <summary>
/// An initialised data directory in the cache that new servers copy: initdb runs once per build of PostgreSQL, format
/// and account. The superuser's password is random, created with it, and kept in a file beside it that only the account
/// can read.
/// </summary>
internal sealed record DataDirectoryTemplate(string Folder, string Password)
{
    /// <summary>Increase it when <see cref="InitializeAsync"/> changes.</summary>
    private const int Format = 1;

    public string Data => Path.Combine(Folder, "data");

    /// <summary>Finds these programs' template in the cache, or creates it.</summary>
    /// <exception cref="SandboxException">initdb fails; the message ends with its output.</exception>
    public static async Task<DataDirectoryTemplate> ForAsync(
        ServerBinaries binaries,
        UnprivilegedAccount? account,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{binaries.Key}-{Format}-{account?.Name ?? Environment.UserName}");
        var folder = Path.Combine(CacheFolder.Make("templates"), name);
        await CacheFolder.BuildOnceAsync(
            folder,
            building =>
            {
                progress?.Report($"Initialising a PostgreSQL {binaries.Version} data directory once …");
                return InitializeAsync(binaries, account, building, cancel);
            },
            cancel
        );

        return new DataDirectoryTemplate(folder, await File.ReadAllTextAsync(PasswordFile(folder), cancel));
    }

    /// <summary>
    /// Copies the data directory; the account owns the copy. The file system shares the blocks if it can.
    /// </summary>
    public void CopyTo(string target, UnprivilegedAccount? account) => Copy(new DirectoryInfo(Data), target, account);

    private static void Copy(DirectoryInfo source, string target, UnprivilegedAccount? account)
    {
        FileModes.MakePrivateFolder(target, account);
        foreach (var entry in source.EnumerateFileSystemInfos())
        {
            var copy = Path.Combine(target, entry.Name);
            if (entry is DirectoryInfo folder)
            {
                Copy(folder, copy, account);
                continue;
            }

            File.Copy(entry.FullName, copy);
            UnprivilegedAccount.Give(copy, account);
        }
    }

    private static async Task InitializeAsync(
        ServerBinaries binaries,
        UnprivilegedAccount? account,
        string folder,
        CancellationToken cancel
    )
    {
        FileModes.MakePrivateFolder(folder, account);
        var password = PasswordFile(folder);
        await File.WriteAllTextAsync(password, RandomNumberGenerator.GetHexString(24, lowercase: true), cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(password, FileModes.PrivateFile);
        UnprivilegedAccount.Give(password, account);

        string[] arguments =
        [
            "-D",
            Path.Combine(folder, "data"),
            "-U",
            "postgres",
            "--pwfile",
            password,
            "--auth",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
            "--no-instructions",
        ];
        var result = await Tool.RunAsync(
            ServerBinaries.Command(binaries.Program("initdb"), arguments, folder, account),
            readOutput: true,
            cancel
        );
        if (result is not { ExitCode: 0 })
            throw new SandboxException($"initdb of PostgreSQL {binaries.Version} failed: {result?.Tail(5) ?? "it cannot be run"}");
    }

    private static string PasswordFile(string folder) => Path.Combine(folder, "password");
}
