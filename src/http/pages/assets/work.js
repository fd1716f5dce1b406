// In a rush the form asks the browser to work a little for it, so that one machine does not look like a thousand people.
// Runs while the form is being filled in; nobody waits for it and nothing depends on it. SHA-256 is the browser's own.
"use strict";
(async () => {
  const form = document.querySelector("form[data-bits]");
  if (!form || !window.crypto || !crypto.subtle) return;
  const bits = Number(form.dataset.bits);
  const token = form.elements.namedItem("token").value;
  const encoder = new TextEncoder();
  for (let nonce = 0; ; nonce += 1) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${token}.${nonce}`)));
    let zeros = 0;
    for (const byte of digest) {
      zeros += Math.clz32(byte) - 24;
      if (byte !== 0) break;
    }
    if (zeros >= bits) {
      form.elements.namedItem("proof").value = String(nonce);
      return;
    }
  }
})();
