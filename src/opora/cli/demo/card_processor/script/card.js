// The card fields. What is typed stays in this frame; only a token of it leaves, to the page.
import { call, met, texts } from "./frame.js";

const WORDS = {
  en: {
    number: "Card number",
    expiry: "Expiry date",
    cvc: "Security code",
    months: "MM / YY",
    hint: "Nothing real is charged here: only test cards work, such as 4242 4242 4242 4242.",
    numberShort: "Your card number is incomplete.",
    numberWrong: "Your card number is invalid.",
    expiryShort: "Your card’s expiry date is incomplete.",
    expiryPast: "Your card’s expiry date is in the past.",
    cvcShort: "Your card’s security code is incomplete.",
    offline: "The card could not be read: there is no connection. Nothing was charged.",
  },
  cs: {
    number: "Číslo karty",
    expiry: "Platnost do",
    cvc: "Bezpečnostní kód",
    months: "MM / RR",
    hint: "Nic se nestrhne doopravdy: fungují jen zkušební karty, například 4242 4242 4242 4242.",
    numberShort: "Číslo karty není úplné.",
    numberWrong: "Číslo karty není platné.",
    expiryShort: "Platnost karty není úplná.",
    expiryPast: "Platnost karty už skončila.",
    cvcShort: "Bezpečnostní kód není úplný.",
    offline: "Kartu se nepodařilo načíst: spojení nefunguje. Nic se nestrhlo.",
  },
};
const BRANDS = [
  [/^4/, "Visa"],
  [/^(5[1-5]|2[2-7])/, "Mastercard"],
  [/^3[47]/, "Amex"],
];

const form = document.getElementById("card");
const [number, expiry, cvc] = ["number", "expiry", "cvc"].map((id) => document.getElementById(id));
const brand = document.getElementById("brand");
const digits = (input) => input.value.replace(/\D/g, "");

met(({ key, locale }, port) => {
  const words = texts(WORDS, locale);
  for (const id of ["number", "expiry", "cvc"]) {
    document.querySelector(`label[for="${id}"]`).textContent = words[id];
  }
  document.getElementById("hint").textContent = words.hint;
  expiry.placeholder = words.months;

  form.addEventListener("input", () => {
    const isComplete = [number, expiry, cvc].every((input) => !problemOf(input, words));
    port.postMessage({
      event: "change",
      detail: { complete: isComplete, empty: !digits(number), value: { type: "card" } },
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [number, expiry, cvc]) {
    input.addEventListener("blur", () => input.value && show(input, problemOf(input, words)));
    input.addEventListener("focus", () => port.postMessage({ event: "focus" }));
    input.addEventListener("input", () => {
      if (!problemOf(input, words)) show(input, "");
    });
  }

  port.onmessage = async ({ data: { question, id } }) => {
    if (question === "focus") number.focus();
    else port.postMessage({ answers: id, answer: await answerTo(question, key, words) });
  };
});

async function answerTo(question, key, words) {
  if (question === "check") return check(words);
  const [month, year] = [digits(expiry).slice(0, 2), digits(expiry).slice(2)];
  const made = await call("/v1/confirmation_tokens", key, {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": digits(number),
    "payment_method_data[card][exp_month]": month,
    "payment_method_data[card][exp_year]": year,
    "payment_method_data[card][cvc]": digits(cvc),
  }).catch(() => ({ error: { type: "api_connection_error", message: words.offline } }));
  return made.error ? { error: made.error } : { confirmationToken: made };
}

function check(words) {
  let first;
  for (const input of [number, expiry, cvc]) {
    const problem = problemOf(input, words);
    show(input, problem);
    if (problem && !first) first = [input, problem];
  }
  if (!first) return { selectedPaymentMethod: "card" };
  first[0].focus();
  return { error: { type: "validation_error", message: first[1] } };
}

function problemOf(input, words) {
  const typed = digits(input);
  if (input === cvc) return typed.length < (isAmex() ? 4 : 3) ? words.cvcShort : "";
  if (input === number) {
    if (typed.length < (isAmex() ? 15 : 16)) return words.numberShort;
    return isNumber(typed) ? "" : words.numberWrong;
  }
  const [month, year] = [Number(typed.slice(0, 2)), 2000 + Number(typed.slice(2))];
  if (typed.length < 4 || month < 1 || month > 12) return words.expiryShort;
  return new Date(year, month) <= new Date() ? words.expiryPast : "";
}

function isAmex() {
  return /^3[47]/.test(digits(number));
}

function isNumber(typed) {
  const sum = [...typed].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function show(input, problem) {
  const place = document.getElementById(`${input.id}-error`);
  place.textContent = problem;
  place.hidden = !problem;
  input.setAttribute("aria-invalid", String(Boolean(problem)));
}

number.addEventListener("input", () => {
  const groups = isAmex() ? /^(.{0,4})(.{0,6})(.{0,5})/ : /^(.{0,4})(.{0,4})(.{0,4})(.{0,4})(.{0,3})/;
  number.value = digits(number).match(groups).slice(1).filter(Boolean).join(" ");
  const known = BRANDS.find(([start]) => start.test(digits(number)));
  brand.hidden = !known;
  brand.textContent = known?.[1] ?? "";
});

expiry.addEventListener("input", (event) => {
  let typed = digits(expiry).slice(0, 4);
  if (/^[2-9]/.test(typed)) typed = `0${typed}`.slice(0, 4);
  const isDeleting = event.inputType?.startsWith("delete");
  expiry.value =
    typed.length > 2 || (typed.length === 2 && !isDeleting)
      ? `${typed.slice(0, 2)} / ${typed.slice(2)}`
      : typed;
});

cvc.addEventListener("input", () => {
  cvc.value = digits(cvc).slice(0, 4);
});
