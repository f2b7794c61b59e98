// Texts that are too long: the sentence stands next to the field while it is typed or pasted into, and
// nothing is cut. A form with more text than the server reads is not sent: nothing of it would be kept.

const MOST = 2_000_000; // bytes; the server takes a little more
const shown = new WeakMap(); // field → its sentence

export function enhance(form) {
  for (const field of form.elements) if (isTooLong(field)) say(field);
  form.addEventListener("input", (event) => say(event.target));
  form.addEventListener("submit", (event) => {
    if (fits(new FormData(form))) return;
    const longest = [...form.elements]
      .filter((field) => "most" in field.dataset)
      .reduce((one, other) => (one && one.value.length >= other.value.length ? one : other), null);
    if (!longest) return;
    event.preventDefault();
    open(longest);
    longest.focus();
  });
}

export function isTooLong(field) {
  const most = Number(field.dataset?.most);
  // A text of letters beyond the basic ones counts fewer characters than JavaScript does; the browser
  // sends two for each end of a line.
  return Boolean(most) && field.value.length > most / 2 && length(field.value) > most;
}

// Whether the texts can be sent at once. `texts`: FormData or URLSearchParams.
export function fits(texts) {
  if (texts instanceof URLSearchParams) return texts.toString().length <= MOST;
  let bytes = 0;
  for (const [name, text] of texts) {
    if (typeof text === "string") bytes += name.length + 200 + new Blob([text]).size + ends(text);
  }
  return bytes <= MOST;
}

function length(text) {
  const whole = text.trim();
  return [...whole].length + ends(whole);
}

function ends(text) {
  return text.split("\n").length - 1;
}

function say(field) {
  const said = shown.get(field);
  if (!isTooLong(field)) {
    said?.remove();
    shown.delete(field);
    if (said) mark(field, false);
    return;
  }
  // The server's own sentence about the field stands there already.
  if (said || field.getAttribute("aria-invalid") === "true") return;
  const line = document.getElementById("too-long").content.firstElementChild.cloneNode(true);
  line.id = `${field.id}-error`;
  line.querySelector("span").textContent = field.dataset.tooLong;
  field.before(line);
  shown.set(field, line);
  mark(field, true);
}

function mark(field, isWrong) {
  const box = field.closest(".field");
  box.classList.toggle("wrong", isWrong);
  const id = `${field.id}-error`;
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  const all = isWrong ? [...others, id] : others;
  if (all.length) field.setAttribute("aria-describedby", all.join(" "));
  else field.removeAttribute("aria-describedby");
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function open(field) {
  for (let fold = field.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
}
