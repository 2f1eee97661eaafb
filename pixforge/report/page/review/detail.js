// The dialog with one picture: which it is, its ways, and what is known about it.
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
function pick() {
  const name = subject().name;
  if (picked(subject()) === way) delete picks[name]; else picks[name] = variant().label;
  keep();
  update();
  element("counts").textContent = element("counts").textContent.replace(/\d+ picked/, `${Object.keys(picks).length} picked`);
}
