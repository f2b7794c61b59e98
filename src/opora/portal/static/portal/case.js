// The request's page with script: files with their progress; on a phone the facts start folded; what
// others write appears by itself.

import { enhance as enhanceLengths } from "../web/lengths.js";
import { enhance } from "../web/uploads.js";

for (const field of document.querySelectorAll("[data-most]")) enhanceLengths(field.form);
for (const input of document.querySelectorAll("input[data-uploads-to]")) enhance(input);

if (window.matchMedia("(max-width: 899px)").matches) {
  for (const fold of document.querySelectorAll("[data-folds-narrow]")) fold.open = false;
}

// --- News: asked for while the page is looked at, less and less often while nothing comes.
const SOON = 10_000;
const LATE = 120_000;
const news = () => document.getElementById("news");
let wait = SOON;
let timer = 0;

markRead();
if (news()) plan();

function plan() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(look, wait);
}

function look() {
  window.htmx?.trigger(news(), "opora:look");
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.visibilityState !== "visible" || !news()) return;
  wait = SOON;
  look();
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  // Taken away, or signed out: what is on the page stays, and nothing is asked any more.
  if (xhr && xhr.status >= 400 && xhr.status < 500) return;
  wait = xhr?.status === 200 ? SOON : Math.min(wait * 1.5, LATE);
  plan();
});

document.body.addEventListener("htmx:afterSettle", () => {
  markRead();
  const bar = document.querySelector("[data-news] span");
  const said = document.querySelector("[data-news-said]");
  if (bar && said) said.textContent = bar.textContent;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-hides-news]")) event.target.closest("[data-news]").hidden = true;
});

// What is on the page has been read, once it is looked at.
function markRead() {
  const form = document.querySelector("form[data-reading]");
  if (!form || document.visibilityState !== "visible") return;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  form.remove();
}
