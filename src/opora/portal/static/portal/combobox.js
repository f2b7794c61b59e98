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
    const wanted = fold(words).split(" ").filter(Boolean);
    shown = options.filter((one) => wanted.every((word) => one.searched.includes(word))).slice(0, MOST_SHOWN);
    list.replaceChildren(...rows(shown));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    status.textContent = shown.length ? select.dataset.count.replace("{count}", shown.length) : select.dataset.none;
    mark(wanted.length && shown.length ? 0 : -1);
  }

  function rows(found) {
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "combobox-none";
      none.textContent = select.dataset.none;
      return [none];
    }
    let family = null;
    const made = [];
    found.forEach((one, position) => {
      if (one.family !== family) {
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

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
