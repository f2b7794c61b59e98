// Paying by card: the fields are the processor's own, in its own frames; this page gets a token of
// what was typed, never a number. Kept cards and other ways are plain form posts.

// A page that answers a press can be come back to and reloaded: it is asked for anew, and no payment
// is sent once more.
history.replaceState(null, "", window.location.href);

const LONGEST_WAIT = 20_000; // for the processor's fields
const form = document.querySelector("#payment[data-script], #bank[data-script]");
if (form?.id === "payment" && form.dataset.script) offerCard();
if (form?.id === "bank" && form.dataset.action) askBank();

function loaded() {
  if (window.Stripe) return Promise.resolve(window.Stripe);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = form.dataset.script;
    script.onload = () => resolve(window.Stripe);
    script.onerror = () => reject(new Error("the processor's script did not load"));
    document.head.append(script);
  });
}

function look() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const color = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color; // as the device shows it, light or dark
  };
  const colors = {
    colorPrimary: color("--accent"),
    colorBackground: color("--surface"),
    colorText: color("--text"),
    colorDanger: color("--danger"),
  };
  probe.remove();
  return {
    theme: isDark() ? "night" : "stripe",
    variables: {
      ...colors,
      borderRadius: "6px",
      fontSizeBase: "16px",
    },
  };
}

function isDark() {
  const chosen = document.documentElement.dataset.appearance;
  return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// --- A card that is typed in ---
function offerCard() {
  const box = document.getElementById("card-fields");
  const wrong = document.getElementById("card-error");
  const token = form.elements.token;
  let stripe;
  let elements;
  let mounting;
  let isLocked = false;

  form.addEventListener("change", (event) => {
    if (event.target.name === "method") show();
  });
  show();

  // A browser may bring the page back with what it held: a token is good for one try.
  token.value = "";
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    token.value = "";
    unlock("");
  });

  form.addEventListener("submit", async (event) => {
    if (isLocked) return event.preventDefault();
    if (form.elements.method.value !== "new" || token.value) return lock();
    event.preventDefault();
    lock();
    try {
      say("");
      await mount();
      const typed = await elements.submit();
      if (typed.error) return unlock(typed.error.message);
      const made = await stripe.createConfirmationToken({ elements });
      if (made.error) return unlock(made.error.message);
      token.value = made.confirmationToken.id;
      send({ do: "pay" });
    } catch {
      unlock(form.dataset.failed);
    }
  });

  function show() {
    const isNew = form.elements.method.value === "new";
    box.hidden = !isNew;
    if (isNew) mount().catch(() => say(form.dataset.failed));
  }

  // Once, however many ask while the processor's script is on its way: fields that were made a
  // second time would be empty. After a failure it can be tried again.
  function mount() {
    mounting ??= makeFields().catch((error) => {
      mounting = undefined;
      throw error;
    });
    return mounting;
  }

  async function makeFields() {
    const Stripe = await loaded();
    stripe = Stripe(form.dataset.key, { locale: form.dataset.language });
    elements = stripe.elements({
      mode: "payment",
      amount: Number(form.dataset.amount),
      currency: form.dataset.currency,
      allowedPaymentMethodTypes: ["card"],
      appearance: look(),
    });
    const fields = elements.create("payment");
    // Whoever presses before the fields are there waits for them.
    const ready = new Promise((resolve, reject) => {
      fields.on("ready", resolve);
      fields.on("loaderror", reject);
      setTimeout(reject, LONGEST_WAIT);
    });
    fields.mount(document.getElementById("card-element"));
    await ready;
  }

  function say(sentence) {
    wrong.textContent = sentence ?? "";
    wrong.hidden = !sentence;
  }

  // Pressed once: a second press while the first is on its way does nothing.
  function lock() {
    isLocked = true;
    const button = document.getElementById("pay");
    setTimeout(() => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    });
  }

  function unlock(sentence) {
    isLocked = false;
    const button = document.getElementById("pay");
    setTimeout(() => {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    });
    say(sentence);
    if (sentence) box.querySelector("iframe")?.focus();
  }
}

// --- The customer's bank has a question (3-D Secure) ---
async function askBank() {
  try {
    const Stripe = await loaded();
    const stripe = Stripe(form.dataset.key, { locale: form.dataset.language });
    await stripe.handleNextAction({ clientSecret: form.dataset.action });
  } catch {
    return; // the button on the page goes on
  }
  // What came of it the server asks from the processor, whatever was said here.
  send({ do: "check", asked: "yes" });
}

function send(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.submit();
}
