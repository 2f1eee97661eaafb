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
