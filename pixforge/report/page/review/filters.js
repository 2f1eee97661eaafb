// Filters, and the order of the list.
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
