// A select with many options becomes a field to type into; the select stays, hidden, and is what
// the form sends. After the ARIA pattern "combobox with list autocomplete".

const MOST_SHOWN = 60;

export function enhance(select) {
  const id = select.id;
  const field = document.createElement("input");
  const list = document.createElement("ul");
  const status = document.createElement("span");
  const box = document.createElement("div");
  const options = [...select.options].filter((option) => option.value).map((option) => ({
    option,
    name: option.label,
    family: option.parentElement.label ?? "",
    aliases: (option.dataset.also ?? "").split(" · ").filter(Boolean).map((alias) => ({ alias, folded: fold(alias) })),
    folded: fold(option.label),
    searched: fold(`${option.label} ${option.dataset.also ?? ""} ${option.parentElement.label ?? ""}`),
  }));
  let shown = [];
  let active = -1;

  select.id = `${id}-select`;
  select.hidden = true;
  Object.assign(field, { id, type: "text", autocomplete: "off", spellcheck: false });
  field.placeholder = select.dataset.hint;
  field.value = chosen()?.label ?? "";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
  }
  set(field, { role: "combobox", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list" });
  list.id = `${id}-list`;
  set(list, { role: "listbox", "aria-label": select.labels?.[0]?.textContent.trim() ?? "" });
  list.hidden = true;
  status.className = "unseen";
  status.setAttribute("role", "status");
  box.className = "combobox";
  select.before(box);
  box.append(field, list, status);

  function chosen() {
    const option = select.selectedOptions[0];
    return option?.value ? option : null;
  }

  function open(words) {
    const typed = fold(words);
    const wanted = typed.split(" ").filter(Boolean);
    shown = options.filter((one) => wanted.every((word) => one.searched.includes(word)));
    if (!shown.length) shown = nearest(options, wanted);
    if (typed) shown.sort((a, b) => rank(a, typed) - rank(b, typed));
    shown = shown.slice(0, typed ? MOST_SHOWN : shown.length);
    list.replaceChildren(...rows(shown, !typed, wanted));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    status.textContent = shown.length ? select.dataset.count.replace("{count}", shown.length) : select.dataset.none;
    mark(wanted.length && shown.length ? 0 : -1);
  }

  function rows(found, grouped, wanted) {
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "combobox-none";
      none.textContent = select.dataset.none;
      return [none];
    }
    let family = null;
    const made = [];
    found.forEach((one, position) => {
      if (grouped && one.family !== family) {
        family = one.family;
        const head = document.createElement("li");
        head.className = "combobox-family";
        head.setAttribute("role", "presentation");
        head.textContent = family;
        made.push(head);
      }
      const row = document.createElement("li");
      row.id = `${id}-option-${position}`;
      row.textContent = one.name;
      // Found by another name it goes by: say which, so that nobody wonders why it is here.
      const also = wanted.length ? one.aliases.find(({ folded }) => wanted.some((word) => folded.includes(word) && !one.folded.includes(word))) : null;
      const kinWords = also?.alias ?? (!grouped && one.family !== one.name ? one.family : "");
      if (kinWords) {
        const kin = document.createElement("span");
        kin.className = "combobox-kin";
        kin.textContent = kinWords;
        row.append(kin);
      }
      row.dataset.position = position;
      set(row, { role: "option", "aria-selected": String(one.option === chosen()) });
      made.push(row);
    });
    return made;
  }

  function mark(position) {
    active = position;
    list.querySelector(".active")?.classList.remove("active");
    const row = document.getElementById(`${id}-option-${position}`);
    if (!row) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    row.classList.add("active");
    row.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", row.id);
  }

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    field.value = chosen()?.label ?? "";
  }

  function choose(position) {
    const one = shown[position];
    if (!one) return;
    const before = select.value;
    select.value = one.option.value;
    close();
    if (select.value !== before) select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  field.addEventListener("input", (event) => {
    event.stopPropagation();
    open(field.value);
  });
  field.addEventListener("change", (event) => event.stopPropagation());
  field.addEventListener("focus", () => field.select());
  field.addEventListener("click", () => { if (list.hidden) open(""); });
  field.addEventListener("blur", () => setTimeout(close, 120));
  field.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) open("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (shown.length) mark((active + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-position]");
    if (row) choose(Number(row.dataset.position));
  });
}

// The name itself first, then names that begin so, then the rest in the order of the select.
function rank(one, typed) {
  if (one.folded === typed) return 0;
  if (one.folded.startsWith(typed)) return 1;
  return one.folded.includes(typed) ? 2 : 3;
}

// Nothing has every word ("server 2025"): what has the most of them.
function nearest(options, wanted) {
  const hits = (one) => wanted.filter((word) => one.searched.includes(word)).length;
  const most = Math.max(0, ...options.map(hits));
  return most ? options.filter((one) => hits(one) === most) : [];
}

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
