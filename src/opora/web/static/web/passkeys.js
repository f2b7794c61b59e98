// Forms that a passkey fills in: the device is asked when the form is sent, its answer goes with it.

const FIELDS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
const isThere = Boolean(window.PublicKeyCredential && navigator.credentials);

for (const hidden of document.querySelectorAll("[data-needs-passkeys]")) {
  hidden.hidden = !isThere;
  hidden.classList.toggle("none", !isThere);
}
for (const hidden of document.querySelectorAll("[data-no-passkeys]")) hidden.hidden = isThere;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    ask(form, event.submitter);
  });
}

async function ask(form, button) {
  tell(form, "");
  button?.setAttribute("aria-busy", "true");
  try {
    const publicKey = readable((await optionsOf(form)).publicKey);
    const answer = await (form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey }));
    form.elements.credential.value = JSON.stringify(sendable(answer));
    form.requestSubmit(button);
  } catch (error) {
    const words = {
      NotAllowedError: "cancelled",
      AbortError: "cancelled",
      InvalidStateError: "known",
      SecurityError: "elsewhere",
    };
    tell(form, form.dataset[words[error.name] ?? "failed"]);
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const headers = { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
  const answer = await fetch(form.dataset.asks, { headers });
  if (!answer.ok) throw new Error(`no options: ${answer.status}`);
  return (await answer.json()).request_options;
}

function tell(form, words) {
  const line = form.querySelector("[data-passkey-error]");
  line.querySelector("span").textContent = words;
  line.hidden = !words;
}

// JSON carries bytes as base64 for addresses; the browser wants and gives buffers.
function readable(options) {
  const list = (some) => some?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: list(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: list(options.allowCredentials) }),
  };
}

function sendable(answer) {
  const response = {};
  for (const name of FIELDS) {
    if (answer.response[name]) response[name] = text(answer.response[name]);
  }
  return {
    id: answer.id,
    rawId: text(answer.rawId),
    type: answer.type,
    authenticatorAttachment: answer.authenticatorAttachment ?? null,
    clientExtensionResults: answer.getClientExtensionResults(),
    response,
  };
}

function bytes(words) {
  const plain = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
