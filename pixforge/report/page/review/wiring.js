// What the controls do, and the first list.
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
