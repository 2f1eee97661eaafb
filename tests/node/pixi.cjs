// Parses a TexturePacker JSON with PixiJS and prints, as JSON, each texture's place and each animation's textures.
const fs = require("fs");

globalThis.self = globalThis; // PixiJS expects a browser's global object
const { BaseTexture } = require("@pixi/core");
const { Spritesheet } = require("@pixi/spritesheet");

async function main() {
  const data = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const page = new BaseTexture(null, { width: data.meta.size.w, height: data.meta.size.h });
  const sheet = new Spritesheet(page, data);
  await sheet.parse();
  const box = (rectangle) => rectangle && [rectangle.x, rectangle.y, rectangle.width, rectangle.height];
  const textures = {};
  for (const [name, texture] of Object.entries(sheet.textures)) {
    textures[name] = {
      frame: box(texture.frame),
      orig: box(texture.orig),
      trim: box(texture.trim),
      anchor: [texture.defaultAnchor.x, texture.defaultAnchor.y],
    };
  }
  const animations = {};
  for (const [name, frames] of Object.entries(sheet.animations)) {
    animations[name] = frames.map((texture) => texture.textureCacheIds[0]);
  }
  console.log(JSON.stringify({ textures, animations }));
}

main();
