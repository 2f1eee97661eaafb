// Reads an .aseprite file with ase-parser and prints what it finds as JSON.
const fs = require("fs");
const Aseprite = require("ase-parser");

const path = process.argv[2];
const file = new Aseprite(fs.readFileSync(path), path);
file.parse();
const plain = (value) => JSON.parse(JSON.stringify(value, (key, item) => (typeof item === "bigint" ? Number(item) : item)));
console.log(
  JSON.stringify({
    size: [file.width, file.height],
    depth: file.colorDepth,
    transparent: file.paletteIndex,
    palette: file.palette ? file.palette.colors.map((color) => [color.red, color.green, color.blue, color.alpha]) : null,
    layers: plain(file.layers),
    tags: plain(file.tags),
    slices: plain(file.slices),
    frames: file.frames.map((frame) => ({
      duration: frame.frameDuration,
      cels: frame.cels.map((cel) => ({
        layer: cel.layerIndex,
        x: cel.xpos,
        y: cel.ypos,
        opacity: cel.opacity,
        link: cel.celType === 1 ? cel.link : null,
        width: cel.w,
        height: cel.h,
        data: cel.rawCelData ? Buffer.from(cel.rawCelData).toString("hex") : null,
      })),
    })),
  }),
);
