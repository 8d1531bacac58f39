"use strict";
// The desk by keyboard: answers are sent as soon as they are typed, one after the other; everything shown is put in as
// text. What is judged, offered or promised is decided by the server alone.

(function () {
  const by = function (id) { return document.getElementById(id); };
  const call = by("call");
  let token = (call || by("lists") || document.body).dataset.token || "";

  // -- talking to the server -----------------------------------------------------------------------------------------

  function send(path, fields, revision) {
    const headers = {"Content-Type": "application/json", "Accept": "application/json", "X-Token": token};
    if (revision) { headers["If-Match"] = '"' + revision + '"'; }
    return fetch(path, {method: "POST", headers: headers, body: JSON.stringify(fields), credentials: "same-origin"});
  }

  // A part of the page, or (where there is none) what to say about it.
  function isPart(answer) { return (answer.headers.get("content-type") || "").startsWith("text/html"); }

  function newKey() {
    const bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function element(tag, text, kind) {
    const made = document.createElement(tag);
    if (text) { made.textContent = text; }
    if (kind) { made.className = kind; }
    return made;
  }

  // A key that belongs to an input method that is still composing is none of ours.
  function composing(event) { return event.isComposing || event.keyCode === 229; }

  function typing(target) { return target.matches && target.matches("input, textarea, select"); }

  // -- everywhere: search, and the keys that lead from page to page ----------------------------------------------------

  const found = by("found"), search = by("search");
  let asked = 0;

  function closeFound() {
    if (found) { found.hidden = true; found.replaceChildren(); }
  }

  function look() {
    const text = search.value.trim(), mine = asked += 1;
    if (text.length < 2) { closeFound(); return Promise.resolve(); }
    return send("/desk/search", {text: text}).then(function (answer) {
      return isPart(answer) ? answer.text() : answer.json().then(function (told) {
        if (told.field) { search.value = ""; }
        found.replaceChildren(element("p", told.sentence + " " + told.action, "notice notice-warn"));
        found.hidden = false;
        return null;
      });
    }).then(function (html) {
      if (mine !== asked || html === null) { return; }
      const parts = new DOMParser().parseFromString(html, "text/html");
      found.replaceChildren.apply(found, Array.from(parts.body.childNodes));
      found.hidden = false;
    });
  }

  if (search) {
    let waiting = 0;
    search.addEventListener("input", function (event) {
      if (event.isComposing) { return; }
      clearTimeout(waiting);
      waiting = setTimeout(look, 200);
    });
    search.addEventListener("compositionend", look);
    by("search-form").addEventListener("submit", function (event) {
      event.preventDefault();
      clearTimeout(waiting);
      look().then(function () { const first = found.querySelector("a"); if (first) { first.focus(); } });
    });
    by("search-form").parentElement.addEventListener("keydown", function (event) {
      if (composing(event) || found.hidden) { return; }
      const links = Array.from(found.querySelectorAll("a")), at = links.indexOf(document.activeElement);
      if (event.key === "Escape") { closeFound(); search.focus(); event.preventDefault(); }
      if (event.key === "ArrowDown" && links.length) { links[(at + 1) % links.length].focus(); event.preventDefault(); }
      if (event.key === "ArrowUp" && links.length) { links[(at - 1 + links.length) % links.length].focus(); event.preventDefault(); }
      if (at >= 0 && /^[1-9]$/.test(event.key) && links[Number(event.key) - 1]) { links[Number(event.key) - 1].click(); }
    });
  }

  document.addEventListener("keydown", function (event) {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) { return; }
    const go = {F9: "/desk", F7: "/desk/waiting", F8: "/desk/calls"}[event.key];
    if (go && search) { event.preventDefault(); leave(go); }
    if (event.key === "F4" && search) { event.preventDefault(); search.focus(); search.select(); }
  });

  let leave = function (to) { window.location.assign(to); };

  if (by("print")) { by("print").addEventListener("click", function () { window.print(); }); }

  // -- the lists of calls: one key, one outcome -------------------------------------------------------------------------

  const calls = by("calls");
  if (calls) {
    const rows = function () { return Array.from(calls.querySelectorAll(".call")); };
    const pending = new WeakMap();

    function keep(row, button) {
      const outcome = button.dataset.outcome, problem = by("problem");
      if (outcome === "cancelled" && !pending.has(row)) {
        pending.set(row, row.querySelector(".outcome").textContent);
        row.querySelector(".outcome").textContent = by("lists").dataset.saySure;
        return;
      }
      pending.delete(row);
      button.disabled = true;
      send("/desk/calls/" + encodeURIComponent(row.dataset.reference), {outcome: outcome, _key: newKey()}).then(function (answer) {
        return answer.json().then(function (told) {
          button.disabled = false;
          if (!answer.ok) { problem.textContent = told.sentence + " " + told.action; problem.hidden = false; return; }
          problem.hidden = true;
          row.querySelector(".outcome").textContent = told.words + " (" + told.attempts + ")";
          settle(row, told.settled);
        });
      });
    }

    // Who was reached goes to the end of the list, and the hands to whoever is to be phoned next.
    function settle(row, done) {
      const inside = row.contains(document.activeElement), list = rows(), at = list.indexOf(row);
      const next = list.slice(at + 1).concat(list.slice(0, at)).find(function (other) { return !other.classList.contains("is-done"); });
      const was = row.classList.contains("is-done");
      row.classList.toggle("is-done", done);
      if (!done || was) { return; }
      row.parentElement.append(row);
      if (inside) { (next || row).focus(); }
    }

    calls.addEventListener("click", function (event) {
      const button = event.target.closest("button[data-outcome]");
      if (button) { keep(button.closest(".call"), button); }
    });
    calls.addEventListener("keydown", function (event) {
      const row = event.target.closest(".call");
      if (!row || composing(event)) { return; }
      const buttons = row.querySelectorAll("button[data-outcome]");
      if (/^[1-9]$/.test(event.key) && buttons[Number(event.key) - 1]) { keep(row, buttons[Number(event.key) - 1]); event.preventDefault(); }
      const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
      const beside = step && rows()[rows().indexOf(row) + step];
      if (beside) { beside.focus(); event.preventDefault(); }
      if (event.key === "Escape" && pending.has(row)) { row.querySelector(".outcome").textContent = pending.get(row); pending.delete(row); }
      if (event.key === "Enter" && event.target === row && row.dataset.open) { leave(row.dataset.open); }
    });
    if (rows().length) { rows()[0].focus(); }
  }

  if (!call) { return; }

  // -- one call ----------------------------------------------------------------------------------------------------------

  const say = call.dataset;
  const answers = by("answers"), saved = by("saved"), ask = by("ask"), windows = by("windows");
  const fields = Array.from(answers.querySelectorAll("input, select"));
  let reference = say.reference, revision = say.revision, state = null;
  let known = {};  // what the server has, by field
  const unsaved = new Map();  // what was typed and has not been kept yet
  let queue = Promise.resolve();
  let held = null, heldUntil = 0, armed = null, windowsFor = "", windowsAsked = 0, questionsShown = "", finished = false;

  fields.forEach(function (field) { known[field.name] = field.value; });

  function record(path) { return "/desk/b/" + encodeURIComponent(reference) + path; }

  // Writes go one after the other, so that each knows the revision the one before has made.
  function inTurn(step) {
    queue = queue.then(step, step);
    return queue;
  }

  function tell(text, bad) {
    saved.textContent = text;
    saved.classList.toggle("error", Boolean(bad));
  }

  // The page stays, and with it what was typed; signing in happens beside it.
  function askToSignIn(told) {
    const isNews = !saved.querySelector("a"), link = element("a", say.saySignIn);
    link.href = "/login";
    link.target = "_blank";
    link.rel = "noopener";
    tell(told.sentence + " " + told.action + " ", true);
    saved.append(link);
    if (isNews) { link.focus(); }  // asked again from time to time, it takes nobody's hands off a field
  }

  // What the clerk says next stands where the questions stand.
  function sayLoud(text) {
    tell(text);
    ask.textContent = text;
  }

  function problem(told) {
    const box = by("whynot");
    box.textContent = [told.sentence].concat(told.details || [], told.action || []).join(" ").trim();
    box.hidden = false;
  }

  function calm() { by("whynot").hidden = true; }

  // -- answers -------------------------------------------------------------------------------------------------------------

  function keepAnswer(field) {
    if (failed) { tryAgain(); return; }
    if (field.value === (unsaved.has(field.name) ? unsaved.get(field.name) : known[field.name] || "")) { return; }
    unsaved.set(field.name, field.value);
    tell(say.saySaving);
    inTurn(function () { return saveAnswers({}); });
  }

  // What could not be sent is sent again: by Enter, when the network is back, and from time to time.
  let failed = false, signedOut = false;

  function tryAgain() {
    fields.forEach(function (field) {
      if (field.value !== (unsaved.has(field.name) ? unsaved.get(field.name) : known[field.name] || "")) { unsaved.set(field.name, field.value); }
    });
    return inTurn(function () { return (signedOut ? renewed() : Promise.resolve()).then(function () { return saveAnswers({}); }); });
  }

  // Whoever signed in again in another tab has another token.
  function renewed() {
    return fetch("/desk", {credentials: "same-origin"}).then(function (answer) { return answer.text(); }).then(function (html) {
      const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("call");
      if (fresh) { token = fresh.dataset.token; }
    }, function () { return undefined; });
  }

  window.addEventListener("online", function () { if (failed) { tryAgain(); } });

  function saveAnswers(more) {
    const sent = Object.assign(Object.fromEntries(unsaved), more);
    if (!Object.keys(sent).length) { return Promise.resolve(); }
    const first = !reference;
    if (first && Object.keys(sent).every(function (name) { return !String(sent[name]).trim(); })) { unsaved.clear(); return Promise.resolve(); }
    if (first) { sent._key = say.key; }
    return send(first ? "/desk/b" : record("/answers"), sent, first ? "" : revision).then(function (answer) {
      return answer.json().then(function (told) { return answered(answer, told, sent); });
    }, function () { failed = true; tell(say.sayOffline, true); });
  }

  function answered(answer, told, sent) {
    signedOut = answer.status === 401 || answer.status === 403;
    failed = signedOut || answer.status >= 500;
    if (answer.ok) {
      Object.keys(sent).forEach(function (name) {
        if (unsaved.get(name) === sent[name]) { unsaved.delete(name); }
      });
      calm();
      by("diff").hidden = true;
      tell(say.saySaved);
      show(told);
      if (told.candidates && told.candidates.length) { showQuestions(told, true); }
      return undefined;
    }
    if (answer.status === 412) { return differs(told.state, sent); }
    if (answer.status === 401) { askToSignIn(told); return undefined; }
    if (told.field) {  // what must not be kept is neither kept nor shown any longer
      const field = answers.elements[told.field];
      unsaved.delete(told.field);
      if (field) {
        field.value = known[told.field] || "";
        mark(told.field, "error", told.sentence);
        field.focus();
      }
      tell(told.sentence, true);
      return unsaved.size ? saveAnswers({}) : undefined;
    }
    tell(say.sayUnsaved + " " + told.sentence, true);
    problem(told);
    if (answer.status === 409) {  // it would break the promise: nothing has changed, and nothing shown says otherwise
      Object.keys(sent).forEach(function (name) {
        unsaved.delete(name);
        if (answers.elements[name]) { answers.elements[name].value = known[name] || ""; }
      });
      if (told.state) { show(told.state); }
      loadWindows();
    }
    return undefined;
  }

  // Somebody else has changed the booking meanwhile. Where it is other answers than ours, ours are sent again on top.
  function differs(now, sent) {
    const clash = Object.keys(sent).filter(function (name) {
      return answers.elements[name] && (now.answers[name] || "") !== (known[name] || "") && (now.answers[name] || "") !== sent[name];
    });
    revision = String(now.revision);
    const others = changedBySomebody(now);
    if (!clash.length) {
      if (others.length) { showDiff(now, others, []); }
      show(now);
      return saveAnswers({});
    }
    showDiff(now, others, clash);
    return undefined;
  }

  // The answers that are not as this page last knew them.
  function changedBySomebody(now) {
    return Object.keys(now.answers).filter(function (name) { return (now.answers[name] || "") !== (known[name] || ""); });
  }

  function showDiff(now, others, clash) {
    const box = by("diff"), last = now.history[0];
    box.replaceChildren(element("p", say.sayDiff + (last ? " " + last.who + " " + last.at : "")));
    const list = element("dl");
    others.forEach(function (name) {
      list.append(element("dt", labelOf(name)));
      list.append(element("dd", (known[name] || say.sayEmpty) + " → " + (now.answers[name] || say.sayEmpty)));
    });
    box.append(list);
    if (clash.length) {
      const mine = element("button", say.sayMine, "button"), theirs = element("button", say.sayTheirs, "button button-quiet");
      mine.type = theirs.type = "button";
      mine.addEventListener("click", function () { box.hidden = true; inTurn(function () { return saveAnswers({}); }); });
      theirs.addEventListener("click", function () {
        clash.forEach(function (name) { unsaved.delete(name); });
        box.hidden = true;
        show(now);
      });
      box.append(mine, theirs);
      box.hidden = false;
      mine.focus();
    } else {
      const well = element("button", "OK", "button button-quiet");
      well.type = "button";
      well.addEventListener("click", function () { box.hidden = true; });
      box.append(well);
      box.hidden = false;
    }
  }

  function labelOf(name) {
    const field = answers.elements[name];
    return field ? field.labels[0].textContent.replace("*", "").trim() : name;
  }

  function mark(name, severity, text) {
    const shown = by("m-" + name);
    if (!shown) { return; }
    shown.textContent = text;
    shown.title = text;
    shown.className = "mark" + (severity ? " " + severity : "");
    const field = answers.elements[name];
    if (severity === "error") { field.setAttribute("aria-invalid", "true"); } else { field.removeAttribute("aria-invalid"); }
  }

  // -- what the server says, put on the page ---------------------------------------------------------------------------------

  function show(now) {
    const place = state && state.address ? state.address.words : "";
    state = now;
    if (!reference) {
      reference = now.reference;
      window.history.replaceState(null, "", record(""));
      document.title = reference;
    }
    revision = String(now.revision);
    by("reference").textContent = now.reference;
    by("status").textContent = now.status_words;
    // A text with an illness in it is not kept; it stays here to be put right.
    const toPutRight = now.findings.filter(function (finding) { return finding.code === "DIAGNOSIS_WORD" && !finding.accepted_by; }).map(function (finding) { return finding.field; });
    fields.forEach(function (field) {
      const value = now.answers[field.name] || "";
      if (!value && toPutRight.includes(field.name)) { known[field.name] = value; return; }
      if (!unsaved.has(field.name) && field !== document.activeElement) { field.value = value; }
      if (!unsaved.has(field.name) && field === document.activeElement && field.value === (known[field.name] || "")) { field.value = value; }
      known[field.name] = value;
    });
    showFindings(now);
    by("readback").textContent = now.address ? now.address.words : "-";
    by("level").textContent = now.address ? now.address.level : "";
    if ((now.address ? now.address.words : "") !== place) { showMap(); }
    showQuestions(now, false);
    showKept(now);
    showOthers(now);
    const beside = by("beside");
    beside.hidden = !now.beside.length;
    beside.textContent = now.beside_words;
    const wrong = now.findings.some(function (finding) { return finding.severity === "error" && ["people", "under_15", "address", "wishes"].includes(finding.field); });
    const wants = !wrong && now.address && now.answers.people && ["draft", "requested", "held", "confirmed", "no_show", "unmet"].includes(now.status);
    const asksFor = wants ? JSON.stringify([now.answers.address, now.address.lat, now.answers.people, now.answers.under_15, now.answers.access, now.answers.needs, now.answers.visit_type, now.answers.wishes, now.status]) : "";
    if (asksFor !== windowsFor) { windowsFor = asksFor; if (wants) { loadWindows(); } }
    by("decline").parentElement.hidden = now.status !== "requested";
  }

  function showFindings(now) {
    const told = {};
    now.findings.forEach(function (finding) {
      const rank = {error: 3, confirm: 2, warning: 1}[finding.severity];
      if (!told[finding.field] || rank > told[finding.field].rank) { told[finding.field] = {rank: rank, finding: finding}; }
    });
    fields.forEach(function (field) {
      const worst = told[field.name];
      if (worst) {
        const done = worst.finding.accepted_by ? "accepted" : worst.finding.severity;
        mark(field.name, done, worst.finding.severity_words + " " + worst.finding.sentence + " " + worst.finding.action);
      } else if (now.open_answers.includes(field.name)) {
        mark(field.name, "open", say.sayOpen);
      } else {
        mark(field.name, "", "");
      }
    });
  }

  function showQuestions(now, urgent) {
    const list = by("questions");
    const items = [];
    (now.candidates || []).forEach(function (town, at) {
      const button = element("button", "", "button button-quiet");
      button.type = "button";
      button.append(element("span", String(at + 1), "key"), " " + town.town + " " + town.kana);
      button.addEventListener("click", function () { inTurn(function () { return saveAnswers({_town: town.town}); }); });
      items.push(button);
    });
    if (items.length) { items.unshift(element("p", say.sayWhich)); }
    now.findings.filter(function (finding) { return finding.severity === "confirm" && !finding.accepted_by; }).forEach(function (finding) {
      const line = element("div", "", "question");
      line.append(element("p", finding.sentence + " " + finding.action));
      const why = finding.needs_reason ? element("input") : null;
      if (why) { why.setAttribute("aria-label", say.sayWhy); why.placeholder = say.sayWhy; why.className = "reason"; line.append(why); }
      const button = element("button", say.sayAccept, "button");
      button.type = "button";
      button.addEventListener("click", function () {
        const more = {_accept: finding.code};
        if (why) { more._reason = why.value; if (!why.value.trim()) { why.focus(); return; } }
        inTurn(function () { return saveAnswers(more); });
      });
      if (why) { why.addEventListener("keydown", function (event) { if (event.key === "Enter" && !composing(event)) { event.preventDefault(); button.click(); } }); }
      line.append(button);
      items.push(line);
    });
    const shown = JSON.stringify([now.candidates || [], now.findings.map(function (f) { return [f.code, f.field, f.accepted_by]; })]);
    if (!urgent && shown === questionsShown) { return; }
    if (!urgent && !now.candidates && list.querySelector(".key") && items.length === 0 && state.findings.some(function (f) { return f.field === "address" && f.severity !== "warning"; })) { return; }
    questionsShown = shown;
    const wasInside = list.contains(document.activeElement) || document.activeElement === document.body;
    list.replaceChildren.apply(list, items.map(function (item) { const li = element("li"); li.append(item); return li; }));
    if (wasInside) { (list.querySelector("button, input") || windows).focus(); }
  }

  function showOthers(now) {
    by("others").replaceChildren.apply(by("others"), now.others.map(function (other) {
      const li = element("li"), link = element("a", other.reference);
      link.href = "/desk/b/" + encodeURIComponent(other.reference);
      li.append(link, " " + other.words);
      return li;
    }));
    by("history").replaceChildren.apply(by("history"), now.history.map(function (change) {
      return element("li", change.at + " " + change.who + " " + change.words);
    }));
  }

  function showMap() {
    const frame = by("pin");
    frame.src = state && state.address ? "/desk/pin/" + encodeURIComponent(reference) : frame.dataset.src;
  }

  window.addEventListener("message", function (event) {
    const pin = event.source === by("pin").contentWindow && event.data && event.data.pin;
    if (!Array.isArray(pin) || pin.length !== 2 || !pin.every(Number.isFinite)) { return; }
    if (reference) { inTurn(function () { return saveAnswers({_pin: pin[0].toFixed(6) + "," + pin[1].toFixed(6)}); }); }
  });

  // -- windows, the hold and its clock ------------------------------------------------------------------------------------------

  function loadWindows() {
    if (!reference) { return Promise.resolve(); }
    const mine = windowsAsked += 1;
    windows.setAttribute("aria-busy", "true");
    if (!windows.querySelector(".win")) { windows.replaceChildren(element("p", say.sayThinking, "hint")); }
    return send(record("/windows"), {wish: by("wish").value}).then(function (answer) {
      const part = isPart(answer);
      return (part ? answer.text() : answer.json()).then(function (got) {
        if (mine !== windowsAsked) { return; }
        windows.removeAttribute("aria-busy");
        if (!part && got.field) { by("wish").value = ""; }
        if (!part) { windows.replaceChildren(element("p", got.sentence + " " + got.action, "notice notice-warn")); return; }
        const inside = windows.contains(document.activeElement);
        const parts = new DOMParser().parseFromString(got, "text/html");
        windows.replaceChildren.apply(windows, Array.from(parts.body.childNodes));
        showHeldWindow();
        if (inside) { windows.focus(); }
      });
    }, function () { windows.removeAttribute("aria-busy"); tell(say.sayOffline, true); });
  }

  function showHeldWindow() {
    windows.querySelectorAll(".win").forEach(function (win) {
      const same = held && win.dataset.date === held.date && Number(win.dataset.opens) === held.opens_s;
      win.classList.toggle("is-held", Boolean(same));
    });
  }

  function choose(win) {
    if (win.dataset.move && armed !== win) {  // a promise is not moved by one slip of a finger
      armed = win;
      windows.querySelectorAll(".is-armed").forEach(function (other) { other.classList.remove("is-armed"); });
      win.classList.add("is-armed");
      win.focus();
      tell(say.sayMove);
      return;
    }
    armed = null;
    const where = win.dataset.site ? {site: win.dataset.site, start_s: win.dataset.start} : {date: win.dataset.date, opens_s: win.dataset.opens, closes_s: win.dataset.closes};
    const path = win.dataset.move ? "/move" : "/hold", key = newKey();
    inTurn(function () { return promise(path, Object.assign(where, {_key: key}), false); });
  }

  function promise(path, body, again) {
    return send(record(path), body, revision).then(function (answer) {
      return answer.json().then(function (told) {
        if (answer.ok) {
          calm();
          finished = path !== "/hold";
          show(told);
          if (told.told) { problem({sentence: told.told}); }
          if (path === "/hold") { by("confirm").focus(); }
          if (path === "/move") { sayLoud(say.sayMoved); by("paper").focus(); }
          return undefined;
        }
        if (answer.status === 412 && told.state) {
          const others = changedBySomebody(told.state);
          revision = String(told.state.revision);
          if (!others.length && !again) { return promise(path, body, true); }
          showDiff(told.state, others, []);
        }
        problem(told);
        if (told.state) { show(told.state); }
        if (answer.status === 409) { return loadWindows().then(function () { windows.focus(); }); }
        return undefined;
      });
    }, function () { tell(say.sayOffline, true); });
  }

  function showKept(now) {
    held = now.kept;
    const box = by("kept"), isHold = held && held.seconds_left !== null;
    box.hidden = !held;
    showHeldWindow();
    if (!held) { return; }
    by("kept-when").textContent = held.words;
    by("kept-say").textContent = held.say + " " + held.spelt;
    by("confirm").hidden = !isHold;
    const paper = by("paper");
    paper.hidden = isHold;
    if (!isHold) { paper.href = record("/paper"); }
    heldUntil = isHold ? performance.now() + 1000 * held.seconds_left : 0;
    box.classList.toggle("is-promised", !isHold);
    by("clock").textContent = "";
    tick();
  }

  function tick() {
    if (!heldUntil) { return; }
    const left = Math.max(0, Math.round((heldUntil - performance.now()) / 1000));
    by("clock").textContent = left ? say.sayLeft.replace("0:00", Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0")) : say.sayOver;
    by("clock").classList.toggle("is-short", left < 120);
  }
  setInterval(tick, 500);

  by("confirm").addEventListener("click", function () {
    const key = newKey();
    inTurn(function () { return promise("/confirm", {_key: key}, false); }).then(function () {
      if (finished) { sayLoud(say.sayConfirmed); by("paper").focus(); }
    });
  });

  // Ending a booking asks why, in a line of its own.
  let ending = "";
  function askWhy(path, label) {
    ending = path;
    by("why-of").textContent = label + ":";
    by("why-form").hidden = false;
    by("why").value = "";
    by("why").focus();
  }
  by("cancel").addEventListener("click", function () { askWhy("/cancel", by("cancel").lastChild.textContent.trim()); });
  by("decline").addEventListener("click", function () { askWhy("/decline", by("decline").lastChild.textContent.trim()); });
  by("why-form").addEventListener("submit", function (event) {
    event.preventDefault();
    const path = ending, why = by("why").value.trim(), key = newKey();
    if (!why) { tell(say.sayReason, true); by("why").focus(); return; }
    by("why-form").hidden = true;
    inTurn(function () { return promise(path, {why: why, _key: key}, false); });
  });
  by("why").addEventListener("keydown", function (event) {
    if (event.key === "Escape") { by("why-form").hidden = true; windows.focus(); }
  });

  by("wish").addEventListener("change", loadWindows);

  // -- the keys -------------------------------------------------------------------------------------------------------------------

  function asksNext(field) {
    const at = fields.indexOf(field);
    const open = state ? state.open_answers : [];
    return fields.slice(at + 1).find(function (next) { return !next.closest(".q-more") || open.includes(next.name); });
  }

  function onward(field) {
    const next = asksNext(field);
    if (next) { next.focus(); if (next.select) { next.select(); } } else { windows.focus(); }
  }

  answers.addEventListener("focusin", function (event) { ask.textContent = event.target.dataset.ask || ask.textContent; });
  answers.addEventListener("change", function (event) { keepAnswer(event.target); });
  answers.addEventListener("submit", function (event) { event.preventDefault(); });
  answers.addEventListener("keydown", function (event) {
    const field = event.target;
    if (composing(event)) { return; }
    if (field.tagName === "SELECT" && /^[0-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      if (field.options[Number(event.key)]) {
        field.value = field.options[Number(event.key)].value;
        keepAnswer(field);
        onward(field);
      }
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (field.name === "address" && pickTown()) { return; }
      if (field.name === "address") { closeTowns(); }
      keepAnswer(field);
      onward(field);
    }
    if (field.name === "address") { inTowns(event); }
  });

  // Digits hold a window wherever nothing is being typed; F2 leads to the windows, F6 to what is asked.
  document.addEventListener("keydown", function (event) {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (event.key === "Escape" && !by("diff").hidden && !by("diff").querySelector(".button:not(.button-quiet)")) { by("diff").hidden = true; }
    if (event.key === "Escape" && armed) { armed.classList.remove("is-armed"); armed = null; tell(""); }
    if (event.key === "F2") { event.preventDefault(); windows.focus(); }
    if (event.key === "F6") { event.preventDefault(); (by("questions").querySelector("button, input") || by("questions")).focus(); }
    if (!/^[1-9]$/.test(event.key) || typing(event.target) || (found && found.contains(event.target))) { return; }
    if (by("questions").contains(event.target)) {
      const towns = Array.from(by("questions").querySelectorAll("button .key"));
      if (towns[Number(event.key) - 1]) { event.preventDefault(); towns[Number(event.key) - 1].closest("button").click(); return; }
    }
    const win = windows.querySelector('.win[data-key="' + event.key + '"]');
    if (win) { event.preventDefault(); choose(win); }
  });

  // Letters do the rest where nothing is being typed: W another wish, C cancel, N none suited.
  document.addEventListener("keydown", function (event) {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) { return; }
    const doer = {w: "wish", c: "cancel", n: "decline"}[event.key.toLowerCase()];
    if (!doer || by(doer).offsetParent === null) { return; }
    event.preventDefault();
    if (doer === "wish") { by("wish").focus(); by("wish").select(); } else { by(doer).click(); }
  });
  by("wish").addEventListener("keydown", function (event) {
    if (!composing(event) && (event.key === "Enter" || event.key === "Escape")) { event.preventDefault(); windows.focus(); }
  });
  windows.addEventListener("click", function (event) {
    const win = event.target.closest(".win");
    if (win) { choose(win); }
  });

  // -- towns while the address is typed ---------------------------------------------------------------------------------------------

  const towns = by("towns"), address = answers.elements.address;
  let townsAsked = 0, townsWait = 0, townAt = -1;

  function closeTowns() {
    townsAsked += 1;
    townAt = -1;
    towns.hidden = true;
    towns.replaceChildren();
    address.setAttribute("aria-expanded", "false");
    address.removeAttribute("aria-activedescendant");
  }

  function suggest() {
    const text = address.value.trim(), mine = townsAsked += 1;
    if (!text || /[0-9０-９]/.test(text)) { closeTowns(); return; }
    send("/desk/towns", {text: text}).then(function (answer) { return answer.ok ? answer.json() : {towns: []}; }).then(function (told) {
      if (mine !== townsAsked) { return; }
      towns.replaceChildren.apply(towns, told.towns.map(function (town, at) {
        const li = element("li", town.town + " " + town.kana);
        li.id = "town-" + at;
        li.setAttribute("role", "option");
        li.dataset.town = town.town;
        return li;
      }));
      townAt = -1;
      towns.hidden = !told.towns.length;
      address.setAttribute("aria-expanded", String(!towns.hidden));
    });
  }

  function pickTown() {
    const chosen = towns.children[townAt];
    if (towns.hidden || !chosen) { return false; }
    address.value = chosen.dataset.town;
    closeTowns();
    return true;
  }

  function inTowns(event) {
    if (towns.hidden) { return; }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (event.key === "Escape") { closeTowns(); }
    if (!step) { return; }
    event.preventDefault();
    townAt = (townAt + step + towns.children.length) % towns.children.length;
    Array.from(towns.children).forEach(function (li, at) { li.setAttribute("aria-selected", String(at === townAt)); });
    address.setAttribute("aria-activedescendant", "town-" + townAt);
  }

  address.addEventListener("input", function (event) {
    if (event.isComposing) { return; }
    clearTimeout(townsWait);
    townsWait = setTimeout(suggest, 150);
  });
  address.addEventListener("compositionend", suggest);
  address.addEventListener("blur", function () { setTimeout(closeTowns, 150); });
  towns.addEventListener("mousedown", function (event) {
    const li = event.target.closest("li");
    if (li) { event.preventDefault(); townAt = Array.from(towns.children).indexOf(li); pickTown(); }
  });

  // -- beginning, and seeing what others do -----------------------------------------------------------------------------------------

  function refresh() {
    if (failed && !document.hidden) { tryAgain(); return; }
    if (!reference || document.hidden || unsaved.size) { return; }
    inTurn(function () {
      return fetch(record("/state"), {headers: {"Accept": "application/json"}, credentials: "same-origin"}).then(function (answer) {
        return answer.ok ? answer.json().then(function (now) {
          const others = changedBySomebody(now);
          if (state && String(now.revision) !== revision && others.length) { showDiff(now, others, []); }
          show(now);
        }) : undefined;
      }, function () { tell(say.sayOffline, true); });
    });
  }
  setInterval(refresh, 10000);

  leave = function (to) {
    if (document.activeElement && document.activeElement.form === answers) { keepAnswer(document.activeElement); }
    inTurn(function () { if (!unsaved.size) { window.location.assign(to); } });
  };
  window.addEventListener("beforeunload", function (event) { if (unsaved.size) { event.preventDefault(); } });

  showMap();
  if (reference) { refresh(); windows.focus(); } else { fields[0].focus(); }
}());
