using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Traktor.Web.Configuration;

/// <summary>Checks that <c>SSLKeyfile</c> and <c>SSLCertfile</c> are a pair that TLS can be served with.</summary>
internal static class CertificateFiles
{
    /// <summary>
    /// The full paths of both; nulls when neither is set or something is wrong, which is then in
    /// <paramref name="errors"/>. Relative paths begin at <paramref name="folder"/>, the configuration file's.
    /// </summary>
    public static (string? Key, string? Certificate) Check(
        string? key,
        string? certificate,
        string folder,
        List<string> errors,
        List<string> warnings
    )
    {
        if (key is null && certificate is null)
            return default;
        if (key is null || certificate is null)
        {
            var (set, missing, example) = key is null
                ? ("SSLCertfile", "SSLKeyfile", "arbiter.key")
                : ("SSLKeyfile", "SSLCertfile", "arbiter.crt");
            errors.Add($"{missing}: is missing, while {set} is set; TLS needs both. For instance: {missing} = {example}");
            return default;
        }

        var (keyPath, certificatePath) = (Path.Combine(folder, key), Path.Combine(folder, certificate));
        var found = IsFile("SSLKeyfile", keyPath, "arbiter.key", errors) & IsFile("SSLCertfile", certificatePath, "arbiter.crt", errors);
        return found && IsPair(keyPath, certificatePath, errors, warnings) ? (keyPath, certificatePath) : default;
    }

    private static bool IsFile(string name, string path, string example, List<string> errors)
    {
        try
        {
            using var file = File.OpenRead(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add(
                $"{name}: {(File.Exists(path) ? "the file cannot be read; check its permissions" : "there is no such file")}. Relative "
                    + $"paths begin at the configuration file. For instance: {name} = {example}"
            );
            return false;
        }
    }

    private static bool IsPair(string key, string certificate, List<string> errors, List<string> warnings)
    {
        try
        {
            using var alone = X509CertificateLoader.LoadCertificate(File.ReadAllBytes(certificate));
        }
        catch (CryptographicException)
        {
            errors.Add("SSLCertfile: holds no PEM certificate (-----BEGIN CERTIFICATE-----). For instance: SSLCertfile = arbiter.crt");
            return false;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
            if (pair.NotAfter < DateTime.Now)
                warnings.Add("SSLCertfile: the certificate has expired; browsers and peers will refuse it.");
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            errors.Add(
                "SSLKeyfile: holds no PEM private key without a passphrase that belongs to SSLCertfile's first certificate. For "
                    + "instance: SSLKeyfile = arbiter.key"
            );
            return false;
        }
    }
}
