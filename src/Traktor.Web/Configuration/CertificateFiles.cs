using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Traktor.Web.Configuration;

/// <summary>Checks that <c>SSLKeyfile</c> and <c>SSLCertfile</c> are a pair that TLS can use.</summary>
internal static class CertificateFiles
{
    /// <summary>
    /// The full paths of both; nulls when neither is set, or when there are errors, which are added to
    /// <paramref name="errors"/>. Relative paths start at <paramref name="folder"/>, that of the configuration file.
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
                $"{name}: {(File.Exists(path) ? "the file cannot be read; check its permissions" : "the file does not exist")}. Relative "
                    + $"paths start at the folder of the configuration file. For instance: {name} = {example}"
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
            errors.Add("SSLCertfile: contains no PEM certificate (-----BEGIN CERTIFICATE-----). For instance: SSLCertfile = arbiter.crt");
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
                "SSLKeyfile: contains no PEM private key, without a passphrase, for the first certificate of SSLCertfile. For "
                    + "instance: SSLKeyfile = arbiter.key"
            );
            return false;
        }
    }
}
