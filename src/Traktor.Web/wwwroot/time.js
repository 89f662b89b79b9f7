// <traktor-time datetime="2026-11-23T09:00:00.123Z">: the time in the browser's time zone; its title has UTC.
// Blazor writes the attribute; the text is in the shadow DOM.
customElements.define('traktor-time', class extends HTMLElement {
  static observedAttributes = ['datetime'];
  static time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  static day = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short', year: 'numeric' });
  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
  }
  attributeChangedCallback() {
    const at = new Date(this.getAttribute('datetime'));
    if (isNaN(at))
      return;
    const type = this.constructor;
    const today = type.day.format(at) === type.day.format(new Date());
    this.shadowRoot.textContent = today ? type.time.format(at) : `${type.day.format(at)}, ${type.time.format(at)}`;
  }
});
// The value of a datetime-local field has no time zone: it is the browser's.
window.traktorTime = {
  toUtc: local => { const at = new Date(local); return local && !isNaN(at) ? at.toISOString() : null; },
  toLocal: utc => {
    const at = new Date(utc);
    return isNaN(at) ? '' : new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  },
};
