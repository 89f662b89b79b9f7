// Runs before the page is rendered. The cookie traktor_dark lets the server render the first page in the right colours.
(() => {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => localStorage.getItem('traktor-theme') ?? 'system';
  const apply = () => {
    const mode = chosen();
    const dark = mode === 'dark' || (mode === 'system' && query.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    document.cookie = `traktor_dark=${dark ? 1 : 0}; path=/; max-age=31536000; samesite=strict`;
    return dark;
  };
  let layout = null;
  window.traktorTheme = {
    follow: page => { layout = page; return { mode: chosen(), dark: apply() }; },
    leave: () => { layout = null; },
    choose: mode => { localStorage.setItem('traktor-theme', mode); return apply(); },
  };
  query.addEventListener('change', () => { const dark = apply(); layout?.invokeMethodAsync('Recolour', dark); });
  apply();
})();
// Browsers have a clipboard only over TLS and on localhost; elsewhere the text can be selected.
window.traktorCopy = async text => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};
