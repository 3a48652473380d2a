// A curve of points: dragged, drawn across, or moved by the arrow keys.
const space = "http://www.w3.org/2000/svg";
const size = {width: 900, height: 170, left: 44, right: 8, top: 12, bottom: 26};
let values = [];
let chosen = 0;

const root = () => element.querySelector(".curve");
const read = () => JSON.parse(props.value || '{"values": []}').values;
const x = (i) => size.left + (i + 0.5) * (size.width - size.left - size.right) / values.length;
const y = (v) => size.top + (size.height - size.top - size.bottom)
  * (props.high - v) / (props.high - props.low);
const made = (kind, attributes, parent) => {
  const node = document.createElementNS(space, kind);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  parent.appendChild(node);
  return node;
};
const word = (v) => v === null ? "missing" : String(Math.round(v * 100) / 100);

function draw(focus) {
  const old = root();
  old.textContent = "";
  old.className = "curve picture";
  const svg = made("svg", {viewBox: `0 0 ${size.width} ${size.height}`, role: "group",
    "aria-label": props.curve_label}, old);
  for (const v of [props.low, 0, props.high]) {
    if (v < props.low) continue;
    made("line", {x1: size.left, x2: size.width - size.right, y1: y(v), y2: y(v),
      class: "grid"}, svg);
    made("text", {x: size.left - 6, y: y(v) + 4, "text-anchor": "end", "font-size": 12},
      svg).textContent = v;
  }
  let path = "", up = true;
  values.forEach((v, i) => {
    if (v !== null) path += (up ? "M" : "L") + x(i).toFixed(1) + " " + y(v).toFixed(1);
    up = v === null;
  });
  made("path", {d: path, class: "line black"}, svg);
  const few = values.length <= 60;
  values.forEach((v, i) => {
    const every = values.length / props.names.length;
    if (i % every === 0) made("text", {x: x(i), y: size.height - 6,
      "text-anchor": every > 1 ? "start" : "middle", "font-size": 12}, svg).textContent = props.names[i / every];
    if (v === null) made("rect", {x: x(i) - 2, y: size.top, width: 4,
      height: size.height - size.top - size.bottom, class: "missing"}, svg);
    const dot = made("circle", {cx: x(i), cy: y(v === null ? props.low : v),
      r: few ? 6 : 3, class: few ? "point" : "point small", tabindex: i === chosen ? 0 : -1, role: "slider",
      "aria-label": `${props.curve_label} ${i}`, "aria-valuemin": props.low,
      "aria-valuemax": props.high, "aria-valuenow": v === null ? props.low : v,
      "aria-valuetext": word(v)}, svg);
    dot.addEventListener("keydown", (event) => pressed(event, i));
    dot.addEventListener("focus", () => { chosen = i; });
  });
  svg.addEventListener("pointerdown", begin);
  if (focus) svg.querySelectorAll(".point")[chosen]?.focus();
}

function snapped(v) {
  const stepped = Math.round(v / props.step) * props.step;
  return Math.min(props.high, Math.max(props.low, Math.round(stepped * 1e6) / 1e6));
}

function pressed(event, i) {
  const moves = {ArrowUp: props.step, ArrowDown: -props.step,
    PageUp: 5 * props.step, PageDown: -5 * props.step};
  if (event.key in moves) {
    values[i] = snapped((values[i] === null ? props.low : values[i]) + moves[event.key]);
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    chosen = Math.min(values.length - 1, Math.max(0, i + (event.key === "ArrowLeft" ? -1 : 1)));
  } else if (event.key === "Delete" && props.missing) {
    values[i] = null;
  } else return;
  event.preventDefault();
  draw(true);
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") done();
}

function begin(event) {
  const svg = event.currentTarget;
  const place = (at) => {
    const box = svg.getBoundingClientRect();
    const px = (at.clientX - box.left) * size.width / box.width;
    const py = (at.clientY - box.top) * size.height / box.height;
    const i = Math.floor((px - size.left) / (size.width - size.left - size.right) * values.length);
    if (i < 0 || i >= values.length) return;
    const v = props.high - (py - size.top) / (size.height - size.top - size.bottom)
      * (props.high - props.low);
    chosen = i;
    values[i] = props.missing && v < props.low - (props.high - props.low) * 0.06
      ? null : snapped(v);
    draw(false);
  };
  const move = (at) => place(at);
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    done();
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  event.preventDefault();
  place(event);
}

let focused = false;
function done() {
  focused = root().contains(document.activeElement);
  props.value = JSON.stringify({values: values});
  trigger("change");
}

function shown() {
  values = read();
  draw(focused);
  focused = false;
}

watch("value", shown);
shown();
