namespace Traktor.E2ETests.Mesh;

/// <summary>
/// A mesh that the tests of a class share; each uses tables of its own and leaves the mesh as it found it.
/// </summary>
public abstract class MeshFixture : IAsyncLifetime
{
    private readonly bool isConnected;
    private readonly int[] majors;
    private TestMesh? mesh;

    private protected MeshFixture(bool isConnected, params int[] majors)
    {
        this.isConnected = isConnected;
        this.majors = majors;
    }

    internal TestMesh Mesh => mesh ?? throw new InvalidOperationException("The mesh has not started yet.");

    public async Task InitializeAsync() => mesh = isConnected ? await TestMesh.StartFullAsync(majors) : await TestMesh.StartAsync(majors);

    public async Task DisposeAsync() => await Mesh.DisposeAsync();
}

/// <summary>Two nodes of a mesh.</summary>
public sealed class Pair() : MeshFixture(isConnected: true, 18, 18);

/// <summary>Two nodes of a mesh with the defaults that users run.</summary>
public sealed class UsersPair : IAsyncLifetime
{
    private TestMesh? mesh;

    internal TestMesh Mesh => mesh ?? throw new InvalidOperationException("The mesh has not started yet.");

    public async Task InitializeAsync()
    {
        mesh = await TestMesh.StartAsUsersDoAsync(18, 18);
        await Mesh.ConnectAllAsync();
    }

    public async Task DisposeAsync() => await Mesh.DisposeAsync();
}

/// <summary>Three nodes of a mesh, of three majors.</summary>
public sealed class Trio() : MeshFixture(isConnected: true, 16, 17, 18);

/// <summary>Two servers with arbiters that are not initialised.</summary>
public sealed class Beginners() : MeshFixture(isConnected: false, 18, 18);
