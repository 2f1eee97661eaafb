// Frames of a clip, one by one or in their time.
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
