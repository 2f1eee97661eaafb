# For a game's Makefile: include sprites.mk, and let the target that packs the game depend on `sprites`.
#
#   make sprites         what changed is converted, what lost its drawing is removed
#   make sprites-check   nothing is written; fails if something would change
#   make sprites-clean   the sprites and what is known about them
#
# pixforge.toml says what becomes of which drawing.
PIXFORGE ?= pixforge
SPRITES ?= $(shell sed -n "s/^output *= *[\"']\(.*\)[\"'].*/\1/p" pixforge.toml)

.PHONY: sprites sprites-check sprites-clean

# Always asked, never guessed by time stamps: presets and palettes count as well. Asking takes a moment.
sprites:
	$(PIXFORGE) batch --prune

sprites-check:
	$(PIXFORGE) batch --check --prune

sprites-clean:
	rm -rf -- "$(SPRITES)" .pixforge
