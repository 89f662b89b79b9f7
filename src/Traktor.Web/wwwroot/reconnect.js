// A restarted arbiter has no circuit for this page, and Blazor stops reconnecting after a while: reload the page when
// the arbiter answers.
document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', event => {
  if (event.detail.state !== 'failed' && event.detail.state !== 'rejected')
    return;
  const timer = setInterval(async () => {
    try {
      if ((await fetch('health/live', { cache: 'no-store' })).ok) {
        clearInterval(timer);
        location.reload();
      }
    } catch { /* not back yet */ }
  }, 1000);
});
