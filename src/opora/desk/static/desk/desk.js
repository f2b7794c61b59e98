// The desk by keyboard. Every key has a link or a button that does the same; one switch in the list
// of keys turns single keys off (some people speak to their computers).

import { enhance as enhanceLengths } from "../web/lengths.js";
import { enhance } from "../web/uploads.js";

const SWITCH = "desk-keys";
const keys = document.getElementById("keys");
const isOn = keys.querySelector("[data-keys-on]");
isOn.checked = remembered() !== "off";
isOn.addEventListener("change", () => remember(isOn.checked ? "on" : "off"));

for (const field of document.querySelectorAll("[data-most]")) enhanceLengths(field.form);
for (const input of document.querySelectorAll("input[data-uploads-to]")) enhance(input);

document.querySelector("[data-queue] [aria-current]")?.scrollIntoView({ block: "nearest" });

const deeds = {
  "?": () => keys.showModal(),
  "/": () => focusOn(document.querySelector("[data-search]")) || goBack(),
  j: () => step(1),
  k: () => step(-1),
  u: goBack,
  r: () => write("answer"),
  n: () => write("note"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!isOn.checked || keys.open || isTyping(event.target)) return;
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

// From a text, Escape gives the keys back.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
});

function isTyping(element) {
  return element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=file])");
}

function step(by) {
  const links = [...document.querySelectorAll("[data-queue] .queue-title")];
  if (!links.length) return;
  let at = links.indexOf(document.activeElement);
  if (at < 0) at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest" });
}

function goBack() {
  document.querySelector("[data-back]")?.click();
}

function write(kind) {
  const form = document.querySelector("[data-reply]");
  if (!form) return;
  const choice = form.querySelector(`[name="kind"][value="${kind}"]`);
  if (choice) choice.checked = true;
  form.scrollIntoView({ block: "nearest" });
  focusOn(form.elements.body);
}

function focusOn(element) {
  element?.focus();
  return element;
}

function remembered() {
  try {
    return localStorage.getItem(SWITCH);
  } catch {
    return null; // storage is off: keys are on
  }
}

function remember(value) {
  try {
    localStorage.setItem(SWITCH, value);
  } catch {
    // the switch then holds for this page
  }
}
