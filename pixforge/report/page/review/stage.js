// The stage of the dialog: before and after in one pane, beside each other, or every way.
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
