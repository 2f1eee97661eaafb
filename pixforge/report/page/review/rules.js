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
