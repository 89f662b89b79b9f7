using System.Security.Cryptography;
using System.Text;

namespace Traktor.Engine.Schema;

/// <summary>A file of SQL that makes a part of schema trktr.</summary>
/// <param name="Path">Where it lies in the engine's sources, for instance <c>Schema/Functions/image.sql</c>.</param>
/// <param name="Text">Its statements, with line feeds as line ends.</param>
public sealed record SchemaScript(string Path, string Text)
{
    /// <summary>The SHA-256 of the text, as hexadecimal digits.</summary>
    public string Hash => Sha256(Text);

    /// <summary>What it is named after: the function or view that it makes, the table whose grants it holds.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
