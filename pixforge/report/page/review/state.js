// What the page shows, and what was picked.
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
