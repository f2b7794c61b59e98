// A payment whose end is not known: looked at again by itself, less and less often, for a while.

let wait = 4_000;
const LONGEST = 30_000;

function plan() {
  setTimeout(look, wait);
}

async function look() {
  wait = Math.min(wait * 1.4, LONGEST);
  if (document.visibilityState !== "visible") return plan();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !(await answer.text()).includes('id="waiting"')) return location.reload();
  } catch {
    // Offline for a moment: the next look comes.
  }
  plan();
}

plan();
