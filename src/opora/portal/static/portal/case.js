// The request's page with script: files with their progress; on a phone the facts start folded.

import { enhance } from "../web/uploads.js";

for (const input of document.querySelectorAll("input[data-uploads-to]")) enhance(input);

if (window.matchMedia("(max-width: 899px)").matches) {
  for (const fold of document.querySelectorAll("[data-folds-narrow]")) fold.open = false;
}
