"use strict";
// The form works without this. It keeps what is typed while it is typed, prints, and sends nothing twice.
(function () {
  const form = document.querySelector("form[data-saves]");
  let waiting = 0;
  let unsaved = false;
  let leaving = false;

  function save() {
    if (leaving || !form) return;
    unsaved = false;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("go", "save");
    fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: fields,
      credentials: "same-origin",
      keepalive: true,
    }).catch(function () {});
  }

  function soon(event) {
    if (event.isComposing) return;
    unsaved = true;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(save, event.type === "change" ? 0 : 1500);
  }

  if (form) {
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
  }

  for (const each of document.forms) {
    each.addEventListener("submit", function (event) {
      if (leaving) {
        event.preventDefault();
        return;
      }
      leaving = true;
      window.clearTimeout(waiting);
    });
  }
  // Whoever goes back by the browser's own way has not said so before.
  window.addEventListener("pagehide", function () {
    if (unsaved) save();
  });
  window.addEventListener("pageshow", function () {
    leaving = false;
  });

  for (const button of document.querySelectorAll("[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  }
})();
