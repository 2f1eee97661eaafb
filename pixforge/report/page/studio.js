"use strict";
(() => {
  const element = (id) => document.getElementById(id);
  const make = (tag, values = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), values);
    node.append(...children);
    return node;
  };
  const meanings = JSON.parse(element("meanings").innerHTML);
  let options = null;
  const page = crypto.randomUUID(); // each page waits only for its own wishes
  let number = 0; // of the newest wish
  let shown = []; // [{label, answer}] on the stage
  let base = {}; // the preset's own values

  async function ask(path, init = {}) {
    const answer = await fetch(path, init);
    const content = await answer.json().catch(() => ({ error: { cause: `no answer (${answer.status})`, remedy: "" } }));
    if (content.error) throw Object.assign(new Error(content.error.cause), { remedy: content.error.remedy, kind: content.error.kind });
    return content;
  }
  const send = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const say = (text) => { element("status").textContent = text; };
  function complain(error) {
    element("error").replaceChildren(error ? `${error.message}. ${error.remedy || ""}` : "");
  }
  const fill = (id, values) => element(id).replaceChildren(...values.map(([value, text]) => make("option", { value }, text ?? value)));

  async function start() {
    options = await ask("api/options");
    fill("preset", options.presets.map((one) => [one.name]));
    fill("source", [["fit", "the drawing"], ...options.palettes.map((one) => [one.name, `${one.name} (${one.colors})`])]);
    fill("dither", options.dithers.map((name) => [name]));
    fill("outline", options.outlines.map((name) => [name]));
    for (const picture of options.pictures) list(picture);
    element("preset").value = options.default_preset;
    await takePreset();
    document.body.dataset.ready = "yes";
  }

  async function takePreset() {
    const name = element("preset").value;
    const preset = options.presets.find((one) => one.name === name);
    base = await ask(`api/presets/${encodeURIComponent(name)}`);
    element("about").textContent = preset.description;
    const usable = options.methods.filter((one) => !one.missing.length && one.usable !== false && one.directions.includes(base.direction));
    fill("method", usable.map((one) => [one.name]));
    element("method").value = base.method.name;
    const [by, size] = sizeOf(base.grid);
    element("by").value = by;
    ranged(size);
    const source = base.palette.source;
    if (![...element("source").options].some((one) => one.value === source)) element("source").append(make("option", { value: source, disabled: true }, "the preset's own"));
    element("source").value = source;
    element("colors").value = String(base.palette.colors || 16);
    element("dither").value = base.palette.dither;
    element("outline").value = base.outline.mode;
    element("inner").checked = base.outline.inner;
    element("orphans").checked = base.cleanup.orphans;
    captions();
    await convert();
  }
  function sizeOf(grid) {
    if (grid.size) return ["height", grid.size[1]];
    if (typeof grid.cell === "number") return ["cell", grid.cell];
    if (grid.height) return ["height", grid.height];
    if (grid.width) return ["width", grid.width];
    return ["height", 64];
  }
  function ranged(size) {
    const cell = element("by").value === "cell";
    Object.assign(element("size"), { min: cell ? "1" : "8", max: cell ? "64" : "192", value: String(size) });
  }
  function captions() {
    element("size-value").textContent = element("size").value;
    element("colors-value").textContent = `${element("colors").value} colours`;
  }

  // Only what differs from the preset is set, so that a saved preset says what was meant.
  function wishes() {
    const set = {};
    const [by, size] = sizeOf(base.grid);
    if (element("by").value !== by || Number(element("size").value) !== size) set[`grid.${element("by").value}`] = Number(element("size").value);
    const compare = (key, value, own) => { if (value !== own) set[key] = value; };
    compare("method.name", element("method").value, base.method.name);
    const source = element("source").value;
    compare("palette.source", source, base.palette.source);
    if (touched.has("colors")) set["palette.colors"] = Number(element("colors").value);
    compare("palette.dither", element("dither").value, base.palette.dither);
    compare("outline.mode", element("outline").value, base.outline.mode);
    compare("outline.inner", element("inner").checked, base.outline.inner);
    compare("cleanup.orphans", element("orphans").checked, base.cleanup.orphans);
    return set;
  }
  const touched = new Set();

  async function convert() {
    const id = element("picture").value;
    if (!id) return;
    const wanted = ++number;
    const every = element("view").value === "methods";
    const methods = every ? [...element("method").options].map((one) => one.value) : [element("method").value];
    const found = [];
    try {
      for (const method of methods) {
        const set = wishes();
        if (every) set["method.name"] = method;
        const answer = await send("api/convert", { id, preset: element("preset").value, set, page, number: wanted });
        if (wanted !== number || answer.superseded) return;
        found.push({ label: method, answer });
      }
    } catch (error) {
      if (wanted === number) { complain(error); say("not converted"); }
      return;
    }
    complain(null);
    shown = found;
    const { answer } = found[0];
    say(`${answer.width} × ${answer.height}, ${answer.palette.length} colours, ${Math.round(1000 * answer.seconds)} ms`);
    draw();
    document.body.dataset.done = String(wanted);
  }

  const url = (text) => `data:image/png;base64,${text}`;
  function picture(text, cells, label, answer, factor) {
    const node = make("img", { src: url(text), alt: label, className: cells ? "cells" : "" });
    node.style.width = `${answer.width * factor}px`;
    node.style.height = `${answer.height * factor}px`;
    return node;
  }
  function factorFor(answer, panes) {
    const wanted = Number(element("zoom").value);
    if (wanted) return wanted;
    const box = element("stage");
    let fit = 0;
    for (let columns = 1; columns <= panes; columns++) {
      const width = (box.clientWidth - 12 * (columns - 1)) / columns;
      const height = (box.clientHeight - 12) / Math.ceil(panes / columns) - 24;
      fit = Math.max(fit, Math.min(width / answer.width, height / answer.height));
    }
    return fit >= 1 ? Math.floor(fit) : Math.max(fit, 0.05);
  }
  function draw() {
    if (!shown.length) return;
    const { answer } = shown[0];
    const view = element("view").value;
    element("divided").hidden = view !== "slider";
    const titled = (node, text) => make("figure", {}, make("div", { className: "pane" }, node), make("figcaption", {}, text));
    if (view === "slider") {
      const factor = factorFor(answer, 1);
      const over = picture(answer.before, false, "before", answer, factor);
      over.classList.add("over");
      const pane = make("div", { className: "pane" }, picture(answer.image, true, "after", answer, factor), over, make("div", { className: "line" }));
      element("stage").replaceChildren(pane);
      divide();
    } else {
      const factor = factorFor(answer, shown.length + 1);
      const after = shown.map(({ label, answer: one }) => titled(picture(one.image, true, shown.length > 1 ? label : "after", one, factor * answer.width / one.width),
        shown.length > 1 ? `${label}, ${Math.round(1000 * one.seconds)} ms` : "after"));
      element("stage").replaceChildren(titled(picture(answer.before, false, "before", answer, factor), "before"), ...after);
    }
    element("palette").replaceChildren(...answer.palette.map(([colour, count]) => {
      const patch = make("span", { title: `${colour}, ${count} cells` });
      patch.style.background = colour;
      return patch;
    }));
    element("scores").tBodies[0].replaceChildren(...Object.entries(answer.scores).map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row", title: meanings[name] || "" }, name), make("td", {}, value === null ? "–" : value.toFixed(3)))));
    Object.assign(element("download"), { hidden: false, href: url(answer.image), download: "picture.png" });
  }
  function divide() {
    const over = document.querySelector(".over");
    if (!over) return;
    over.style.clipPath = `inset(0 ${100 - Number(element("divide").value)}% 0 0)`;
    document.querySelector(".line").style.left = `${element("divide").value}%`;
  }

  function list(one) {
    element("picture").append(make("option", { value: one.id }, `${one.name} (${one.width} × ${one.height})`));
    element("picture").value = one.id;
  }
  async function take(file) {
    say(`reading ${file.name}`);
    try {
      list(await ask(`api/pictures?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file }));
      complain(null);
      await convert();
    } catch (error) { complain(error); say("not a picture that can be used"); }
  }

  let pause = 0;
  const soon = () => { captions(); element("saved").textContent = ""; clearTimeout(pause); pause = setTimeout(convert, 20); };
  for (const id of ["method", "size", "source", "colors", "dither", "outline", "inner", "orphans"]) {
    element(id).addEventListener("input", () => { touched.add(id); soon(); });
  }
  element("source").addEventListener("input", () => touched.delete("colors"));
  element("by").addEventListener("input", () => { ranged(element("by").value === "cell" ? 8 : 64); soon(); });
  element("preset").addEventListener("input", () => { touched.clear(); takePreset().catch(complain); });
  element("picture").addEventListener("input", convert);
  element("view").addEventListener("input", () => { if (element("view").value === "methods" || shown.length > 1) convert(); else draw(); });
  element("zoom").addEventListener("input", draw);
  element("divide").addEventListener("input", divide);
  element("file").addEventListener("change", () => { if (element("file").files[0]) take(element("file").files[0]); });
  document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  const grounds = ["checks", "light", "dark", "green"];
  element("ground").onclick = () => {
    const now = grounds[(grounds.indexOf(document.body.dataset.ground || "checks") + 1) % grounds.length];
    document.body.dataset.ground = now;
    element("ground").textContent = `Ground: ${now}`;
  };
  element("controls").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = element("name").value.trim();
    element("saved").textContent = "";
    try {
      const saved = await send(`api/presets/${encodeURIComponent(name)}`, { preset: element("preset").value, set: wishes(), replace: element("replace").checked });
      complain(null);
      element("saved").textContent = `saved: ${saved.path}`;
    } catch (error) { complain(error); }
  });
  new ResizeObserver(draw).observe(element("stage"));
  start().catch((error) => { complain(error); say("the page could not be set up"); });
})();
