namespace Traktor.Sandbox.Machine;

/// <summary>The file modes in use.</summary>
internal static class FileModes
{
    /// <summary>rwx------ for folders.</summary>
    public const UnixFileMode PrivateFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>rw-------.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>rwxr-xr-x.</summary>
    public const UnixFileMode Readable =
        PrivateFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Creates a folder that only its owner can enter; the account becomes its owner.</summary>
    public static void MakePrivateFolder(string path, UnprivilegedAccount? account)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, PrivateFolder);
        UnprivilegedAccount.Give(path, account);
    }
}
