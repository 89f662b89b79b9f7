using System.Security.Cryptography;
using System.Text;

namespace Traktor.Engine.Schema;

/// <summary>An SQL file that creates a part of schema trktr.</summary>
/// <param name="Path">Its path in the engine's sources, for example <c>Schema/Functions/image.sql</c>.</param>
/// <param name="Text">Its statements, with line feeds as line ends.</param>
public sealed record SchemaScript(string Path, string Text)
{
    /// <summary>The SHA-256 of the text, as hexadecimal digits.</summary>
    public string Hash => Sha256(Text);

    /// <summary>The name of its object: the function or view that it creates, the table whose grants it has.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
