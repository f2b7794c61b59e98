// What both frames share: the port to the page, the page's language and look, calls of the API.
export const texts = (table, locale) => table[locale] ?? table.en;

export function met(welcome) {
  addEventListener("message", function hear({ data, source, ports: [port] }) {
    if (source !== parent || !port) return;
    removeEventListener("message", hear);
    dress(data);
    welcome(data, port);
    document.documentElement.dataset.met = "";
    const tell = () => port.postMessage({ height: document.body.offsetHeight });
    new ResizeObserver(tell).observe(document.body);
    tell();
    port.postMessage({ event: "ready" });
  });
}

function dress({ locale, scheme, appearance }) {
  const root = document.documentElement;
  root.lang = locale === "cs" ? "cs" : "en";
  root.style.colorScheme = scheme;
  const { colorPrimary, colorBackground, colorText, colorDanger, borderRadius } =
    appearance?.variables ?? {};
  const values = {
    "--primary": colorPrimary,
    "--ground": colorBackground,
    "--text": colorText,
    "--danger": colorDanger,
    "--radius": borderRadius,
  };
  for (const [name, value] of Object.entries(values)) if (value) root.style.setProperty(name, value);
}

export async function call(path, key, form) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}` },
    body: new URLSearchParams(form),
  });
  return answer.json();
}
