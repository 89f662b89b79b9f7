using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>JSON bodies, fitting ones and others.</summary>
internal sealed class HostileBodies(Random random, HostileValues values)
{
    /// <summary>Fits the schema, but for a field in <paramref name="wrong"/> that holds anything at all.</summary>
    public string Json(JsonSchema schema, bool wrong, string name = "")
    {
        if (wrong && random.Next(3) == 0)
            return values.Json();
        if (schema.Fields.Count > 0)
        {
            var fields = schema
                .Fields.Where(_ => !wrong || random.Next(8) > 0)
                .Select(field => $"\"{field.Key}\":{Json(field.Value, wrong, field.Key)}")
                .ToList();
            if (wrong && random.Next(3) == 0)
                fields.Insert(random.Next(fields.Count + 1), $"\"{values.Any("names of fields")}\":1");
            return $"{{{string.Join(',', fields)}}}";
        }

        return (name, schema) switch
        {
            ("connection_string", _) => Quoted(values.ConnectionString()),
            ("row", _) => values.Any("rows"),
            ("priorities", _) => values.Any("priorities"),
            (_, { Words.Count: > 0 }) => Quoted(values.Pick(schema.Words)),
            (_, { Type: "integer" }) => values.Pick(["1", "0", "2", "32767"]),
            (_, { Type: "boolean" }) => values.Pick(["true", "false"]),
            (_, { Type: "string" }) => Quoted(random.Next(3) == 0 ? values.Text() : "fuzz"),
            _ => values.Json(),
        };
    }

    /// <summary>Breaks a body as bytes, or says that it is something else than it is.</summary>
    public string Break(HostileRequest request)
    {
        var body = request.Body ?? [];
        switch (random.Next(9))
        {
            case 0:
                request.Set("Content-Type", values.Any("content types"));
                return "content type";
            case 1:
                request.Body = body[..random.Next(body.Length + 1)];
                return "cut body";
            case 2:
                request.Body = [.. body];
                for (var i = 0; i < 3 && body.Length > 0; i++)
                    request.Body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
                return "flipped bits";
            case 3:
                request.Body = new byte[random.Next(2000)];
                random.NextBytes(request.Body);
                return "random body";
            case 4:
                request.Body = [.. Encoding.UTF8.Preamble, .. body];
                return "byte order mark";
            case 5:
                request.Body = Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body));
                return "UTF-16";
            case 6:
                request.Body = Compressed(body);
                request.Set("Content-Encoding", values.Pick(["gzip", "br", "deflate, gzip", "x"]));
                return "compressed";
            case 7:
                request.Body = [.. body, .. Enumerable.Repeat((byte)' ', 70_000)];
                return "large body";
            default:
                request.Body = Encoding.UTF8.GetBytes(values.Json());
                return "another body";
        }
    }

    // By hand where a half of a surrogate pair is to stay one: JSON can say it, .NET's writer cannot.
    private static string Quoted(string text) =>
        text.Any(char.IsSurrogate) ? $"\"{string.Concat(text.Select(Escaped))}\"" : JsonSerializer.Serialize(text);

    private static string Escaped(char c) => char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : JavaScriptEncoder.Default.Encode(c.ToString());

    private static byte[] Compressed(byte[] body)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
            gzip.Write(body);
        return to.ToArray();
    }
}
