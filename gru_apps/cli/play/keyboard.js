// A small keyboard: keys of the mouse, of a finger, or a w s e d f t g y h u j k.
const names = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const typed = "awsedftgyhujkolp";
let notes = [], length = 4, sound = null;

const named = (pitch) => pitch ? names[pitch % 12] + (Math.floor(pitch / 12) - 1) : "rest";

function heard(pitch) {
  if (!pitch) return;
  sound = sound || new AudioContext();
  const tone = sound.createOscillator(), level = sound.createGain();
  tone.type = "triangle";
  tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
  level.gain.setValueAtTime(0.2, sound.currentTime);
  level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + length * 0.19);
  tone.connect(level).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + length * 0.19);
}

function told() {
  props.value = JSON.stringify({notes: notes});
  trigger("change");
  draw();
}

function add(pitch) {
  notes.push([pitch, length]);
  heard(pitch);
  told();
}

function button(parent, text, label, act, css) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.className = css || "";
  made.addEventListener("click", act);
  parent.appendChild(made);
  return made;
}

function draw() {
  const old = element.querySelector(".keyboard");
  const inside = old.contains(document.activeElement)
    ? document.activeElement.getAttribute("aria-label") : null;
  old.textContent = "";
  const keys = document.createElement("div");
  keys.className = "keys";
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", "keyboard");
  for (let pitch = props.lowest; pitch <= props.highest; pitch++) {
    const black = names[pitch % 12].length > 1;
    button(keys, black ? "" : named(pitch), named(pitch), () => add(pitch),
      black ? "black" : "white");
  }
  const more = document.createElement("div");
  more.className = "lengths";
  for (const [name, sixteenths] of [["eighth", 2], ["quarter", 4], ["half", 8]])
    button(more, name, name, () => { length = sixteenths; draw(); },
      length === sixteenths ? "chosen" : "")
      .setAttribute("aria-pressed", length === sixteenths);
  button(more, "rest", "rest", () => add(0));
  button(more, "undo", "undo", () => { notes.pop(); told(); });
  button(more, "clear", "clear", () => { notes = []; told(); });
  const said = document.createElement("p");
  said.className = "label";
  said.setAttribute("aria-live", "polite");
  said.textContent = notes.length
    ? notes.map(([pitch, size]) => `${named(pitch)} (${size / 4})`).join("  ")
    : "No notes yet: click the keys, or type a w s e d f t g y h u j k.";
  old.append(keys, more, said);
  if (inside) old.querySelector(`[aria-label="${inside}"]`)?.focus();
}

element.addEventListener("keydown", (event) => {
  const place = typed.indexOf(event.key);
  if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  add(props.lowest + place);
});

function shown() {
  notes = JSON.parse(props.value || '{"notes": []}').notes;
  draw();
}

watch("value", shown);
shown();
