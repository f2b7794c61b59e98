// Files are sent as soon as they are chosen, dropped or pasted: one after the other, each with its
// progress and a way to stop it. The form waits for them.

const LOOK_AGAIN = 2000; // milliseconds until the virus scanner is asked again
const LOOKS = 30;

export function enhance(input) {
  const field = input.closest(".field");
  const list = field.querySelector("[data-files]");
  const form = input.form;
  const words = input.dataset;
  const waiting = [];
  let sending = null; // { row, request }
  let submitter = null;

  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });

  // --- Dropped and pasted ---
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  form.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    field.classList.add("dropping");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) field.classList.remove("dropping");
  });
  form.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    field.classList.remove("dropping");
    take(event.dataTransfer.files);
  });
  form.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files ?? [];
    if (!files.length) return;
    event.preventDefault();
    take([...files].map(named));
  });

  // --- The form waits ---
  form.addEventListener("submit", (event) => {
    if (!sending && !waiting.length) return;
    event.preventDefault();
    submitter = event.submitter;
    tell(words.sending);
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending) event.preventDefault();
  });

  function take(files) {
    for (const file of files) {
      const item = { file, row: rowFor(file.name) };
      item.row.querySelector("button").addEventListener("click", () => stop(item));
      waiting.push(item);
    }
    next();
  }

  // Pictures from the clipboard are all called image.png.
  function named(file) {
    if (file.name !== "image.png") return file;
    const now = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
    return new File([file], `${words.pasted}-${now}.png`, { type: file.type });
  }

  function stop(item) {
    input.focus();
    if (sending?.row === item.row) {
      sending.request.abort();
      return;
    }
    waiting.splice(waiting.indexOf(item), 1);
    item.row.remove();
  }

  function next() {
    if (sending) return;
    const item = waiting.shift();
    if (!item) {
      if (submitter) form.requestSubmit(submitter);
      submitter = null;
      return;
    }
    if (item.file.size > Number(words.limit)) {
      refuse(item.row, words.tooLarge.replace("{name}", item.file.name));
      next();
      return;
    }
    send(item).finally(() => {
      sending = null;
      next();
    });
  }

  function rowFor(name) {
    const row = document.createElement("li");
    const bar = document.createElement("progress");
    row.className = "file sending";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    row.append(part("span", "file-name", name), bar, button(words.cancel, name));
    list.append(row);
    return row;
  }

  function send({ file, row }) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      const data = new FormData();
      sending = { row, request };
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.set("file", file, file.name);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) row.querySelector("progress").value = event.loaded / event.total;
      });
      request.addEventListener("load", () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // not ours: said below
        }
        if (request.status === 201) accept(row, answer);
        else refuse(row, answer.refused || words.failed.replace("{name}", file.name));
        done();
      });
      request.addEventListener("abort", () => {
        row.remove();
        tell(words.cancelled.replace("{name}", file.name));
        done();
      });
      for (const end of ["error", "timeout"]) {
        request.addEventListener(end, () => {
          refuse(row, words.failed.replace("{name}", file.name));
          done();
        });
      }
      request.open("POST", words.uploadsTo);
      request.send(data);
    });
  }

  function accept(row, answer) {
    row.classList.remove("sending");
    row.replaceChildren(part("span", "file-name", answer.name), part("span", "meta", told(answer)));
    if (words.remove) {
      const remove = button(words.remove, answer.name);
      remove.type = "submit";
      remove.name = "do";
      remove.value = `remove-file:${answer.id}`;
      row.append(remove);
    }
    if (words.keepsAs) {
      const kept = document.createElement("input");
      kept.type = "hidden";
      kept.name = words.keepsAs;
      kept.value = answer.id;
      row.append(kept);
    }
    if (answer.note && words.asks) ask(row, answer.id, LOOKS);
  }

  // What the virus scanner says: nothing moves on the page, only the words in the row change.
  function ask(row, id, looks) {
    setTimeout(async () => {
      const address = words.asks.replace("0".repeat(32), id);
      const response = await fetch(address).catch(() => null);
      const answer = response?.ok ? await response.json() : null;
      if (answer?.refused) lock(row, answer.refused);
      else if (answer && !answer.note) row.querySelector(".meta").textContent = told(answer);
      else if (looks > 1 && row.isConnected) ask(row, id, looks - 1);
    }, LOOK_AGAIN);
  }

  function lock(row, sentence) {
    row.classList.add("refused");
    row.querySelector(".meta").remove();
    row.querySelector(".file-name").replaceWith(alarm(sentence));
  }

  function told(answer) {
    return [answer.size, answer.note].filter(Boolean).join(" · ");
  }

  function refuse(row, sentence) {
    row.classList.remove("sending");
    row.classList.add("refused");
    row.replaceChildren(alarm(sentence));
  }

  function tell(sentence) {
    let line = field.querySelector("[data-told]");
    if (!line) {
      line = part("p", "hint", "");
      line.dataset.told = "";
      line.setAttribute("role", "status");
      list.after(line);
    }
    line.textContent = sentence;
  }
}

function part(tag, name, words) {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = words;
  return made;
}

function alarm(sentence) {
  const made = part("span", "file-name", sentence);
  made.setAttribute("role", "alert");
  return made;
}

function button(words, about) {
  const made = part("button", "quiet", words);
  made.type = "button";
  made.append(part("span", "unseen", ` ${about}`));
  return made;
}
