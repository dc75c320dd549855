// Letters of the review queue: what is done with the entry in hand. Works on the buttons that are there without it.
"use strict";

function press(row, act) {
  const target = row ?? document.querySelector("[data-row]");
  target?.querySelector(`[data-act="${act}"]`)?.click();
}

window.deskKeys = {
  a: (row) => press(row, "approve"),
  r: (row) => press(row, "reject"),
  v: (row) => {
    const preview = (row ?? document.querySelector("[data-row]"))?.querySelector("details.preview");
    if (preview) preview.open = !preview.open;
  },
};
