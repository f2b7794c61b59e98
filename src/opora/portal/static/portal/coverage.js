// Choosing a product or a version asks at once.

import { enhance } from "./combobox.js";

for (const select of document.querySelectorAll("select[data-combobox]")) enhance(select);
document.getElementById("coverage").addEventListener("change", (event) => {
  if ("submits" in event.target.dataset || event.target.type === "radio") event.currentTarget.requestSubmit();
});
