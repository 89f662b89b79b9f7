using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Traktor.Engine.Access;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Components.Layout;

/// <summary>
/// The layout of every page. It gives the page the current view of the mesh, and leads to the sign-in page when the
/// session has ended in another window.
/// </summary>
public sealed partial class MainLayout : IAsyncDisposable
{
    private DotNetObjectReference<MainLayout>? _reference;
    private IDisposable? _following;
    private ErrorBoundary? _errors;
    private MeshView _view = null!;
    private Actor? _actor;
    private bool _isDark;
    private bool _isGone;

    [CascadingParameter(Name = "StartsDark")]
    public bool StartsDark { get; set; }

    [CascadingParameter(Name = "FormToken")]
    public string FormToken { get; set; } = "";

    /// <summary>The colour scheme: system, light or dark.</summary>
    public string Mode { get; private set; } = "system";

    [Inject]
    private MeshWatch Watch { get; set; } = null!;

    [Inject]
    private Visitor Visitor { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    /// <summary>Called by theme.js when the system changes between dark and light.</summary>
    [JSInvokable]
    public void Recolour(bool isDark)
    {
        _isDark = isDark;
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _isGone = true;
        _following?.Dispose();
        try
        {
            if (_reference is not null)
                await Script.InvokeVoidAsync("traktorTheme.leave");
        }
        catch (JSDisconnectedException)
        {
            // The browser has disconnected.
        }

        _reference?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _isDark = StartsDark;
        _view = Watch.Look();
        _actor = await Visitor.ActorAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _reference = DotNetObjectReference.Create(this);
        var choice = await Script.InvokeAsync<Choice>("traktorTheme.follow", _reference);
        (Mode, _isDark) = (choice.Mode, choice.Dark);
        _following = Watch.Follow(FollowAsync);
        StateHasChanged();
    }

    protected override void OnParametersSet() => _errors?.Recover();

    private async Task FollowAsync()
    {
        try
        {
            await InvokeAsync(async () =>
            {
                if (_isGone)
                    return;
                _view = Watch.Look();
                _actor = await Visitor.ActorAsync();
                if (_actor is null)
                    Navigation.NavigateTo(ReturnPath.SignInPath, forceLoad: true);
                else
                    StateHasChanged();
            });
        }
        catch (ObjectDisposedException)
        {
            // The page was closed meanwhile.
        }
    }

    private async Task ChooseAsync(string mode)
    {
        Mode = mode;
        _isDark = await Script.InvokeAsync<bool>("traktorTheme.choose", mode);
    }

    private sealed record Choice(string Mode, bool Dark);
}
