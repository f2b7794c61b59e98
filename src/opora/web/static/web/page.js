// What every page shares: the focus on an error summary, menus that close, dialogs, copying,
// printing, and no second press on a button that is already sending.

// htmx parses answers of this host into an inert document; nothing else may make HTML from text
// (SECURITY XS-07).
const PARSERS = ["Document parseHTMLUnsafe", "DOMParser parseFromString"];
window.trustedTypes?.createPolicy("default", {
  createHTML: (text, _type, sink) => (PARSERS.includes(sink) ? text : null),
});

// A browser that goes to the address's fragment takes the focus away again: give it back once.
const wanted = document.querySelector("[data-focus]");
wanted?.focus();
window.addEventListener("load", () => requestAnimationFrame(() => {
  if (document.activeElement === document.body) wanted?.focus({ preventScroll: true });
}));

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  if (event.target.closest("[data-prints]")) window.print();
  const copier = event.target.closest("[data-copies]");
  if (copier && navigator.clipboard) {
    navigator.clipboard.writeText(copier.dataset.copies).then(() => {
      const said = copier.querySelector("[data-said]");
      if (said) said.textContent = copier.dataset.copied;
    });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.me[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form is sent once. The button stays a button: its name and value travel with the first press.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Coming back with the browser's button: forms can be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  }
});

document.querySelector("[data-prints]")?.addEventListener("click", () => window.print());

for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;

// Where no time zone was chosen yet, the device's own is: it is right for almost everybody.
const zone = document.querySelector("form[data-knows-zone] select[name=time_zone]");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone.selectedIndex < 0) zone.value = "";
}

// Where a row of places is wider than a phone, the one that is open is in sight.
for (const open of document.querySelectorAll(".places [aria-current], .views [aria-current]")) {
  const row = open.parentElement;
  const start = open.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += start - (row.clientWidth - open.offsetWidth) / 2;
}
