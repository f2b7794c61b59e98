// Files are sent as soon as they are chosen, one after the other, each with its progress.

export function enhance(input) {
  const list = input.closest(".field").querySelector("[data-files]");
  const form = input.form;
  const waiting = [];
  let busy = false;

  input.addEventListener("change", () => {
    for (const file of input.files) waiting.push({ file, row: rowFor(file.name) });
    input.value = "";
    next();
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });

  function next() {
    if (busy || !waiting.length) return;
    const { file, row } = waiting.shift();
    if (file.size > Number(input.dataset.limit)) {
      refuse(row, input.dataset.tooLarge.replace("{name}", file.name));
      next();
      return;
    }
    busy = true;
    send(file, row).finally(() => {
      busy = false;
      next();
    });
  }

  function rowFor(name) {
    const row = document.createElement("li");
    const label = document.createElement("span");
    const bar = document.createElement("progress");
    row.className = "file sending";
    label.className = "file-name";
    label.textContent = name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    row.append(label, bar);
    list.append(row);
    return row;
  }

  function send(file, row) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      const data = new FormData();
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
        else refuse(row, answer.refused ?? input.dataset.failed.replace("{name}", file.name));
        done();
      });
      for (const end of ["error", "abort", "timeout"]) {
        request.addEventListener(end, () => {
          refuse(row, input.dataset.failed.replace("{name}", file.name));
          done();
        });
      }
      request.open("POST", input.dataset.uploadsTo);
      request.send(data);
    });
  }

  function accept(row, answer) {
    const name = document.createElement("span");
    const size = document.createElement("span");
    name.className = "file-name";
    name.textContent = answer.name;
    size.className = "meta";
    size.textContent = answer.size;
    row.classList.remove("sending");
    row.replaceChildren(name, size);
    if (input.dataset.remove) {
      const remove = document.createElement("button");
      remove.type = "submit";
      remove.className = "quiet";
      remove.name = "do";
      remove.value = `remove-file:${answer.id}`;
      remove.textContent = input.dataset.remove;
      row.append(remove);
    }
    if (input.dataset.keepsAs) {
      const kept = document.createElement("input");
      kept.type = "hidden";
      kept.name = input.dataset.keepsAs;
      kept.value = answer.id;
      row.append(kept);
    }
  }

  function refuse(row, words) {
    row.classList.remove("sending");
    row.classList.add("refused");
    row.setAttribute("role", "alert");
    row.textContent = words;
  }
}
