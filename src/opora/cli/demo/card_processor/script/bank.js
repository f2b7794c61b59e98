// The customer's bank asks (3-D Secure): approve or fail; closing it is failing, as at Stripe.
import { call, met, texts } from "./frame.js";

const WORDS = {
  en: {
    title: "Test bank",
    question: "Somebody pays with your card. Is it you?",
    approve: "Approve",
    fail: "Fail",
    failed: "Your bank did not get your confirmation. Nothing was charged.",
    over: "This payment does not wait for your bank.",
  },
  cs: {
    title: "Zkušební banka",
    question: "Někdo platí vaší kartou. Jste to vy?",
    approve: "Potvrdit",
    fail: "Odmítnout",
    failed: "Banka od vás nedostala potvrzení. Nic se nestrhlo.",
    over: "Tato platba na banku nečeká.",
  },
};

met(async ({ key, locale, clientSecret }, port) => {
  const words = texts(WORDS, locale);
  for (const id of ["title", "question", "approve", "fail"]) {
    document.getElementById(id).textContent = words[id];
  }
  const fail = document.getElementById("fail");
  port.onmessage = () => fail.click(); // closed by the page's button
  addEventListener("keydown", ({ key: pressed }) => {
    if (pressed === "Escape") fail.click(); // the dialog cannot hear it
  });
  const say = (detail) => port.postMessage({ event: "answered", detail });
  const intent = await call("/frame/intent", key, { client_secret: clientSecret });
  if (intent.error || intent.status !== "requires_action") {
    say({
      error: intent.error ?? {
        type: "invalid_request_error",
        code: "payment_intent_unexpected_state",
        message: words.over,
      },
    });
    return;
  }
  const currency = intent.currency.toUpperCase();
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const places = format.resolvedOptions().maximumFractionDigits;
  document.getElementById("amount").textContent = format.format(intent.amount / 10 ** places);
  for (const id of ["approve", "fail"]) {
    const button = document.getElementById(id);
    button.disabled = false;
    button.addEventListener("click", async () => {
      for (const other of document.querySelectorAll("button")) other.disabled = true;
      const told = await call("/frame/answer", key, {
        client_secret: clientSecret,
        approved: id === "approve" ? "yes" : "no",
      });
      say(
        told.status === "succeeded"
          ? { paymentIntent: told }
          : { error: { type: "card_error", ...told.last_payment_error, message: words.failed } },
      );
    });
  }
});
