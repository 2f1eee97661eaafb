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
