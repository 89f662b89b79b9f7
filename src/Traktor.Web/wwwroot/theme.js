// Runs before anything is drawn. Tells the server by cookie how it should look (traktor_dark), so that the first picture
// is in the right colours already.
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
  let told = null;
  window.traktorTheme = {
    follow: page => { told = page; return { mode: chosen(), dark: apply() }; },
    leave: () => { told = null; },
    choose: mode => { localStorage.setItem('traktor-theme', mode); return apply(); },
  };
  query.addEventListener('change', () => { const dark = apply(); told?.invokeMethodAsync('Recolour', dark); });
  apply();
})();
// The clipboard is there only over TLS and on this machine; elsewhere the text can still be selected.
window.traktorCopy = async text => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};
