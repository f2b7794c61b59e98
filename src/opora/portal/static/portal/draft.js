// The workflow with script: saved while typing, products found by typing, files with their progress.
// Without it the page does the same with its buttons.

import "./people.js";
import { enhance as enhanceCombobox } from "./combobox.js";
import { enhance as enhanceLengths, fits, isTooLong } from "../web/lengths.js";
import { enhance as enhanceUploads } from "../web/uploads.js";

const EVERY = 3000; // at most one write in three seconds
const form = document.getElementById("workflow");
const said = document.querySelector("[data-saved]");
const changed = new Set();
let timer = 0;
let lastSent = 0;
let sending = false;

// The answer to a refused press is a page of its own: reloading it reads the draft as it is saved now,
// and does not send the old fields once more.
history.replaceState(null, "", window.location.href);

// Coming back from the confirmation: what the browser kept is over.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// What a diagnosis filled in is saved with the first word, or when the page is left.
for (const name of form.dataset.prefilled?.split(" ") ?? []) changed.add(name);

enhanceLengths(form);
form.addEventListener("input", note);
form.addEventListener("change", note);
form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  clearTimeout(timer);
  changed.clear();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && changed.size) save(true);
});

// What was typed before this script had come is saved too.
for (const field of form.elements) if (wasTouched(field)) note({ target: field });

function wasTouched(field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement) || ["hidden", "file"].includes(field.type)) return false;
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.type === "radio") return field.checked && !field.defaultChecked;
  return field.value !== field.defaultValue;
}

function note(event) {
  const field = event.target;
  if (!field.name || field.type === "file" || "unsaved" in field.dataset) return;
  changed.add(field.name.startsWith("additional_contacts.") ? "additional_contacts" : field.name);
  plan();
}

function plan() {
  if (timer || sending) return;
  timer = setTimeout(save, Math.max(800, lastSent + EVERY - Date.now()));
}

// What is far too long is not sent: the server would read none of it. It stays where it was typed.
function body(names) {
  const whole = bodyOf(names);
  if (fits(whole)) return whole;
  const long = new Set([...form.elements].filter(isTooLong).map((field) => field.name));
  return bodyOf(new Set([...names].filter((name) => !long.has(name))));
}

function bodyOf(names) {
  const data = new URLSearchParams();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const field of form.elements) {
    const name = field.name ?? "";
    const wanted = names.has(name) || (names.has("additional_contacts") && name.startsWith("additional_contacts."));
    if (!wanted) continue;
    if (field.type === "radio" && !field.checked) continue;
    if (field.type === "checkbox") data.set(name, field.checked ? field.value : "false");
    else data.set(name, field.value);
  }
  return data;
}

async function save(leaving = false) {
  clearTimeout(timer);
  timer = 0;
  const names = new Set(changed);
  if (!names.size) return;
  changed.clear();
  sending = true;
  lastSent = Date.now();
  say(form.dataset.saving);
  try {
    const answer = await fetch(form.dataset.savesTo, {
      method: "POST",
      body: body(names),
      keepalive: leaving === true,
      redirect: "manual",
      headers: { "X-Requested-With": "fetch" },
    });
    if (answer.status === 409) {
      window.location.assign((await answer.json()).submitted);
      return;
    }
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) {
      keep(names);
      say(form.dataset.sessionEnded);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    say((await answer.json()).saved);
    // From the first save on the draft has an address of its own: reloading finds what was typed.
    if (!window.location.pathname.startsWith(form.dataset.address)) {
      history.replaceState(null, "", form.dataset.address);
    }
  } catch {
    keep(names);
    say(form.dataset.notSaved);
  } finally {
    sending = false;
    if (changed.size) plan();
  }
}

function keep(names) {
  for (const name of names) changed.add(name);
}

function say(words) {
  if (said) said.textContent = words;
}

// Round the clock goes with severity A only.
const clock = document.getElementById("id_round_the_clock");
function followSeverity() {
  if (!clock) return;
  const critical = form.querySelector('input[name="severity"][value="A"]')?.checked ?? false;
  if (!critical && clock.checked) clock.checked = false;
  clock.disabled = !critical;
}
followSeverity();
form.addEventListener("change", (event) => {
  if (event.target.name === "severity") followSeverity();
});

// The questions beside the description follow the problem; what was answered stays in sight.
function followProblem() {
  const asks = document.getElementById("id_problem")?.selectedOptions[0]?.dataset.asks;
  for (const question of form.querySelectorAll("[data-question]")) {
    const isAsked = asks ? asks.split(" ").includes(question.dataset.question) : "general" in question.dataset;
    question.hidden = !isAsked && !question.querySelector("input, textarea").value.trim();
  }
  const fold = document.getElementById("details");
  if (asks && fold) fold.open = true;
}
form.addEventListener("change", (event) => {
  if (event.target.name === "problem") followProblem();
});
document.body.addEventListener("htmx:afterSettle", followProblem);

// Nothing is suggested for a text that has to be shortened first.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "suggestions" && [...form.elements].some(isTooLong)) event.preventDefault();
});

for (const select of form.querySelectorAll("select[data-combobox]")) enhanceCombobox(select);
for (const input of form.querySelectorAll("input[data-uploads-to]")) enhanceUploads(input);
