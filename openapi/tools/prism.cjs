// Prism tells what it found in a header, and dies where that quotes a character which no header may have.
const { ServerResponse } = require("node:http");
const { setHeader } = ServerResponse.prototype;
ServerResponse.prototype.setHeader = function (name, value) {
  return setHeader.call(this, name, name === "sl-violations" ? value.replace(/[^\x20-\x7e]/g, "?") : value);
};
