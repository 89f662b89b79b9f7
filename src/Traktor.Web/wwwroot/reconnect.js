// A restarted arbiter does not know this page any more, and one that is away long makes Blazor give up: load the page
// anew as soon as it answers.
document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', event => {
  if (event.detail.state !== 'failed' && event.detail.state !== 'rejected')
    return;
  const timer = setInterval(async () => {
    try {
      if ((await fetch('health/live', { cache: 'no-store' })).ok) {
        clearInterval(timer);
        location.reload();
      }
    } catch { /* still away */ }
  }, 1000);
});
