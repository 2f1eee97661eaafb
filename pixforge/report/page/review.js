"use strict";
// The records come from review-data.js; pictures are drawn on canvases, cell by cell, frame by frame.
(() => {
  const data = window.PIXFORGE_REVIEW || { title: "", subjects: [] };
  const meanings = window.PIXFORGE_MEANINGS;
  const better = new Set(["silhouette", "outline"]); // the higher the better
  const element = (id) => document.getElementById(id);
  const store = `pixforge-picks:${data.title}:${location.pathname}`;
  const subjects = data.subjects;
  let shown = subjects.slice();
  let open = -1; // index in `shown` of the picture in the dialog
  let way = 0;
  let frame = 0;
  let timer = 0;

  const make = (tag, values = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), values);
    node.append(...children);
    return node;
  };

  // Picks: name -> label of the way.
  const picks = (() => {
    try { return JSON.parse(localStorage.getItem(store)) || {}; } catch { return {}; }
  })();
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(picks)); } catch { /* private window */ } };
  const picked = (subject) => subject.variants.findIndex((one) => one.label === picks[subject.name]);
  const chosen = (subject) => subject.variants[Math.max(0, picked(subject))];

  // Pictures, loaded once; a few hundred are kept.
  const images = new Map();
  const image = (file) => {
    let found = images.get(file);
    if (!found) {
      if (images.size > 400) images.delete(images.keys().next().value);
      found = new Promise((done) => {
        const picture = new Image();
        picture.onload = () => done(picture);
        picture.onerror = () => done(null);
        picture.src = file;
      });
      images.set(file, found);
    }
    return found;
  };
  const place = (film, index) => [index % film.columns * film.width, Math.floor(index / film.columns) * film.height];

  async function draw(canvas, film, index, ghosts = []) {
    canvas.dataset.state = "drawing";
    const picture = await image(film.file);
    if (!picture) { canvas.dataset.state = "missing"; return; }
    canvas.width = film.width;
    canvas.height = film.height;
    const pen = canvas.getContext("2d");
    for (const [ghost, strength] of [...ghosts, [index, 1]]) {
      if (ghost < 0 || ghost >= film.durations.length) continue;
      pen.globalAlpha = strength;
      pen.drawImage(picture, ...place(film, ghost), film.width, film.height, 0, 0, film.width, film.height);
    }
    canvas.dataset.state = "drawn";
  }
  const canvas = (film, cells, label) => {
    const node = make("canvas", { className: cells ? "cells" : "" });
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", label);
    if (film) draw(node, film, 0);
    return node;
  };

  // In the list a still is an image of the browser's own, decoded beside the page's thread; of a clip its first frame is drawn.
  const thumbnail = (film, cells, label) => {
    if (!film || film.durations.length > 1) return canvas(film, cells, label);
    return make("img", { className: cells ? "cells" : "", alt: label, decoding: "async", draggable: false, src: film.file });
  };

  // The list: only the rows that can be seen are there, and a card is laid out once.
  const list = element("list");
  const rows = element("rows");
  const cards = new Map();
  const size = () => {
    const width = list.clientWidth - 16;
    const columns = Math.max(1, Math.floor(width / 244));
    return { columns, width: Math.floor(width / columns), height: 190 };
  };
  let grid = ""; // what the cards were laid out for
  function layOut(most = Infinity) { // most: cards made at once; the others follow with the next frame
    const { columns, width, height } = size();
    const now = `${columns} ${width} ${shown.length}`;
    if (now !== grid) {
      grid = now;
      rows.style.height = `${Math.ceil(shown.length / columns) * height + 8}px`;
      for (const node of cards.values()) node.remove();
      cards.clear();
    }
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 2) * columns;
    const last = Math.min(shown.length, (Math.ceil((list.scrollTop + list.clientHeight) / height) + 2) * columns);
    for (const [index, node] of cards) if (index < first || index >= last) { node.remove(); cards.delete(index); }
    const fresh = document.createDocumentFragment();
    for (let index = first; index < last; index++) {
      if (cards.has(index)) continue;
      if (fresh.childElementCount === most) { requestAnimationFrame(() => layOut(most)); break; }
      const node = card(shown[index], index);
      Object.assign(node.style, {
        left: `${8 + index % columns * width}px`, top: `${8 + Math.floor(index / columns) * height}px`,
        width: `${width - 8}px`, height: `${height - 8}px`,
      });
      cards.set(index, node);
      fresh.append(node);
    }
    rows.append(fresh);
  }
  function card(subject, index) {
    const variant = chosen(subject);
    const words = [variant.label, variant.method];
    if (variant.film) words.push(`${variant.film.width} × ${variant.film.height}, ${variant.palette.length} colours`);
    const state = variant.outcome === "made" ? (variant.change === "same" ? "" : variant.change)
      : variant.outcome === "failed" ? "failed" : "not made yet";
    const pair = make("div", { className: "pair" });
    pair.append(thumbnail(subject.film, false, "before"), thumbnail(variant.film, true, "after"));
    const line = make("div", { className: "word" }, subject.name);
    const quiet = make("div", { className: "quiet" }, words.join(" · "));
    if (state) quiet.prepend(make("span", { className: variant.outcome === "failed" ? "bad" : "good" }, `${state} · `));
    if (picked(subject) >= 0) line.prepend("★ ");
    const node = make("button", { type: "button", className: "card", onclick: () => show(index) }, pair, line, quiet);
    node.setAttribute("aria-label", `${subject.name}, ${words.join(", ")}${state ? `, ${state}` : ""}`);
    node.dataset.name = subject.name;
    const item = make("div", { className: "item" }, node);
    item.setAttribute("role", "listitem");
    return item;
  }
  function redraw() { grid = ""; layOut(); }

  // Filters.
  const controls = ["search", "preset", "method", "outcome", "change", "sort", "kept"].map(element);
  function fill(id, values) {
    for (const value of [...new Set(values)].sort()) element(id).append(make("option", { value }, value));
  }
  function score(subject, name) {
    const variant = chosen(subject);
    if (name === "colors") return -variant.palette.length;
    const value = variant.scores ? variant.scores[name] : null;
    return value === null || value === undefined ? Infinity : better.has(name) ? value : -value;
  }
  function filter() {
    const [search, preset, method, outcome, change, sort, kept] = controls;
    const text = search.value.trim().toLowerCase();
    const fits = (subject) => {
      const variant = chosen(subject);
      return (!text || subject.name.toLowerCase().includes(text))
        && (!preset.value || subject.variants.some((one) => one.label === preset.value))
        && (!method.value || variant.method === method.value)
        && (!outcome.value || variant.outcome === outcome.value)
        && (!change.value || variant.change === change.value)
        && (!kept.checked || picked(subject) >= 0);
    };
    shown = subjects.filter(fits);
    if (sort.value !== "name") {
      const keys = new Map(shown.map((subject) => [subject, score(subject, sort.value)]));
      shown.sort((a, b) => keys.get(a) - keys.get(b) || (a.name < b.name ? -1 : 1));
    }
    const failed = subjects.filter((subject) => subject.variants[0].outcome === "failed").length;
    element("counts").textContent = `${shown.length} of ${subjects.length} pictures`
      + (failed ? `, ${failed} failed` : "") + `, ${Object.keys(picks).length} picked`;
    list.scrollTop = 0;
    redraw();
  }

  // The dialog with one picture.
  const detail = element("detail");
  const subject = () => shown[open];
  const variant = () => subject().variants[way];
  function show(index) {
    open = index;
    way = Math.max(0, picked(subject()));
    frame = 0;
    stop();
    element("name").textContent = subject().name;
    element("previous").disabled = index === 0;
    element("next").disabled = index === shown.length - 1;
    if (!detail.open) detail.showModal();
    update();
  }
  function hide() { stop(); detail.close(); redraw(); cards.get(open)?.firstChild.focus(); }
  const times = () => { // of the film with more frames: a still output may be of a clip
    const films = [variant().film, subject().film].filter((film) => film);
    return films.reduce((most, film) => (film.durations.length > most.length ? film.durations : most), [0]);
  };
  const frames = () => times().length;

  function update() {
    const group = element("ways");
    const buttons = subject().variants.map((one, index) => {
      const button = make("button", { type: "button", onclick: () => { way = index; update(); } },
        `${index + 1} ${one.label}${one.outcome === "failed" ? " (failed)" : ""}`);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(index === way));
      return button;
    });
    group.replaceChildren(...buttons);
    const count = frames();
    element("player").hidden = count < 2;
    element("frame").max = String(count - 1);
    frame = Math.min(frame, count - 1);
    facts();
    stage();
  }
  function facts() {
    const one = variant();
    const film = one.film;
    const values = [["outcome", one.outcome === "missing" ? "not made yet" : one.outcome], ["preset", one.label], ["method", one.method]];
    if (film) values.push(["size", `${film.width} × ${film.height}`], ["colours", String(one.palette.length)]);
    if (film && film.durations.length > 1) values.push(["frames", String(film.durations.length)]);
    values.push(["since last time", one.change === "same" ? "unchanged" : one.change]);
    if (one.output) values.push(["file", one.output]);
    element("facts").replaceChildren(...values.flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, value)]));
    element("error").replaceChildren();
    if (one.error) element("error").append(make("p", { className: "bad" }, one.error.cause), make("p", {}, one.error.remedy || ""));
    const found = Object.entries(one.scores || {}).map(([name, value]) => {
      const head = make("th", { scope: "row", title: meanings[name] || "" }, name);
      return make("tr", {}, head, make("td", {}, value === null ? "–" : value.toFixed(3)));
    });
    element("scores").tBodies[0].replaceChildren(...found);
    const most = Math.max(1, ...one.palette.map((use) => use[1]));
    element("palette").replaceChildren(...one.palette.map(([colour, count]) => {
      const patch = make("span");
      patch.style.background = colour;
      const bar = make("span", { className: "much" });
      bar.style.width = `${100 * count / most}%`;
      return make("div", { className: "use" }, patch, make("span", {}, colour), make("span", {}, bar), make("span", {}, String(count)));
    }));
    const mine = picked(subject()) === way;
    element("pick").textContent = mine ? "★ picked: take it back" : "Pick this way";
    element("pick").setAttribute("aria-pressed", String(mine));
    element("pick").hidden = one.outcome !== "made";
  }

  function zoomed(film, panes) {
    const wanted = Number(element("zoom").value);
    if (wanted) return wanted;
    const box = element("stage");
    const caption = panes > 1 ? 28 : 0;
    let fit = 0; // the largest factor with which all panes are seen, over all numbers of columns
    for (let columns = 1; columns <= panes; columns++) {
      const width = (box.clientWidth - 12 * (columns - 1)) / columns;
      const height = (box.clientHeight - 12) / Math.ceil(panes / columns) - caption;
      fit = Math.max(fit, Math.min(width / film.width, height / film.height));
    }
    return fit >= 1 ? Math.floor(fit) : Math.max(fit, 0.05);
  }
  function sized(node, film, factor) {
    node.style.width = `${film.width * factor}px`;
    node.style.height = `${film.height * factor}px`;
    return node;
  }
  function titled(node, title) { return make("figure", {}, node, make("figcaption", {}, title)); }
  function framed(film, cells, title, target, factor) {
    const pane = make("div", { className: "pane ground" });
    const node = canvas(film, cells, title);
    node.dataset.film = cells ? "cells" : "source";
    paint(node, film);
    pane.append(sized(node, target, factor));
    return pane;
  }
  function paint(node, film) {
    const last = film.durations.length - 1;
    const index = Math.min(frame, last);
    const ghosts = element("onion").checked && last > 0 ? [[index - 1, 0.35], [index + 1, 0.2]] : [];
    draw(node, film, index, ghosts);
  }
  function stage() {
    const box = element("stage");
    const one = variant();
    const before = subject().film;
    const view = element("view").value;
    element("divided").hidden = view !== "slider";
    const target = one.film || before;
    if (!target) { box.replaceChildren(); return; }
    if (view === "every") {
      const every = subject().variants.filter((each) => each.film);
      const factor = zoomed(target, every.length + 1);
      const panes = every.map((each) => titled(framed(each.film, true, each.label, each.film, factor * target.width / each.film.width), choice(each)));
      box.replaceChildren(...(before ? [titled(framed(before, false, "before", target, factor), "before")] : []), ...panes);
    } else if (view === "beside" || !one.film || !before) {
      const factor = zoomed(target, 2);
      const panes = before ? [titled(framed(before, false, "before", target, factor), "before")] : [];
      if (one.film) panes.push(titled(framed(one.film, true, "after", target, factor), "after"));
      box.replaceChildren(...panes);
    } else {
      const factor = zoomed(target, 1);
      const pane = framed(one.film, true, "after", target, factor);
      const over = framed(before, false, "before", target, factor);
      over.classList.add("over");
      pane.append(over, make("div", { className: "line" }));
      pane.onpointerdown = (event) => { pane.setPointerCapture(event.pointerId); slide(event, pane); };
      pane.onpointermove = (event) => { if (event.buttons) slide(event, pane); };
      box.replaceChildren(pane);
      divide();
    }
  }
  function choice(each) { // under every way: pick it
    const index = subject().variants.indexOf(each);
    const mine = picked(subject()) === index;
    const node = make("button", { type: "button", onclick: () => { way = index; pick(); } }, `${mine ? "★ picked:" : "Pick"} ${each.label}`);
    node.setAttribute("aria-pressed", String(mine));
    return node;
  }
  function slide(event, pane) {
    const box = pane.getBoundingClientRect();
    element("divide").value = String(100 * (event.clientX - box.left) / box.width);
    divide();
  }
  function divide() {
    const at = Number(element("divide").value);
    const over = detail.querySelector(".over");
    if (!over) return;
    over.style.clipPath = `inset(0 ${100 - at}% 0 0)`;
    detail.querySelector(".line").style.left = `${at}%`;
  }
  function turn(to) {
    const count = frames();
    frame = (to + count) % count;
    element("frame").value = String(frame);
    element("at").textContent = `${frame + 1}/${count}`;
    for (const node of detail.querySelectorAll("canvas[data-film]")) {
      paint(node, node.dataset.film === "source" ? subject().film : nodeFilm(node));
    }
  }
  const nodeFilm = (node) => (subject().variants.find((one) => one.label === node.getAttribute("aria-label")) || variant()).film;
  function stop() { clearTimeout(timer); timer = 0; element("play").setAttribute("aria-pressed", "false"); element("play").textContent = "play"; }
  function play() {
    if (timer) { stop(); return; }
    element("play").setAttribute("aria-pressed", "true");
    element("play").textContent = "pause";
    const step = () => { turn(frame + 1); timer = setTimeout(step, times()[frame]); };
    timer = setTimeout(step, times()[frame]);
  }
  function pick() {
    const name = subject().name;
    if (picked(subject()) === way) delete picks[name]; else picks[name] = variant().label;
    keep();
    update();
    element("counts").textContent = element("counts").textContent.replace(/\d+ picked/, `${Object.keys(picks).length} picked`);
  }

  // Picks as rules of a project file. A pattern takes these characters literally only in brackets.
  const quoted = (text) => JSON.stringify(text);
  const literal = (name) => name.replace(/[*?[{},]/g, (sign) => `[${sign}]`);
  function rules() {
    const parts = subjects.filter((one) => picked(one) >= 0).map((one) => {
      const mine = one.variants[picked(one)];
      const set = Object.entries(mine.set).map(([key, value]) => `${quoted(key)} = ${toml(value)}`);
      const line = set.length ? `\nset = { ${set.join(", ")} }` : "";
      return `[[rule]]\nmatch = ${quoted(literal(one.name))}\npreset = ${quoted(mine.preset)}${line}\n`;
    });
    return parts.join("\n");
  }
  const toml = (value) => (Array.isArray(value) ? `[${value.map(toml).join(", ")}]` : JSON.stringify(value));

  // Wiring.
  for (const control of controls) control.addEventListener("input", filter);
  element("filters").addEventListener("submit", (event) => event.preventDefault());
  list.addEventListener("scroll", () => requestAnimationFrame(() => layOut(16)), { passive: true });
  new ResizeObserver(() => { layOut(); if (detail.open) stage(); }).observe(list);
  const grounds = ["checks", "light", "dark", "green"];
  element("ground").onclick = () => {
    const now = grounds[(grounds.indexOf(document.body.dataset.ground || "checks") + 1) % grounds.length];
    document.body.dataset.ground = now;
    element("ground").textContent = `Ground: ${now}`;
  };
  element("previous").onclick = () => show(open - 1);
  element("next").onclick = () => show(open + 1);
  element("close").onclick = hide;
  detail.addEventListener("cancel", (event) => { event.preventDefault(); hide(); });
  element("view").onchange = stage;
  element("zoom").onchange = stage;
  element("divide").oninput = divide;
  element("frame").oninput = () => { stop(); turn(Number(element("frame").value)); };
  element("onion").onchange = () => turn(frame);
  element("play").onclick = play;
  element("pick").onclick = pick;
  detail.addEventListener("keydown", (event) => {
    if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) return;
    if (event.key === "ArrowRight" && open < shown.length - 1) show(open + 1);
    else if (event.key === "ArrowLeft" && open > 0) show(open - 1);
    else if (event.key === " " && frames() > 1 && event.target.tagName !== "BUTTON") { event.preventDefault(); play(); }
    else if (/^[1-9]$/.test(event.key) && subject().variants[event.key - 1]) { way = event.key - 1; update(); }
  });
  element("export").onclick = () => {
    const text = rules();
    element("rules").value = text || "# Nothing is picked yet.\n";
    element("save").href = `data:application/toml;charset=utf-8,${encodeURIComponent(text)}`;
    element("exported").showModal();
  };
  element("exported-close").onclick = () => element("exported").close();
  element("copy").onclick = () => { element("rules").select(); document.execCommand("copy"); };
  fill("preset", subjects.flatMap((one) => one.variants.map((each) => each.label)));
  fill("method", subjects.flatMap((one) => one.variants.map((each) => each.method)));
  filter();
  document.body.dataset.ready = "yes";
})();
