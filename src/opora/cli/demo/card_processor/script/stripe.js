// The part of Stripe.js that Opora's payment page uses: card fields in a frame of this origin, a
// confirmation token of what was typed there, and the bank's question (3-D Secure) in a dialog.
// Page and frame speak over a port of their own; no card number ever crosses it.
(() => {
  const source = new URL(document.currentScript.src);
  const isOld = source.pathname.startsWith("/v3");

  class IntegrationError extends Error {
    name = "IntegrationError";
  }

  // --- A frame and the port to it ---
  class Frame {
    constructor(path, title, greeting) {
      this.handlers = {};
      this.asked = new Map();
      this.element = document.createElement("iframe");
      this.element.title = title;
      this.element.src = source.origin + path;
      const style = this.element.style;
      style.display = "block";
      style.width = "100%";
      style.border = "0";
      style.colorScheme = greeting.scheme;
      this.element.addEventListener("load", () => {
        const { port1, port2 } = new MessageChannel();
        this.port = port1;
        port1.onmessage = ({ data }) => this.hear(data);
        this.element.contentWindow.postMessage(greeting, source.origin, [port2]);
      });
    }

    hear(data) {
      if (data.height) this.element.style.height = `${data.height}px`;
      if (data.event) this.handlers[data.event]?.forEach((handler) => handler(data.detail ?? {}));
      if (data.answers) {
        this.asked.get(data.answers)?.(data.answer);
        this.asked.delete(data.answers);
      }
    }

    on(event, handler) {
      (this.handlers[event] ??= []).push(handler);
    }

    ask(question) {
      if (!this.port) return Promise.reject(new IntegrationError("The element is not ready yet."));
      const id = crypto.randomUUID?.() ?? String(Math.random());
      return new Promise((resolve) => {
        this.asked.set(id, resolve);
        this.port.postMessage({ question, id });
      });
    }
  }

  function schemeOf(appearance) {
    if (appearance?.theme === "night") return "dark";
    if (appearance?.theme) return "light";
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  // --- Elements ---
  class PaymentElement {
    constructor(settings) {
      this.settings = settings;
      this.handlers = [];
    }

    mount(place) {
      const box = typeof place === "string" ? document.querySelector(place) : place;
      if (!box) throw new IntegrationError("There is no such place to mount the element.");
      const title = this.settings.locale === "cs" ? "Údaje o kartě" : "Card details";
      this.frame = new Frame("/frame/card.html", title, this.settings);
      for (const [event, handler] of this.handlers) this.frame.on(event, handler);
      box.replaceChildren(this.frame.element);
    }

    on(event, handler) {
      this.handlers.push([event, handler]);
      this.frame?.on(event, handler);
      return this;
    }

    focus() {
      this.frame?.ask("focus");
    }

    unmount() {
      this.frame?.element.remove();
      this.frame = undefined;
    }

    destroy() {
      this.unmount();
    }
  }

  class Elements {
    constructor(key, locale, options) {
      const { mode, amount, currency, appearance } = options;
      if (mode !== "payment" || !Number.isInteger(amount) || amount < 1) {
        throw new IntegrationError("elements() needs mode: \"payment\" and an amount.");
      }
      if (!/^[a-z]{3}$/.test(currency ?? "")) {
        throw new IntegrationError("elements() needs a currency in lower case.");
      }
      if (options.paymentMethodTypes && !isOld) {
        throw new IntegrationError(
          "paymentMethodTypes is not supported any more; use allowedPaymentMethodTypes.",
        );
      }
      this.settings = { key, locale, appearance: appearance ?? {}, scheme: schemeOf(appearance) };
      this.isSubmitted = false;
    }

    create(kind) {
      if (kind !== "payment") throw new IntegrationError(`There is no element "${kind}" here.`);
      this.element = new PaymentElement(this.settings);
      return this.element;
    }

    getElement(kind) {
      return kind === "payment" ? this.element ?? null : null;
    }

    async submit() {
      const answer = await this.mounted().ask("check");
      this.isSubmitted = !answer.error;
      return answer;
    }

    mounted() {
      if (!this.element?.frame) throw new IntegrationError("Mount a payment element first.");
      return this.element.frame;
    }
  }

  // --- The bank's question ---
  function bankDialog(greeting) {
    const inCzech = greeting.locale === "cs";
    const title = inCzech ? "Ověření platby u banky" : "Your bank’s check";
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", title);
    const isDark = greeting.scheme === "dark";
    Object.assign(dialog.style, {
      width: "min(440px, calc(100vw - 32px))",
      padding: "0",
      border: `1px solid ${isDark ? "#2d343d" : "#e1e5ea"}`,
      borderRadius: "12px",
      background: isDark ? "#1b1f25" : "#ffffff",
      color: isDark ? "#e6e9ed" : "#1a1f26",
      colorScheme: greeting.scheme,
      boxShadow: "0 16px 48px rgb(0 0 0 / 35%)",
      overflow: "hidden",
    });
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", inCzech ? "Zavřít" : "Close");
    Object.assign(close.style, {
      position: "absolute",
      top: "6px",
      right: "6px",
      width: "44px",
      height: "44px",
      border: "0",
      borderRadius: "8px",
      background: "transparent",
      color: "inherit",
      font: "400 24px/1 system-ui, sans-serif",
      cursor: "pointer",
    });
    const frame = new Frame("/frame/bank.html", title, greeting);
    frame.element.style.height = "260px";
    const leave = () => frame.ask("leave").catch(() => dialog.close());
    close.addEventListener("click", leave);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leave();
    });
    dialog.append(frame.element, close);
    document.body.append(dialog);
    dialog.showModal();
    return { dialog, frame };
  }

  function askBank(key, locale, clientSecret) {
    const ofPage = getComputedStyle(document.documentElement).colorScheme;
    const scheme = ["light", "dark"].includes(ofPage) ? ofPage : schemeOf({});
    const { dialog, frame } = bankDialog({ key, locale, clientSecret, scheme });
    return new Promise((resolve) => {
      frame.on("answered", (detail) => {
        resolve(detail);
        dialog.close();
      });
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve({
          error: {
            type: "invalid_request_error",
            code: "payment_intent_authentication_failure",
            message:
              locale === "cs"
                ? "Ověření platby jste zavřeli. Nic se nestrhlo."
                : "You closed your bank’s check. Nothing was charged.",
          },
        });
      });
    });
  }

  // --- Stripe ---
  window.Stripe = Object.assign(
    (key, options = {}) => {
      if (!/^pk_/.test(key ?? "")) throw new IntegrationError("A publishable key is needed.");
      const chosen = options.locale ?? "auto";
      const locale = (chosen === "auto" ? navigator.language : chosen).slice(0, 2);
      return {
        elements: (asked = {}) => new Elements(key, locale, asked),
        createConfirmationToken: async ({ elements } = {}) => {
          if (!elements?.isSubmitted) {
            throw new IntegrationError("Call elements.submit() before createConfirmationToken().");
          }
          elements.isSubmitted = false;
          return elements.mounted().ask("token");
        },
        handleNextAction: async ({ clientSecret } = {}) => {
          if (!/^pi_\w+_secret_\w+$/.test(clientSecret ?? "")) {
            throw new IntegrationError("handleNextAction() needs a client secret.");
          }
          return askBank(key, locale, clientSecret);
        },
      };
    },
    { version: isOld ? 3 : "endive" },
  );
})();
