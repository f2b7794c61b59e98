// An address chosen from the list of people fills in their names, unless other names were typed.

const filled = new Map();

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.list) return;
  const chosen = [...input.list.options].find((option) => option.value === input.value);
  if (!chosen) return;
  fill(input, "given_name", chosen.dataset.givenName);
  fill(input, "family_name", chosen.dataset.familyName);
});

function fill(input, part, value) {
  const field = input.form?.elements.namedItem(input.name.replace(/email$/, part));
  if (!(field instanceof HTMLInputElement)) return;
  const isTyped = field.value && field.value !== field.defaultValue && field.value !== filled.get(field);
  if (isTyped || field.value === value) return;
  field.value = value;
  filled.set(field, value);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
