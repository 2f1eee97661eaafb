"use strict";
// The records come from review-data.js; pictures are drawn on canvases, cell by cell, frame by frame.
// The parts are joined into one function, whose names they share; what a part runs at once stands below what it needs.
(() => {
{% include "review/state.js" %}
{% include "review/pictures.js" %}
{% include "review/list.js" %}
{% include "review/filters.js" %}
{% include "review/detail.js" %}
{% include "review/stage.js" %}
{% include "review/player.js" %}
{% include "review/rules.js" %}
{% include "review/wiring.js" %}
})();
